import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const checkpointBeyondBackupRule: Rule = {
  code: "TM434",
  page: `A checkpoint that is made with a backup should cover exactly the disks of that backup. libvirt does not compare the two lists. If
the checkpoint covers a disk that the backup leaves out, the next incremental since that checkpoint lacks everything that changed
on the disk before it. The backup looks complete, but it is not.`,
  source: "qemu_backup.c:qemuBackupBegin takes both documents as they are; seen on libvirt 9.0",
  ours: "changes would be lost without a message",
  *breaches(call) {
    if (call.backup === undefined) return;
    for (const { disk, backup, hasBitmap } of selected(call)) {
      if (!hasBitmap || backup !== undefined) continue;
      yield {
        message: `the checkpoint covers ${nameOf(call, disk.target)}, but the backup leaves that disk out`,
        hint: "back up the disk as well, or leave it out of the checkpoint",
        in: "checkpoint",
        disk: disk.target,
        part: "checkpoint",
      };
    }
  },
};
