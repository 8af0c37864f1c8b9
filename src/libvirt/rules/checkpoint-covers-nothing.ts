import type { Rule } from "../rule.js";

export const checkpointCoversNothingRule: Rule = {
  code: "TM416",
  page: `libvirt makes a checkpoint even if each of its disks is \`checkpoint='no'\`. Such a checkpoint has no bitmap, and no backup can read
changes since it. Make the backup without a checkpoint instead.`,
  source: "seen on libvirt 9.0: created, with no bitmap",
  ours: "a checkpoint without a bitmap cannot be a base",
  *breaches({ domain, checkpoint }) {
    if (checkpoint === undefined) return;
    if ((checkpoint.whole.disks ?? []).some((disk) => disk.checkpoint === "bitmap")) return;
    yield {
      message: `the checkpoint covers no disk of "${domain.name}", so no incremental can use it as a base`,
      hint: "begin the backup without a checkpoint, or let it cover a qcow2 disk",
      in: "checkpoint",
      severity: "warning",
    };
  },
};
