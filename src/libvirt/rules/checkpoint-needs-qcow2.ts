import { canBeWritten } from "../align.js";
import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const checkpointNeedsQcow2Rule: Rule = {
  code: "TM413",
  page: `Only qcow2 keeps a bitmap in the image, so that the bitmap is still there after the domain was stopped. libvirt refuses checkpoints on
disks of any other format. A checkpoint without a list of disks covers every writable disk, and fails if one of them is raw.

Such a disk can still be backed up: list it with \`checkpoint='no'\`, and each backup copies it whole. To get incrementals, convert the
disk to qcow2. Since libvirt 10.10 a qcow2 image may keep its data in a separate raw file (\`<dataStore>\`), which avoids
most of the cost of qcow2.

The qcow2 image must have version 3. QEMU refuses an image of version 2 (\`compat=0.10\`) when the bitmap is made. The domain's XML
does not show the version; \`qemu-img info\` does, and \`qemu-img amend -o compat=1.1\` upgrades the image. An inventory that was
captured on the host itself knows the version, and the plan then copies the disk whole (TM311).`,
  source:
    "qemu_checkpoint.c:qemuCheckpointPrepare (“unsupported for storage type”); version 2: seen on QEMU 7.2",
  *breaches(call) {
    for (const { disk, hasBitmap } of selected(call)) {
      if (!hasBitmap || disk.format === "qcow2" || !canBeWritten(disk)) continue;
      yield {
        message: `the checkpoint covers ${nameOf(call, disk.target)}, whose format is ${disk.format}; only qcow2 can keep a bitmap`,
        hint: "convert the disk to qcow2, or leave it out of the checkpoint with checkpoint='no'",
        in: "checkpoint",
        disk: disk.target,
        part: "checkpoint",
      };
    }
  },
};
