import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const bitmapNameRule: Rule = {
  code: "TM414",
  page: `The format allows each disk of a checkpoint to name its bitmap. QEMU's driver accepts only one name, that of the checkpoint. If the
name is left out, libvirt fills it in.

libvirt does not check this for a checkpoint that is defined again (\`--redefine\`). Such a checkpoint fails later, when its bitmap is
needed.`,
  source: "qemu_checkpoint.c:qemuCheckpointPrepare (“must match checkpoint name”)",
  *breaches(call) {
    const { checkpoint } = call;
    const name = checkpoint?.given.name;
    if (checkpoint === undefined || name === undefined) return;
    const covered = new Set(selected(call).flatMap(({ disk, hasBitmap }) => (hasBitmap ? disk.target : [])));
    for (const { name: target, bitmap } of checkpoint.whole.disks ?? []) {
      if (!covered.has(target) || bitmap === undefined || bitmap === name) continue;
      yield {
        message: `the bitmap of ${nameOf(call, target)} is named "${bitmap}", but the checkpoint is named "${name}"`,
        hint: "leave out the name of the bitmap",
        in: "checkpoint",
        disk: target,
      };
    }
  },
};
