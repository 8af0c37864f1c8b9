import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Bytes } from "../plan/scan.js";

/**
 * A file that is opened for each read, because a fleet has a plan for each host, and a process can have only so many
 * open files.
 * @throws errors of the file system, here and when it is read
 */
export function fileBytes(path: string): Bytes {
  return {
    size: statSync(path).size,
    read: (from, length) => {
      const descriptor = openSync(path, "r");
      try {
        const buffer = Buffer.allocUnsafe(length);
        let filled = 0;
        while (filled < length) {
          const read = readSync(descriptor, buffer, filled, length - filled, from + filled);
          if (read === 0) break;
          filled += read;
        }
        return buffer.subarray(0, filled);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
