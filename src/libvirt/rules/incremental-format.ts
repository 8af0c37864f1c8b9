import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const incrementalFormatRule: Rule = {
  code: "TM405",
  page: `A differential or incremental image holds only the changed blocks, so the image must record which blocks those are. qcow2 does: it has
a backing file, and leaves out every block that did not change.

A raw image does not. libvirt begins such a backup all the same. The result is a sparse file in which a block that was not copied
looks like a block of zeroes, and nothing can be restored from it. vdi, vhd and ploop have no backing file either. vmdk has one, but
QEMU fails to create such an image over a running disk.

Write the image as qcow2, or take a full.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareDataOne; seen on libvirt 9.0: raw, vdi begin; vmdk fails",
  ours: "the image could not be restored",
  *breaches(call) {
    if (call.backup?.whole.mode !== "push") return;
    for (const { disk, backup } of selected(call)) {
      if (backup?.backupmode !== "incremental" || backup.driver === "qcow2") continue;
      yield {
        message: `${nameOf(call, disk.target)} has incrementals in ${backup.driver} images, which do not record which blocks have changed`,
        hint: "write the image as qcow2, or take a full with backupmode='full'",
        in: "backup",
        disk: disk.target,
        part: "driver",
      };
    }
  },
};
