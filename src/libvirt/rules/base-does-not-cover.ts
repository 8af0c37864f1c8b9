import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const baseDoesNotCoverRule: Rule = {
  code: "TM422",
  page: `A checkpoint is a base for those disks only that it has a bitmap on. A disk that was added since, that is not qcow2, or
that the checkpoint lists with \`checkpoint='no'\`, has none, and libvirt answers “missing or broken bitmap”.

libvirt looks at the bitmap itself, not at the list in the checkpoint; the list is what can be known without asking QEMU. After
a crash of QEMU a bitmap may be gone though the list has it.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareOneBitmaps (VIR_ERR_CHECKPOINT_INCONSISTENT)",
  *breaches(call) {
    const known = new Map(call.checkpoints.map((checkpoint) => [checkpoint.name, checkpoint]));
    for (const { disk, backup } of selected(call)) {
      const base = known.get(backup?.incremental ?? "");
      if (base === undefined) continue;
      if (base.disks.some((each) => each.name === disk.target && each.checkpoint === "bitmap")) continue;
      yield {
        message: `${nameOf(call, disk.target)} is to be read since the checkpoint "${base.name}", which has no bitmap on it`,
        hint: "take a full of this disk, with a checkpoint that covers it",
        in: "backup",
        disk: disk.target,
      };
    }
  },
};
