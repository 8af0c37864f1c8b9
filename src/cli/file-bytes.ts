import { fstatSync, openSync, readSync } from "node:fs";
import type { Bytes } from "../plan/scan.js";

/**
 * A file that stays open until the process ends: it is read as it was, also after another took its place.
 * @throws the file system's own errors, here and when it is read
 */
export function fileBytes(path: string): Bytes {
  const descriptor = openSync(path, "r");
  return {
    size: fstatSync(descriptor).size,
    read: (from, length) => {
      const buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const read = readSync(descriptor, buffer, filled, length - filled, from + filled);
        if (read === 0) break;
        filled += read;
      }
      return buffer.subarray(0, filled);
    },
  };
}
