import { readFileSync, statSync } from "node:fs";
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
  return { formatVersion: "1.0", process: processOf(name, uuid) ?? null, files: Object.fromEntries(files) };
}

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
