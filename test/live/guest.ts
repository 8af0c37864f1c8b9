import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { escapeXml } from "../../src/libvirt/write.js";

const TIDEMARK = fileURLToPath(new URL("../../dist/bin/tidemark.js", import.meta.url));
const URI = "qemu:///system";
/** In memory: the runs sync after each line of their journal, and here nothing has to survive a power cut. */
const SCRATCH = "/dev/shm";

export interface GuestDisk {
  readonly target: string;
  readonly format: "qcow2" | "raw";
  /** Such as `4M`. */
  readonly size: string;
  /** Absent: virtio. */
  readonly bus?: "nvme";
  /** An image to begin with, with file systems: the guest alone writes there and knows what is true. */
  readonly content?: string;
  /** Whether a raw file beside the image keeps its data (`<dataStore>`). */
  readonly dataStore?: true;
  /** The block device that it is on; it is raw with what is there, or becomes an empty qcow2 image. */
  readonly device?: string;
}

export interface Hardware {
  /** In MiB; default 64. */
  readonly memory?: number;
  /** Called once the domain is defined, before its first start. */
  readonly beforeStart?: () => void;
  readonly os?: string;
  readonly devices?: string;
}

/** Firmware with variables in a file that libvirt chooses, and an emulated TPM: what a stock guest of today has. */
export const UEFI_AND_TPM: Hardware = {
  os: "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><features><acpi/><smm state='on'/></features>",
  devices: "<interface type='user'/><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>",
};

/** A running domain without an operating system, its disks and a scratch folder; `remove` leaves nothing of it. */
export interface Guest {
  readonly name: string;
  readonly uuid: string;
  /** Scratch folder: images, inventory, policy, plan and repository lie below it. */
  readonly folder: string;
  /** Runs `qemu-io` commands inside QEMU, as if the guest wrote, and flushes. */
  readonly write: (target: string, ...commands: readonly string[]) => void;
  /** sha256 of each disk as the guest sees it now, without those with a `content`. */
  readonly truth: () => ReadonlyMap<string, string>;
  readonly image: (disk: GuestDisk | string) => string;
  readonly virsh: (...args: readonly string[]) => string;
  readonly disks: GuestDisk[];
  readonly remove: () => void;
}

/** Runs a program to its end. @throws unless it exits with `status` (0) */
export function sh(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; status?: number | "any"; input?: string } = {},
): SpawnSyncReturns<string> {
  const done = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 64 << 20,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.input !== undefined && { input: options.input }),
    env: { ...process.env, ...options.env },
  });
  const expected = options.status ?? 0;
  if (expected !== "any" && done.status !== expected) {
    throw new Error(
      `${program} ${args.join(" ")} ended with ${done.status ?? done.signal}, not ${expected}\n${done.stdout}${done.stderr}`,
    );
  }
  return done;
}

export function tidemark(cwd: string, ...args: readonly string[]): string {
  return sh(process.execPath, [TIDEMARK, ...args], { cwd }).stdout;
}

/** The user that QEMU runs as: the distribution's own; null, and root by the daemon's settings, with TIDEMARK_QEMU=root. */
const QEMU = process.env["TIDEMARK_QEMU"] === "root" ? null : qemuUser();

