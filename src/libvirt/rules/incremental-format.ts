import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const incrementalFormatRule: Rule = {
  code: "TM405",
  page: `A differential or incremental image holds only what has changed. Which blocks those are, the image itself must tell: qcow2
does, by standing on its predecessor and leaving out what did not change.

A raw image does not. libvirt begins such a backup all the same; what comes out is a sparse file in which a block that was not
copied looks like a block of zeros, and nothing can be restored from it. vdi, vhd and ploop have no backing file either. vmdk
has one, and QEMU fails to create it over a running disk.

Write the image as qcow2, or take a full.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareDataOne; seen on libvirt 9.0: raw, vdi begin; vmdk fails",
  ours: "the image could not be restored",
  *breaches(call) {
    if (call.backup?.whole.mode !== "push") return;
    for (const { disk, backup } of selected(call)) {
      if (backup?.backupmode !== "incremental" || backup.driver === "qcow2") continue;
      yield {
        message: `${nameOf(call, disk.target)} would get incrementals in ${backup.driver} images, which do not tell changed blocks from holes`,
        hint: "write the image as qcow2, or take a full with backupmode='full'",
        in: "backup",
        disk: disk.target,
        part: "driver",
      };
    }
  },
};
