import type { Rule } from "../rule.js";

export const checkpointCoversNothingRule: Rule = {
  code: "TM416",
  page: `libvirt makes a checkpoint even where each of its disks is \`checkpoint='no'\`. It has no bitmap then, and no backup can
read changes since. What is meant is a backup without a checkpoint.`,
  source: "seen on libvirt 9.0: created, with no bitmap",
  ours: "a checkpoint that can be no base only looks like one",
  *breaches({ domain, checkpoint }) {
    if (checkpoint === undefined) return;
    if ((checkpoint.whole.disks ?? []).some((disk) => disk.checkpoint === "bitmap")) return;
    yield {
      message: `the checkpoint covers no disk of "${domain.name}", so that no incremental can be based on it`,
      hint: "begin the backup without a checkpoint, or let it cover a qcow2 disk",
      in: "checkpoint",
      severity: "warning",
    };
  },
};