function qemuUser(): { uid: number; gid: number } {
  const [, uid, gid] = /^libvirt-qemu:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/** Ends and forgets a domain, whatever state it is in; one that is not there is fine. */
export function discard(domain: string): void {
  sh("virsh", ["-c", URI, "destroy", "--domain", domain], { status: "any" });
  sh("virsh", ["-c", URI, "undefine", "--domain", domain, "--checkpoints-metadata", "--nvram"], {
    status: "any",
  });
}

/**
 * Defines and starts a domain on fresh disks, in the place of one that a suite cut short has left.
 * @param user null for root
 * @param hardware XML beside the disks: of the firmware in place of `<os>`, and of more devices
 */
export function startGuest(
  name: string,
  disks: readonly GuestDisk[],
  folderName = "tidemark live ",
  user = QEMU,
  hardware: Hardware = {},
): Guest {
  discard(name);
  const folder = mkdtempSync(join(SCRATCH, folderName));
  // QEMU goes through it, and makes sockets in it.
  if (user !== null) chownSync(folder, user.uid, user.gid);
  mkdirSync(join(folder, "images"));
  const image = (disk: GuestDisk | string) => {
    const found = typeof disk === "string" ? own.find(({ target }) => target === disk) : disk;
    return found?.device ?? join(folder, "images", `${found?.target}.${found?.format}`);
  };
  const own = [...disks];
  for (const disk of own) {
    const store = disk.dataStore ? ["-o", `data_file=${image(disk)}.data,data_file_raw=on`] : [];
    if (disk.device !== undefined && disk.format === "raw") continue;
    if (disk.content === undefined) {
      sh("qemu-img", ["create", "-q", "-f", disk.format, ...store, image(disk), disk.size]);
    } else {
      copyFileSync(disk.content, image(disk));
    }
  }
  const xml = `<domain type='qemu'><name>${escapeXml(name)}</name><memory unit='MiB'>${hardware.memory ?? 64}</memory>
    ${hardware.os ?? "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"}
    <devices>${hardware.devices ?? ""}${own.map((disk) => diskXml(disk, image(disk))).join("")}
    <controller type='pci' index='0' model='pcie-root'/>${"<controller type='pci' model='pcie-root-port'/>".repeat(8)}</devices>
    ${user === null ? "" : `<seclabel type='static' model='dac' relabel='yes'><label>+${user.uid}:+${user.gid}</label></seclabel>`}</domain>`;
  writeFileSync(join(folder, "domain.xml"), xml);
  sh("virsh", ["-c", URI, "define", join(folder, "domain.xml")]);
  const uuid = sh("virsh", ["-c", URI, "domuuid", "--domain", name]).stdout.trim();
  const virsh = (command: string, ...args: readonly string[]) =>
    sh("virsh", ["-c", URI, command, "--domain", uuid, ...args]).stdout;
  try {
    hardware.beforeStart?.();
    virsh("start");
  } catch (reason) {
    discard(uuid);
    throw reason;
  }
  return {
    name,
    uuid,
    folder,
    disks: own,
    image,
    virsh: virsh as Guest["virsh"],
    write: (target, ...commands) => {
      const alias = aliasOf(virsh("dumpxml"), target);
      const backend = `/machine/peripheral/${alias}${alias.startsWith("virtio") ? "/virtio-backend" : ""}`;
      const calls = [...commands, "flush"].map(
        (command) => `qemu-monitor-command --domain ${uuid} --hmp 'qemu-io -d ${backend} "${command}"'`,
      );
      // All in one virsh, which ends where one fails.
      const said = sh("virsh", ["-c", URI, calls.join("; ")]).stdout;
      if (/fail|error/i.test(said)) throw new Error(`${commands.join("; ")} on ${target}: ${said}`);
    },
    truth: () =>
      new Map(
        own
          .filter(({ content }) => content === undefined)
          .map((disk) => [disk.target, contentOf(image(disk), disk.format)]),
      ),
    remove: () => {
      discard(uuid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function diskXml(disk: GuestDisk, path: string): string {
  const store = disk.dataStore
    ? `<dataStore type='file'><format type='raw'/><source file='${escapeXml(path)}.data'/></dataStore>`
    : "";
  const [type, attribute] = disk.device === undefined ? ["file", "file"] : ["block", "dev"];
  return `<disk type='${type}' device='disk'><driver name='qemu' type='${disk.format}' discard='unmap'/>
    <source ${attribute}='${escapeXml(path)}'>${store}</source><target dev='${disk.target}' bus='${disk.bus ?? "virtio"}'/>${disk.bus === "nvme" ? "<serial>tidemark</serial>" : ""}</disk>`;
}

function aliasOf(xml: string, target: string): string {
  const disk = xml.split("<disk ").find((part) => part.includes(`<target dev='${target}'`));
  return /<alias name='([^']+)'/.exec(disk ?? "")?.[1] ?? "";
}

/** sha256 of what a disk holds, read beside its running QEMU. */
export function contentOf(path: string, format: string): string {
  const raw = `${path}.truth`;
  sh("qemu-img", ["convert", "-U", "-f", format, "-O", "raw", path, raw]);
  const sum = sh("sha256sum", [raw]).stdout.slice(0, 64);
  rmSync(raw);
  return sum;
}

/** Writes what `virsh` and the repository say as an inventory. */
export function captureInventory(guest: Guest, repository: string): void {
  tidemark(guest.folder, "inventory", "-c", URI, "--repository", repository, "--", guest.name);
}

/** Writes a restore point's saved XML, and its checksum into the manifest, as somebody might who can write there. */
export function saveXml(folder: string, xml: string): void {
  writeFileSync(join(folder, "domain.xml"), xml);
  const file = join(folder, "manifest.json");
  const sum = createHash("sha256").update(xml).digest("hex");
  const manifest = readFileSync(file, "utf8").replace(/("domainXml":.*"sha256":")[0-9a-f]*/, `$1${sum}`);
  writeFileSync(file, manifest);
}

export function checkpointsOf(guest: Guest): string[] {
  return guest.virsh("checkpoint-list", "--name").split("\n").filter(Boolean);
}

/** The restore points in a domain's folder of a repository: those with a manifest. */
export function pointsOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "manifest.json")))
    .sort();
}

/** A number for a test's randomness, the same on each machine. */
export function seeded(seed: string): (below: number) => number {
  let count = 0;
  return (below) => {
    count += 1;
    return createHash("sha256").update(`${seed} ${count}`).digest().readUInt32BE() % below;
  };
}
