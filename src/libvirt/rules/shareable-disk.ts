import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const shareableDiskRule: Rule = {
  code: "TM435",
  page: `A bitmap records only the writes of its own QEMU. Another domain, or another host, may write to a \`<shareable/>\` disk at the same time.
No bitmap records those writes, so no incremental would have them.

Leave the disk out of the checkpoint, so that each backup copies it whole. Only the programs that share the disk know whether such a copy is
consistent.`,
  source: "formatdomain, disk: shareable; block/dirty-bitmap.c records the writes of one process",
  ours: "changes by others would be lost without a message",
  *breaches(call) {
    for (const { disk, hasBitmap } of selected(call)) {
      if (!hasBitmap || !disk.shareable) continue;
      yield {
        message: `the checkpoint covers ${nameOf(call, disk.target)}, which another domain may write to, and its bitmap does not record those writes`,
        hint: "leave the disk out of the checkpoint with checkpoint='no', and take fulls of it",
        in: "checkpoint",
        disk: disk.target,
        part: "checkpoint",
      };
    }
  },
};
