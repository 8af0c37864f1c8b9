import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

/** qcow2's own limit (QEMU's docs/interop/qcow2, nb_bitmaps; block/qcow2.h, QCOW2_MAX_BITMAPS). */
const MAX_BITMAPS = 65535;
/** From this number on bitmaps cost time, as every write marks every bitmap. */
const MANY = 32;

export const tooManyBitmapsRule: Rule = {
  code: "TM437",
  page: `Each checkpoint is a bitmap on each disk that it covers, and every bitmap records every write from then on. qcow2 has room for
${MAX_BITMAPS} bitmaps; far fewer already cost memory and time. \`virsh checkpoint-list\` lists the checkpoints.`,
  source: "QEMU block/qcow2.h, QCOW2_MAX_BITMAPS",
  *breaches(call) {
    for (const { disk, hasBitmap } of selected(call)) {
      if (!hasBitmap) continue;
      const count = call.checkpoints.filter(({ disks }) =>
        disks.some(({ name, checkpoint }) => name === disk.target && checkpoint === "bitmap"),
      ).length;
      if (count < MANY) continue;
      yield {
        message: `${nameOf(call, disk.target)} has ${count} checkpoints, each of which records every write`,
        hint: "delete the checkpoints that no backup needs, with virsh checkpoint-delete",
        in: "checkpoint",
        disk: disk.target,
        ...(count < MAX_BITMAPS && { severity: "warning" as const }),
      };
    }
  },
};
