import { posix } from "node:path";
import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const ownDiskRule: Rule = {
  code: "TM429",
  page: `A backup must not be written over what it reads: not over a disk of the domain, nor over an image that one of them
stands on. libvirt refuses a file that exists; with \`--reuse-external\`, and of block devices always, it would write.

An image in the same folder as a disk is allowed, and a warning: whatever loses that folder loses the disk and its backup.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareOneStorage (“store … exists”)",
  *breaches(call) {
    const own = new Map<string, string>();
    for (const { target, source, backingChain } of call.domain.disks) {
      for (const path of [source, ...(backingChain ?? []).map((image) => image.source)])
        if (path?.startsWith("/")) own.set(posix.normalize(path), target);
    }
    const folders = new Map([...own].map(([path, target]) => [posix.dirname(path), target]));
    for (const { disk, backup } of selected(call)) {
      if (backup?.store === undefined) continue;
      const path = posix.normalize(backup.store.path);
      const over = own.get(path);
      const beside =
        backup.type === "file" && call.backup?.whole.mode === "push"
          ? folders.get(posix.dirname(path))
          : undefined;
      const part = call.backup?.whole.mode === "pull" ? ("scratch" as const) : ("target" as const);
      if (over !== undefined) {
        yield {
          message: `the backup of ${nameOf(call, disk.target)} would be written to ${path}, which is an image of its disk "${over}"`,
          hint: "choose a path that is no image of the domain",
          in: "backup",
          disk: disk.target,
          part,
        };
      } else if (beside !== undefined) {
        yield {
          message: `the backup of ${nameOf(call, disk.target)} goes into the folder in which the disk "${beside}" itself lies`,
          hint: "choose a folder on other storage",
          in: "backup",
          disk: disk.target,
          part,
          severity: "warning",
        };
      }
    }
  },
};
