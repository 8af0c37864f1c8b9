import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

/** Longest name of a bitmap (QEMU's block/dirty-bitmap.c, BDRV_BITMAP_MAX_NAME_SIZE). */
const MAX_BYTES = 1023;

export const exportBitmapRule: Rule = {
  code: "TM427",
  page: `In pull mode a bitmap tells the reader which blocks have changed. Its name is \`backup-\` and the disk's target, unless \`exportbitmap\`
gives another one. The name of a bitmap has at least one and at most ${MAX_BYTES} bytes.

QEMU refuses any other name in the middle of the call. With more than one disk libvirt 9.0 does not survive this: the daemon crashes,
and cannot be used for any domain of the host until it is started again.`,
  source:
    "seen on QEMU 7.2: “Bitmap name cannot be empty”, “Bitmap name too long”; the crash: seen on libvirt 9.0 with two disks in pull mode",
  *breaches(call) {
    if (call.backup?.whole.mode !== "pull") return;
    for (const { disk, backup } of selected(call)) {
      if (backup?.incremental === undefined || backup.exportbitmap === undefined) continue;
      const bytes = Buffer.byteLength(backup.exportbitmap);
      if (bytes > 0 && bytes <= MAX_BYTES) continue;
      yield {
        message: `the name of the bitmap of ${nameOf(call, disk.target)} has ${bytes} bytes; 1 to ${MAX_BYTES} are possible`,
        hint: "leave out exportbitmap, or shorten it",
        in: "backup",
        disk: disk.target,
        part: "exportbitmap",
      };
    }
  },
};
