import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const shareableDiskRule: Rule = {
  code: "TM435",
  page: `A bitmap records what its own QEMU writes. A disk that is \`<shareable/>\` may be written by another domain, or another
host, at the same time; those writes are in no bitmap, and no incremental would have them.

Keep it out of the checkpoint, so that each backup copies it whole. Whether such a copy is consistent, only the programs that
share the disk can say.`,
  source: "formatdomain, disk: shareable; block/dirty-bitmap.c records the writes of one process",
  ours: "changes by others would be lost without a word",
  *breaches(call) {
    for (const { disk, hasBitmap } of selected(call)) {
      if (!hasBitmap || !disk.shareable) continue;
      yield {
        message: `the checkpoint covers ${nameOf(call, disk.target)}, which others may write as well, unseen by its bitmap`,
        hint: "leave it out of the checkpoint, with checkpoint='no', and take fulls of it",
        in: "checkpoint",
        disk: disk.target,
        part: "checkpoint",
      };
    }
  },
};
