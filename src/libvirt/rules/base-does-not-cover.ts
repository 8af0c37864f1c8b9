import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const baseDoesNotCoverRule: Rule = {
  code: "TM422",
  page: `A checkpoint can be the base only of disks on which it has a bitmap. It has none on a disk that was added later, on a disk that is
not qcow2, and on a disk that it lists with \`checkpoint='no'\`. libvirt then says “missing or broken bitmap”.

libvirt looks at the bitmap itself, not at the list of disks in the checkpoint. tidemark reads the list, because it does not ask
QEMU. After a crash of QEMU a bitmap may be missing although the list has the disk.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareOneBitmaps (VIR_ERR_CHECKPOINT_INCONSISTENT)",
  *breaches(call) {
    const known = new Map(call.checkpoints.map((checkpoint) => [checkpoint.name, checkpoint]));
    for (const { disk, backup } of selected(call)) {
      const base = known.get(backup?.incremental ?? "");
      if (base === undefined) continue;
      if (base.disks.some((each) => each.name === disk.target && each.checkpoint === "bitmap")) continue;
      yield {
        message: `${nameOf(call, disk.target)} reads changes since the checkpoint "${base.name}", which has no bitmap on that disk`,
        hint: "take a full of this disk, with a checkpoint that covers it",
        in: "backup",
        disk: disk.target,
      };
    }
  },
};
