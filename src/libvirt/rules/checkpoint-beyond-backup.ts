import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const checkpointBeyondBackupRule: Rule = {
  code: "TM434",
  page: `A checkpoint that is made with a backup should cover the disks of that backup and no others. libvirt compares the two
lists in no way. Where the checkpoint covers a disk that the backup leaves out, the next incremental since that checkpoint
lacks everything the disk changed before it: the backup looks whole, and is not.`,
  source: "qemu_backup.c:qemuBackupBegin takes both documents as they are; seen on libvirt 9.0",
  ours: "changes would be lost without a word",
  *breaches(call) {
    if (call.backup === undefined) return;
    for (const { disk, backup, hasBitmap } of selected(call)) {
      if (!hasBitmap || backup !== undefined) continue;
      yield {
        message: `the checkpoint covers ${nameOf(call, disk.target)}, and the backup leaves it out`,
        hint: "back up the disk as well, or leave it out of the checkpoint",
        in: "checkpoint",
        disk: disk.target,
        part: "checkpoint",
      };
    }
  },
};
