import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { sh } from "./guest.mjs";

/**
 * What a command costs: seconds by the clock, seconds of CPU of it and its children, and the bytes that they and the domain's QEMU
 * read and wrote by calls, whether these came from a disk or from memory.
 */
export function cost(program, args, guest) {
  const before = qemuBytes(guest);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-c", '"$@" >/dev/null || exit; times; cat "/proc/$$/io"', "-", program, ...args],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  );
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stderr}`);
  const cpuSeconds = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + minutes * 60 + Number(rest),
    0,
  );
  const own = bytesOf(stdout);
  const after = qemuBytes(guest);
  return {
    seconds,
    cpuSeconds,
    bytesRead: own.read + after.read - before.read,
    bytesWritten: own.written + after.written - before.written,
  };
}

/** How many programs a command starts, itself included; null where strace is not there. Untimed, as strace slows it down. */
export function countPrograms(folder, program, args) {
  if (spawnSync("strace", ["--version"]).status !== 0) {
    sh(program, args);
    return null;
  }
  const file = join(folder, "execve");
  sh("strace", ["-f", "-qq", "-e", "trace=execve", "-o", file, program, ...args]);
  const count = readFileSync(file, "utf8").match(/execve.* = 0$/gm)?.length ?? 0;
  rmSync(file);
  return count;
}

/** What files take of their disk. */
export function bytesOnDisk(files) {
  return files.reduce((sum, file) => sum + statSync(file).blocks * 512, 0);
}

function qemuBytes(guest) {
  const file = `/run/libvirt/qemu/${guest?.name}.pid`;
  if (guest === undefined || !existsSync(file)) return { read: 0, written: 0 };
  return bytesOf(readFileSync(`/proc/${readFileSync(file, "utf8").trim()}/io`, "utf8"));
}

function bytesOf(text) {
  return {
    read: Number(/^rchar: (\d+)$/m.exec(text)?.[1]),
    written: Number(/^wchar: (\d+)$/m.exec(text)?.[1]),
  };
}

/** The median of each number of several costs. */
export function medians(costs) {
  return Object.fromEntries(
    Object.keys(costs[0]).map((key) => [key, median(costs.map((each) => each[key]))]),
  );
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
