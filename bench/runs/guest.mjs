import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import {
  chownSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const MIB = 1 << 20;
export const URI = "qemu:///system";

export function sh(program, args, options = {}) {
  return execFileSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * MIB,
    ...options,
  });
}

/** A qcow2 image of `size` MiB, whose first `data` MiB are random; with `mixed` content half of each 4 KiB repeats. */
export function fillImage(path, size, data, content) {
  const raw = `${path}.raw`;
  const file = openSync(raw, "w");
  ftruncateSync(file, size * MIB);
  const piece = Buffer.alloc(MIB);
  for (let at = 0; at < data; at++) {
    randomFillSync(piece);
    for (let block = 0; content === "mixed" && block < MIB; block += 4096)
      piece.fill("the quick brown fox ", block + 2048, block + 4096);
    writeSync(file, piece, 0, MIB, at * MIB);
  }
  closeSync(file);
  sh("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, path]);
  sh("rm", ["--", raw]);
}

/** A running domain without an operating system, on copies of the images; libvirt's own user runs its QEMU. */
export function startGuest(folder, name, images) {
  const [, uid, gid] = /^libvirt-qemu:[^:]*:(\d+):(\d+):/m
    .exec(readFileSync("/etc/passwd", "utf8"))
    .map(Number);
  mkdirSync(folder, { mode: 0o755 });
  chownSync(folder, uid, gid);
  const disks = images.map((_, index) => {
    const target = `vd${String.fromCharCode(97 + index)}`;
    return { target, path: join(folder, `${target}.qcow2`) };
  });
  for (const [index, { path }] of disks.entries()) sh("cp", ["--", images[index], path]);
  const devices = disks.map(
    ({ target, path }) => `<disk type='file' device='disk'><driver name='qemu' type='qcow2' discard='unmap'/>
      <source file='${path}'/><target dev='${target}' bus='virtio'/><alias name='ua-${target}'/></disk>`,
  );
  const xml = `<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices.join("")}</devices>
    <seclabel type='static' model='dac' relabel='yes'><label>+${uid}:+${gid}</label></seclabel></domain>`;
  discard(name);
  writeFileSync(join(folder, "domain.xml"), xml);
  sh("virsh", ["-c", URI, "define", join(folder, "domain.xml")]);
  sh("virsh", ["-c", URI, "start", name]);
  return { name, folder, disks };
}

/** Ends and forgets a domain, whatever state it is in. */
export function discard(name) {
  for (const args of [
    ["destroy", name],
    ["undefine", name, "--checkpoints-metadata"],
  ]) {
    try {
      sh("virsh", ["-c", URI, ...args]);
    } catch {
      // It is not there.
    }
  }
}

/** Writes so many KiB to the beginning of each disk, as the guest would. */
export function write({ name, disks }, kibibytes, pattern) {
  const commands = disks.flatMap(({ target }) => {
    const monitor = (command) =>
      `qemu-monitor-command --domain ${name} --hmp 'qemu-io -d /machine/peripheral/ua-${target}/virtio-backend "${command}"'`;
    const writes = [];
    for (let at = 0; at < kibibytes; at += 16384)
      writes.push(monitor(`write -P ${pattern} ${at}k ${Math.min(16384, kibibytes - at)}k`));
    return [...writes, monitor("flush")];
  });
  const said = sh("virsh", ["-c", URI, commands.join("; ")]);
  if (/fail|error/i.test(said)) throw new Error(`the guest could not write: ${said}`);
}
