import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

/** Longest name of a bitmap (QEMU's block/dirty-bitmap.c, BDRV_BITMAP_MAX_NAME_SIZE). */
const MAX_BYTES = 1023;

export const exportBitmapRule: Rule = {
  code: "TM427",
  page: `In pull mode the blocks that have changed are served as a bitmap, \`backup-\` and the disk's target unless
\`exportbitmap\` says otherwise. A bitmap's name has at least one and at most ${MAX_BYTES} bytes.

QEMU refuses any other in the middle of the call. With more than one disk libvirt 9.0 does not survive that: the daemon crashes,
and every domain of the host is without it until it has been started again.`,
  source:
    "seen on QEMU 7.2: “Bitmap name cannot be empty”, “Bitmap name too long”; the crash: seen on libvirt 9.0 with two disks in pull mode",
  *breaches(call) {
    if (call.backup?.whole.mode !== "pull") return;
    for (const { disk, backup } of selected(call)) {
      if (backup?.incremental === undefined || backup.exportbitmap === undefined) continue;
      const bytes = Buffer.byteLength(backup.exportbitmap);
      if (bytes > 0 && bytes <= MAX_BYTES) continue;
      yield {
        message: `the bitmap that ${nameOf(call, disk.target)} is served with has a name of ${bytes} bytes, and it can have 1 to ${MAX_BYTES}`,
        hint: "leave out exportbitmap, or shorten it",
        in: "backup",
        disk: disk.target,
        part: "exportbitmap",
      };
    }
  },
};
