import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const bitmapNameRule: Rule = {
  code: "TM414",
  page: `The format lets each disk of a checkpoint name its bitmap. QEMU's driver takes one name only: the checkpoint's. What is
not given is filled in so.

A checkpoint that is defined again (\`--redefine\`) is not held to it, and fails later, when its bitmap is looked for.`,
  source: "qemu_checkpoint.c:qemuCheckpointPrepare (“must match checkpoint name”)",
  *breaches(call) {
    const { checkpoint } = call;
    const name = checkpoint?.given.name;
    if (checkpoint === undefined || name === undefined) return;
    const covered = new Set(selected(call).flatMap(({ disk, hasBitmap }) => (hasBitmap ? disk.target : [])));
    for (const { name: target, bitmap } of checkpoint.whole.disks ?? []) {
      if (!covered.has(target) || bitmap === undefined || bitmap === name) continue;
      yield {
        message: `the bitmap of ${nameOf(call, target)} is named "${bitmap}", and the checkpoint "${name}"`,
        hint: "leave out the bitmap's name",
        in: "checkpoint",
        disk: target,
      };
    }
  },
};
