import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkpoint } from "../../src/libvirt/checkpoint.js";
import type { Domain } from "../../src/libvirt/domain.js";
import { FEATURES, knows } from "../../src/libvirt/features.js";
import { readCheckpoint } from "../../src/libvirt/read-checkpoint.js";
import { readDomain } from "../../src/libvirt/read-domain.js";
import { sh } from "../live/guest.js";
import { installedLibvirt } from "../support/relaxng.js";

const URI = "qemu:///system";
const EMULATOR = "qemu-system-x86_64";

/** The secret of the encrypted disk, with which images may be encrypted, too. */
export const SECRET = { uuid: "0a81f5b2-8403-7b23-c8d6-21ccc2f80d70", usage: "tidemark-oracle" } as const;

/** Disks as `TARGET KIND`; kinds are what libvirt treats differently. */
export const SHAPES: Readonly<Record<string, readonly string[]>> = {
  plain: ["vda qcow2", "vdb qcow2", "vdc raw"],
  drives: ["vda qcow2", "sda empty", "sdb cdrom", "vdb readonly"],
  odd: ["vda qcow2", "vdb transient", "vdc shareable", "vdd raw"],
  network: ["vda qcow2", "vdb nbd-raw", "vdc nbd-qcow2"],
  stores: ["vda qcow2", "vdb volume", "vdc block"],
  encrypted: ["vda qcow2", "vdb luks"],
  foreign: ["vda qcow2", "vdb vhostuser", "vdc folder"],
  hotplug: ["vda qcow2", "sdb scsi", "sdc spare"],
  // Of what can be passed through here QEMU takes only a loop device on virtio, and its newer releases no longer do.
  ...(sh(EMULATOR, ["-device", "virtio-blk-pci,help"]).stdout.includes(" scsi=") && {
    lun: ["vda qcow2", "vdb lun"],
  }),
  ...(knows(installedLibvirt(), FEATURES.dataStore) && { data: ["vda qcow2", "vdb dataStore"] }),
  ...(knows(installedLibvirt(), FEATURES.nvmeBus) && { nvme: ["vda qcow2", "nvme0n1 nvme"] }),
};

/** Disks that are plugged in, or pulled out again, between two documents. The checkpoints know nothing of that. */
export const CHANGES: Readonly<Record<string, readonly string[]>> = { hotplug: ["sdc", "sdb", "sdb"] };

/** All targets that a domain of the shape ever has. */
export function targetsOf(shape: string): string[] {
  return (SHAPES[shape] ?? []).map((disk) => disk.replace(/ .*/, ""));
}

/** What QEMU says where it was not given the processor while it measured how often to hash a passphrase. */
export const UNTIMED = "Unable to get accurate CPU usage";

/** A device of virtio 0.9, as only that passes SCSI commands through. */
const LEGACY = `<qemu:override><qemu:device alias='ua-lun'><qemu:frontend>
  <qemu:property name='disable-modern' type='bool' value='true'/><qemu:property name='disable-legacy' type='string' value='off'/>
  </qemu:frontend></qemu:device></qemu:override>`;

/** What must be ended or removed when a shape is not needed any more. */
type Undo = () => void;

/** A running domain of one of the shapes, with the checkpoints `base` on all its qcow2 disks and `part` on `vda` alone. */
export interface Running {
  readonly name: string;
  readonly folder: string;
  /** As it is now. */
  readonly domain: Domain;
  readonly checkpoints: readonly Checkpoint[];
  /** Runs virsh; what it says where it fails, nothing where it does not. */
  readonly refused: (...args: readonly string[]) => string | undefined;
  /** Plugs a disk in, or pulls it out if it is there. */
  readonly plug: (target: string) => void;
  readonly remove: () => void;
}

