import { canBeWritten } from "../align.js";
import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const checkpointNeedsQcow2Rule: Rule = {
  code: "TM413",
  page: `Only qcow2 keeps a bitmap in the image, so that it survives a stop of the domain; libvirt refuses checkpoints on disks of
any other format. A checkpoint without a list of disks covers every disk that can be written, and fails as soon as one of
them is raw.

Such a disk can still be backed up, whole by each backup: \`checkpoint='no'\` keeps it out of the checkpoint. To get incrementals,
convert it to qcow2. Since libvirt 10.10 a qcow2 image may keep its data in a raw file beside it (\`<dataStore>\`), with little
of qcow2's cost.

The qcow2 must be of version 3. One of version 2 (\`compat=0.10\`) is refused by QEMU when the bitmap is made; the domain's XML
does not tell, \`qemu-img info\` does, and \`qemu-img amend -o compat=1.1\` lifts it.`,
  source:
    "qemu_checkpoint.c:qemuCheckpointPrepare (“unsupported for storage type”); version 2: seen on QEMU 7.2",
  *breaches(call) {
    for (const { disk, hasBitmap } of selected(call)) {
      if (!hasBitmap || disk.format === "qcow2" || !canBeWritten(disk)) continue;
      yield {
        message: `the checkpoint covers ${nameOf(call, disk.target)}, whose format is ${disk.format}, and only qcow2 keeps a bitmap`,
        hint: "convert the disk to qcow2, or leave it out of the checkpoint with checkpoint='no'",
        in: "checkpoint",
        disk: disk.target,
        part: "checkpoint",
      };
    }
  },
};
