import { closeSync, constants, openSync, readFileSync, readSync, statSync } from "node:fs";
import type { Domain } from "../libvirt/domain.js";
import type { Evidence, FileEvidence } from "./evidence.js";
import type { QemuProcess } from "./manifest.js";

/**
 * Looks at what a domain's disks and its QEMU are on this host; `templates/lib/evidence.bash` gathers the same.
 * @param volumes paths of the disks that are volumes of a storage pool, by target
 */
export function lookAt(
  { name, uuid, disks }: Domain,
  volumes: ReadonlyMap<string, string> = new Map(),
): Evidence {
  const files = disks.flatMap(({ target, type, source }) => {
    const path = type === "file" ? source : volumes.get(target);
    const evidence = path === undefined ? undefined : fileAt(path);
    return evidence === undefined ? [] : [[target, evidence] as const];
  });
  const old = disks.flatMap(({ target, format, source }) => {
    const path = volumes.get(target) ?? source;
    return format === "qcow2" && path?.startsWith("/") && isVersion2(path) ? target : [];
  });
  return {
    formatVersion: "1.0",
    process: processOf(name, uuid) ?? null,
    files: Object.fromEntries(files),
    ...(old.length > 0 && { qcow2Version2: old }),
  };
}

/** Whether an image's header says version 2 of qcow2 (docs/interop/qcow2.txt of QEMU: bytes 0 to 7). */
function isVersion2(path: string): boolean {
  let file: number | undefined;
  try {
    // A pipe of this name must not hold up the capture.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const header = Buffer.alloc(8);
    return readSync(file, header, 0, 8, 0) === 8 && header.equals(VERSION_2);
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const VERSION_2 = Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 2]);

function fileAt(path: string): FileEvidence | undefined {
  try {
    const found = statSync(path, { bigint: true });
    // A block device's node is made anew at each boot, so its numbers say nothing.
    if (!found.isFile()) return undefined;
    const { dev, ino, birthtimeMs } = found;
    const birth = birthtimeMs / 1000n;
    return { device: `${dev}`, inode: `${ino}`, birth: birth > 0n ? Number(birth) : null };
  } catch {
    // Not this user's to see, or gone; then there is no evidence.
    return undefined;
  }
}

/** The process must have the domain's UUID on its command line. */
function processOf(name: string, uuid: string): QemuProcess | undefined {
  const runtime = process.env["XDG_RUNTIME_DIR"];
  const pidFiles = [
    `/run/libvirt/qemu/${name}.pid`,
    ...(runtime ? [`${runtime}/libvirt/qemu/run/${name}.pid`] : []),
  ];
  for (const pidFile of pidFiles) {
    try {
      const pid = readFileSync(pidFile, "utf8").trim();
      if (!/^[1-9]\d*$/.test(pid)) continue;
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (!words.includes(uuid)) continue;
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command's name, which may hold anything, ends with the last parenthesis; what follows begins with field 3.
      const start = stat
        .slice(stat.lastIndexOf(")") + 2)
        .trim()
        .split(" ")[19];
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      return { boot, pid: Number(pid), start: Number(start) };
    } catch {
      // No such file, or one that ended meanwhile.
    }
  }
  return undefined;
}
