import { posix } from "node:path";
import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const ownDiskRule: Rule = {
  code: "TM429",
  page: `A backup must not overwrite what it reads: neither a disk of the domain nor an image in the backing chain of a disk. libvirt refuses
a file that exists; but with \`--reuse-external\`, and always for a block device, it would write.

An image in the same folder as a disk is allowed, with a warning: if that folder is lost, both the disk and its backup are lost.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareOneStorage (“store … exists”)",
  *breaches(call) {
    const sources = new Map<string, string>();
    for (const { target, source, backingChain } of call.domain.disks) {
      for (const path of [source, ...(backingChain ?? []).map((image) => image.source)])
        if (path?.startsWith("/")) sources.set(posix.normalize(path), target);
    }
    const folders = new Map([...sources].map(([path, target]) => [posix.dirname(path), target]));
    for (const { disk, backup } of selected(call)) {
      if (backup?.store === undefined) continue;
      const path = posix.normalize(backup.store.path);
      const over = sources.get(path);
      const beside =
        backup.type === "file" && call.backup?.whole.mode === "push"
          ? folders.get(posix.dirname(path))
          : undefined;
      const part = call.backup?.whole.mode === "pull" ? ("scratch" as const) : ("target" as const);
      if (over !== undefined) {
        yield {
          message: `the backup of ${nameOf(call, disk.target)} would overwrite ${path}, an image of the disk "${over}"`,
          hint: "choose a path that is no image of the domain",
          in: "backup",
          disk: disk.target,
          part,
        };
      } else if (beside !== undefined) {
        yield {
          message: `the backup of ${nameOf(call, disk.target)} is written into the folder of the disk "${beside}"`,
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