export function startShape(shape: string): Running {
  const name = `tidemark-oracle-${shape}`;
  const discard = () => {
    sh("virsh", ["-c", URI, "destroy", "--domain", name], { status: "any" });
    sh("virsh", ["-c", URI, "undefine", "--domain", name, "--checkpoints-metadata"], { status: "any" });
  };
  discard();
  const folder = mkdtempSync("/dev/shm/tidemark-oracle-");
  mkdirSync(join(folder, "out"));
  const undo: Undo[] = [];
  const disks = (SHAPES[shape] ?? []).map((text) => {
    const [target = "", kind = ""] = text.split(" ");
    return { target, kind, xml: diskXml(folder, target, kind, undo) };
  });
  const first = disks.flatMap(({ kind, xml }) => (kind === "spare" ? [] : xml));
  writeFileSync(
    join(folder, "domain.xml"),
    `<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>${name}</name><memory unit='MiB'>64</memory>
      <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking><os><type arch='x86_64' machine='q35'>hvm</type></os>
      <devices>${first.join("")}<controller type='pci' index='0' model='pcie-root'/>${"<controller type='pci' model='pcie-root-port'/>".repeat(8)}
      <controller type='scsi' model='virtio-scsi'/></devices>${shape === "lun" ? LEGACY : ""}</domain>`,
  );
  sh("virsh", ["-c", URI, "define", join(folder, "domain.xml")]);
  sh("virsh", ["-c", URI, "start", "--domain", name]);
  const capture = () => {
    const xml = sh("virsh", ["-c", URI, "dumpxml", "--domain", name]).stdout;
    const { domain: read } = readDomain(Buffer.from(xml), "dump");
    if (read === undefined) throw new Error("the domain's XML could not be read");
    return read;
  };
  let domain = capture();

  const all = domain.disks.filter((disk) => disk.format === "qcow2" && !disk.readonly && !disk.transient);
  for (const [checkpoint, covered] of [
    ["part", ["vda"]],
    ["base", all.map(({ target }) => target)],
  ] as const) {
    const xml = `<domaincheckpoint><name>${checkpoint}</name><disks>${covered.map((target) => `<disk name='${target}'/>`).join("")}</disks></domaincheckpoint>`;
    writeFileSync(join(folder, "checkpoint.xml"), xml);
    sh("virsh", [
      "-c",
      URI,
      "checkpoint-create",
      "--domain",
      name,
      "--xmlfile",
      join(folder, "checkpoint.xml"),
    ]);
  }
  const checkpoints = ["part", "base"].map((checkpoint) => {
    const dump = sh("virsh", [
      "-c",
      URI,
      "checkpoint-dumpxml",
      "--domain",
      name,
      "--checkpointname",
      checkpoint,
      "--no-domain",
    ]);
    const read = readCheckpoint(Buffer.from(dump.stdout), "dump").checkpoint;
    if (read === undefined) throw new Error("a checkpoint could not be read");
    return read;
  });
  return {
    name,
    folder,
    get domain() {
      return domain;
    },
    checkpoints,
    refused: (command, ...args) => {
      const done = sh("virsh", ["-c", URI, command as string, "--domain", name, ...args], { status: "any" });
      return done.status === 0 ? undefined : done.stderr.trim() || `exit status ${done.status}`;
    },
    plug: (target) => {
      if (domain.disks.some((disk) => disk.target === target)) {
        sh("virsh", ["-c", URI, "detach-disk", "--domain", name, "--target", target]);
      } else {
        const file = join(folder, "device.xml");
        writeFileSync(file, disks.find((disk) => disk.target === target)?.xml ?? "");
        sh("virsh", ["-c", URI, "attach-device", "--domain", name, "--file", file]);
      }
      const before = domain.disks.length;
      // The guest has no say about a disk on SCSI, but QEMU reports later that it is gone.
      for (let tries = 0; domain.disks.length === before && tries < 100; tries += 1) domain = capture();
      if (domain.disks.length === before) throw new Error(`${target} is neither plugged in nor pulled out`);
    },
    remove: () => {
      discard();
      for (const each of undo.reverse()) each();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function diskXml(folder: string, target: string, kind: string, undo: Undo[]): string {
  const format = /qcow2|readonly|transient|volume|luks|dataStore|nvme|scsi|spare/.test(kind)
    ? "qcow2"
    : "raw";
  const path = join(folder, `${target}.${format}`);
  const isDrive = kind === "empty" || kind === "cdrom";
  const create = (...options: readonly string[]) => {
    const args = ["create", "-q", "-f", format, ...options, path, "1M"];
    for (let tries = 0; tries < 9; tries += 1) {
      const { status, stderr } = sh("qemu-img", args, { status: "any" });
      if (status === 0) return;
      if (!stderr.includes(UNTIMED)) break;
    }
    sh("qemu-img", args);
  };
  const xml = (type: string, source: string, more = "", bus = isDrive ? "sata" : "virtio") =>
    `<disk type='${type}' device='${kind === "lun" ? "lun" : isDrive ? "cdrom" : "disk"}'>
    <driver name='qemu' type='${kind === "folder" ? "fat" : format}'/>${source}<target dev='${target}' bus='${bus}'/>${more}</disk>`;
  const virsh = (...args: readonly string[]) => sh("virsh", ["-c", URI, ...args]);
  switch (kind) {
    case "empty":
      return xml("file", "");
    case "nbd-raw":
    case "nbd-qcow2":
      create();
      return xml("network", nbdSource(folder, target, path, undo));
    case "volume": {
      create();
      const pool = "tidemark-oracle";
      sh("virsh", ["-c", URI, "pool-destroy", pool], { status: "any" });
      virsh("pool-create-as", pool, "dir", "--target", folder);
      undo.push(() => virsh("pool-destroy", pool));
      return xml("volume", `<source pool='${pool}' volume='${target}.${format}'/>`);
    }
    case "lun":
    case "block": {
      create();
      const device = sh("losetup", ["--find", "--show", path]).stdout.trim();
      undo.push(() => sh("losetup", ["--detach", device]));
      return xml("block", `<source dev='${device}'/>`, kind === "lun" ? "<alias name='ua-lun'/>" : "");
    }
    case "luks": {
      create(
        "--object",
        "secret,id=s,data=tidemark",
        "-o",
        "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=500",
      );
      const { uuid: secret, usage } = SECRET;
      const file = join(folder, "secret.xml");
      writeFileSync(
        file,
        `<secret ephemeral='no' private='yes'><uuid>${secret}</uuid><usage type='volume'><volume>${usage}</volume></usage></secret>`,
      );
      sh("virsh", ["-c", URI, "secret-undefine", secret], { status: "any" });
      virsh("secret-define", file);
      undo.push(() => virsh("secret-undefine", secret));
      virsh("secret-set-value", secret, "--base64", Buffer.from("tidemark").toString("base64"));
      return xml(
        "file",
        `<source file='${path}'><encryption format='luks'><secret type='passphrase' uuid='${secret}'/></encryption></source>`,
      );
    }
    case "vhostuser": {
      create();
      const socket = join(folder, `${target}.vhost`);
      served(
        undo,
        socket,
        "qemu-storage-daemon",
        "--blockdev",
        `file,node-name=f,filename=${path}`,
        "--export",
        `vhost-user-blk,id=e,node-name=f,writable=on,addr.type=unix,addr.path=${socket}`,
      );
      return xml("vhostuser", `<source type='unix' path='${socket}'/>`);
    }
    case "folder":
      mkdirSync(join(folder, target));
      return xml("dir", `<source dir='${join(folder, target)}'/>`, "<readonly/>");
    case "dataStore":
      create("-o", `data_file=${path}.data,data_file_raw=on`);
      return xml(
        "file",
        `<source file='${path}'><dataStore type='file'><format type='raw'/><source file='${path}.data'/></dataStore></source>`,
      );
    case "nvme":
      create();
      return xml("file", `<source file='${path}'/>`, "<serial>tidemark</serial>", "nvme");
    case "scsi":
    case "spare":
      create();
      return xml("file", `<source file='${path}'/>`, "", "scsi");
    default: {
      create();
      const mark = { readonly: "<readonly/>", transient: "<transient/>", shareable: "<shareable/>" }[kind];
      return xml("file", `<source file='${path}'/>`, mark);
    }
  }
}

/** Starts a server and waits for its socket. */
function served(undo: Undo[], socket: string, program: string, ...args: readonly string[]): void {
  const server = spawn(program, args, { stdio: "ignore" });
  undo.push(() => server.kill());
  for (let tries = 0; !existsSync(socket) && tries < 100; tries += 1) sh("sleep", ["0.05"]);
}

function nbdSource(folder: string, target: string, path: string, undo: Undo[]): string {
  const socket = join(folder, `${target}.nbd`);
  served(undo, socket, "qemu-nbd", "--persistent", "--format", "raw", "--socket", socket, path);
  return `<source protocol='nbd'><host transport='unix' socket='${socket}'/></source>`;
}
