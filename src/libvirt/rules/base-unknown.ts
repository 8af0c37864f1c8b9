import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const baseUnknownRule: Rule = {
  code: "TM421",
  page: `A base must be a checkpoint that the domain has; \`virsh checkpoint-list DOMAIN\` lists them. Checkpoints are lost when the domain is
undefined, when it moves to another host, and, for a transient domain, whenever it stops. The bitmaps may still be in the images;
then \`tidemark redefine\` restores the checkpoints.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareDataOne (“for incremental backup of disk … not found”)",
  *breaches(call) {
    const known = new Set(call.checkpoints.map(({ name }) => name));
    for (const { disk, backup } of selected(call)) {
      const base = backup?.incremental;
      if (base === undefined || known.has(base)) continue;
      yield {
        message: `${nameOf(call, disk.target)} reads changes since the checkpoint "${base}", which the domain does not have`,
        hint:
          known.size > 0
            ? `the domain has: ${[...known].join(", ")}`
            : "the domain has no checkpoint; begin with a full",
        in: "backup",
        disk: disk.target,
      };
    }
  },
};
