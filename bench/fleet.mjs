import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A small generator of numbers in [0, 1), the same for the same seed on every machine (mulberry32). */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A policy and an inventory in `folder`: one slot a day, four disks of which the last is raw in a tenth of the domains, and
 * of each domain what `history` nights before the horizon left in the repository and on the host.
 */
export function writeFleet(folder, { domains, slots, disks, seed, history = 0 }) {
  const random = randomOf(seed);
  const inventory = join(folder, "inventory");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(inventory, { recursive: true });
  writeFileSync(join(inventory, "host.json"), '{ "libvirt": "9.0.0", "qemu": "7.2.22" }\n');
  for (let index = 0; index < domains; index++) {
    const name = nameOf(index);
    const raw = random() < 0.1 && disks > 1 ? disks - 1 : -1;
    const store = `/srv/pool-${Math.floor(random() * 8)}`;
    writeFileSync(join(inventory, `${name}.xml`), domainXml(name, index, disks, raw, store));
    writeHistory(inventory, name, index, disks, raw, history);
  }
  writeFileSync(join(folder, "policy.yaml"), policyYaml(slots));
}

/** Changes one fact of the host: the first disk of one domain moves. */
export function moveOneDisk(folder, { domains, disks }) {
  const index = Math.floor(domains / 2);
  const name = nameOf(index);
  writeFileSync(
    join(folder, "inventory", `${name}.xml`),
    domainXml(name, index, disks, -1, "/srv/elsewhere"),
  );
}

/** The policy changes in one line, for one domain. */
export function describeOneDomain(folder, { domains, slots }) {
  const name = nameOf(Math.floor(domains / 2));
  writeFileSync(join(folder, "policy.yaml"), `${policyYaml(slots)}  ${name}: { description: moved }\n`);
}

function nameOf(index) {
  return `vm-${String(index).padStart(5, "0")}`;
}

/**
 * A manifest for each night, and the checkpoint of the last one; fulls on Sundays and in the first night, and always
 * for a raw disk.
 */
function writeHistory(inventory, name, index, disks, raw, nights) {
  let base = null;
  for (let night = nights; night > 0; night--) {
    const slot = new Date(Date.UTC(2026, 11, 1, 2) - night * 86_400_000);
    const point = `nightly-${slot.toISOString().replace(/[-:]|\.000/g, "")}`;
    const onTop = slot.getUTCDay() === 0 ? null : base;
    const folder = join(inventory, "catalog", name, point);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "manifest.json"), manifestJson(name, index, disks, raw, slot, point, onTop));
    base = point;
  }
  if (base === null) return;
  const folder = join(inventory, "checkpoints", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${base}.xml`), checkpointXml(base, disks, raw));
}

function manifestJson(name, index, disks, raw, slot, point, base) {
  const finished = slot.toISOString().replace(".000", "");
  const level = base === null ? "full" : "incremental";
  const manifest = {
    formatVersion: "2.0",
    policy: "nightly",
    domain: name,
    uuid: uuidOf(index),
    point,
    slot: finished,
    level,
    mode: "push",
    checkpoint: { creationTime: slot.getTime() / 1000 },
    process: { boot: uuidOf(0), pid: 4242, start: 1234567 },
    targets: Array.from({ length: disks }, (_, disk) => targetOf(disk)),
    disks: Array.from({ length: disks }, (_, disk) => {
      const format = disk === raw ? "raw" : "qcow2";
      const own = disk === raw ? { level: "full", base: null, bitmap: false } : { level, base, bitmap: true };
      const target = targetOf(disk);
      const file = { device: "64768", inode: `${1000 + disk}`, birth: 1_796_000_000, backing: [] };
      const source = { type: "file", name: `/var/lib/libvirt/images/${name}-${target}.${format}`, ...file };
      const sizes = { virtualSize: 10_737_418_240, size: base === null ? 4_294_967_296 : 134_217_728 };
      return {
        target,
        ...own,
        source,
        image: `${target}.${format}`,
        format,
        ...sizes,
        sha256: "0".repeat(64),
      };
    }),
    plan: `sha256:${"0".repeat(64)}`,
    finished,
    tools: { libvirt: "9.0.0", qemu: "7.2.22" },
    domainXml: { file: "domain.xml", sha256: "0".repeat(64) },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function checkpointXml(point, disks, raw) {
  const covered = Array.from({ length: disks }, (_, disk) =>
    disk === raw
      ? `    <disk name='${targetOf(disk)}' checkpoint='no'/>\n`
      : `    <disk name='${targetOf(disk)}' checkpoint='bitmap' bitmap='${point}'/>\n`,
  );
  return `<domaincheckpoint>
  <name>${point}</name>
  <creationTime>1796000000</creationTime>
  <disks>
${covered.join("")}  </disks>
</domaincheckpoint>\n`;
}

function targetOf(disk) {
  return `vd${String.fromCharCode(97 + disk)}`;
}

function uuidOf(index) {
  return `00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
}

function policyYaml(slots) {
  return `version: 1
name: nightly
repository: /var/backup/libvirt
horizon: { from: 2026-12-01, for: ${slots}d }
schedule:
  - { level: full, at: "0 2 * * sun" }
  - { level: incremental, at: "0 2 * * mon-sat" }
retention: { keepLast: 3, keepDaily: 7, keepWeekly: 4 }
domains:
  "*": {}
`;
}

function domainXml(name, index, disks, raw, store) {
  const elements = Array.from({ length: disks }, (_, disk) => {
    const target = targetOf(disk);
    const format = disk === raw ? "raw" : "qcow2";
    return `    <disk type='file' device='disk'>
      <driver name='qemu' type='${format}' cache='none' discard='unmap'/>
      <source file='${store}/${name}-${target}.${format}'/>
      <target dev='${target}' bus='virtio'/>
    </disk>\n`;
  });
  return `<domain type='kvm'>
  <name>${name}</name>
  <uuid>${uuidOf(index)}</uuid>
  <memory unit='KiB'>4194304</memory>
  <vcpu placement='static'>2</vcpu>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/></os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
${elements.join("")}    <interface type='network'><source network='default'/><model type='virtio'/></interface>
    <console type='pty'/>
  </devices>
</domain>\n`;
}
