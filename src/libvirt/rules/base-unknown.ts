import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const baseUnknownRule: Rule = {
  code: "TM421",
  page: `A base is a checkpoint that the domain has: \`virsh checkpoint-list DOMAIN\`. Checkpoints are lost with the definition of a
domain, on the way to another host, and, of a transient domain, whenever it stops. The bitmaps may still be in the images then;
\`tidemark redefine\` brings the checkpoints back.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareDataOne (“for incremental backup of disk … not found”)",
  *breaches(call) {
    const known = new Set(call.checkpoints.map(({ name }) => name));
    for (const { disk, backup } of selected(call)) {
      const base = backup?.incremental;
      if (base === undefined || known.has(base)) continue;
      yield {
        message: `${nameOf(call, disk.target)} is to be read since the checkpoint "${base}", which the domain does not have`,
        hint: known.size > 0 ? `it has: ${[...known].join(", ")}` : "it has none; begin with a full",
        in: "backup",
        disk: disk.target,
      };
    }
  },
};
