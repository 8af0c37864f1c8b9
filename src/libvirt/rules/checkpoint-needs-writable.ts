import { canBeWritten } from "../align.js";
import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const checkpointNeedsWritableRule: Rule = {
  code: "TM412",
  page: `A bitmap records writes. A read-only disk has no writes, and an empty drive has no image that could keep a bitmap. libvirt refuses a
checkpoint that lists either of them with \`checkpoint='bitmap'\`. A CD in its drive is read-only, too.

Leave such a disk out, or list it with \`checkpoint='no'\`.`,
  source: "checkpoint_conf.c:virDomainCheckpointAlignDisks (“is empty or readonly”)",
  *breaches(call) {
    for (const { disk, hasBitmap } of selected(call)) {
      if (!hasBitmap || canBeWritten(disk)) continue;
      yield {
        message: `the checkpoint covers ${nameOf(call, disk.target)}, which is ${disk.source === undefined ? "empty" : "read-only"}`,
        hint: "leave it out of the checkpoint",
        in: "checkpoint",
        disk: disk.target,
        part: "checkpoint",
      };
    }
  },
};
