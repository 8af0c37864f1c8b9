import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkpoint } from "../../src/libvirt/checkpoint.js";
import type { Domain } from "../../src/libvirt/domain.js";
import { readCheckpoint } from "../../src/libvirt/read-checkpoint.js";
import { readDomain } from "../../src/libvirt/read-domain.js";
import { sh } from "../live/guest.js";

const URI = "qemu:///system";

/** Disks as `TARGET KIND`; kinds are what libvirt treats differently. */
export const SHAPES: Readonly<Record<string, readonly string[]>> = {
  plain: ["vda qcow2", "vdb qcow2", "vdc raw"],
  drives: ["vda qcow2", "sda empty", "sdb cdrom", "vdb readonly"],
  odd: ["vda qcow2", "vdb transient", "vdc shareable", "vdd raw"],
  network: ["vda qcow2", "vdb nbd-raw", "vdc nbd-qcow2"],
};

/** A running domain of one of the shapes, with the checkpoints `base` on all its qcow2 disks and `part` on `vda` alone. */
export interface Running {
  readonly name: string;
  readonly folder: string;
  readonly domain: Domain;
  readonly checkpoints: readonly Checkpoint[];
  /** Runs virsh; what it says where it fails, nothing where it does not. */
  readonly refused: (...args: readonly string[]) => string | undefined;
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
  const servers: ChildProcess[] = [];
  const disks = (SHAPES[shape] ?? []).map((text) => {
    const [target = "", kind = ""] = text.split(" ");
    return diskXml(folder, target, kind, servers);
  });
  writeFileSync(
    join(folder, "domain.xml"),
    `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory>
      <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
      <devices>${disks.join("")}<controller type='pci' index='0' model='pcie-root'/>${"<controller type='pci' model='pcie-root-port'/>".repeat(8)}</devices></domain>`,
  );
  sh("virsh", ["-c", URI, "define", join(folder, "domain.xml")]);
  sh("virsh", ["-c", URI, "start", "--domain", name]);
  const { domain } = readDomain(
    Buffer.from(sh("virsh", ["-c", URI, "dumpxml", "--domain", name]).stdout),
    "dump",
  );
  if (domain === undefined) throw new Error("the domain's XML could not be read");

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
    domain,
    checkpoints,
    refused: (command, ...args) => {
      const done = sh("virsh", ["-c", URI, command as string, "--domain", name, ...args], { status: "any" });
      return done.status === 0 ? undefined : done.stderr.trim() || `exit status ${done.status}`;
    },
    remove: () => {
      discard();
      for (const server of servers) server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function diskXml(folder: string, target: string, kind: string, servers: ChildProcess[]): string {
  const format = /qcow2|readonly|transient/.test(kind) ? "qcow2" : "raw";
  const path = join(folder, `${target}.${format}`);
  if (kind !== "empty") sh("qemu-img", ["create", "-q", "-f", format, path, "1M"]);
  const isDrive = kind === "empty" || kind === "cdrom";
  const source =
    kind === "empty"
      ? ""
      : kind.startsWith("nbd")
        ? nbdSource(folder, target, path, servers)
        : `<source file='${path}'/>`;
  const mark = { readonly: "<readonly/>", transient: "<transient/>", shareable: "<shareable/>" }[kind] ?? "";
  return `<disk type='${kind.startsWith("nbd") ? "network" : "file"}' device='${isDrive ? "cdrom" : "disk"}'>
    <driver name='qemu' type='${format}'/>${source}<target dev='${target}' bus='${isDrive ? "sata" : "virtio"}'/>${mark}</disk>`;
}

function nbdSource(folder: string, target: string, path: string, servers: ChildProcess[]): string {
  const socket = join(folder, `${target}.nbd`);
  servers.push(
    spawn("qemu-nbd", ["--persistent", "--format", "raw", "--socket", socket, path], { stdio: "ignore" }),
  );
  for (let tries = 0; !existsSync(socket) && tries < 100; tries += 1) sh("sleep", ["0.05"]);
  return `<source protocol='nbd'><host transport='unix' socket='${socket}'/></source>`;
}
