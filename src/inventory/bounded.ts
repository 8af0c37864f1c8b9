import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { humanBytes } from "../diagnostics/amounts.js";

/** Thrown for a file that is too large, or that may never end. */
export class NotReadable extends Error {}

/**
 * Reads a regular file. A device or pipe is refused: it may never end, and opening a pipe may never return.
 * @throws NotReadable with the reason; Node's own errors for files that cannot be opened
 */
export function readBounded(path: string, most: number): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw new NotReadable("it is a folder");
    if (!stat.isFile()) throw new NotReadable("it is not a regular file");
    if (stat.size > most) throw new NotReadable(`it is larger than ${humanBytes(most)}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads the first bytes of a file, a pipe (such as `<(…)`), a device, or the standard input (0): at most one more than
 * `most`, so that the caller notices a file that is too large.
 * @throws Node's own errors
 */
export function readUpTo(path: string | 0, most: number): Uint8Array {
  const descriptor = path === 0 ? 0 : openSync(path, "r");
  const pieces: Uint8Array[] = [];
  try {
    let length = 0;
    while (length <= most) {
      const piece = Buffer.alloc(Math.min(1 << 20, most + 1 - length));
      const read = readSync(descriptor, piece);
      if (read === 0) break;
      pieces.push(piece.subarray(0, read));
      length += read;
    }
    return Buffer.concat(pieces);
  } finally {
    if (descriptor !== 0) closeSync(descriptor);
  }
}

/** Largest file of an inventory or repository that is read; no domain XML or manifest comes near it. */
export const MAX_FILE = 16 << 20;
