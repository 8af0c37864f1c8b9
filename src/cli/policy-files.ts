import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { posix } from "node:path";
import { compareText } from "../diagnostics/diagnostic.js";
import type { PolicyFiles } from "../policy/compose.js";
import { globMatcher, isGlob } from "../policy/glob.js";

/** The files of this machine. */
export const policyFiles: PolicyFiles = {
  read: (path) => {
    try {
      return readUpTo(path, MAX_POLICY);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      const meaning =
        code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(code);
      return { problem: meaning };
    }
  },
  list: (pattern) => {
    const [first = "", ...rest] = pattern.split("/");
    return pattern.startsWith("/") ? expand("/", rest) : expand("", [first, ...rest]);
  },
};

/** A byte more than a policy may have, so that the reader sees that it is too large. */
const MAX_POLICY = (4 << 20) + 1;

/** Also a pipe is a policy's file, as `<(…)` makes one, and a device may never end. */
function readUpTo(path: string, most: number): Uint8Array {
  const buffer = Buffer.alloc(most);
  const descriptor = openSync(path, "r");
  try {
    let length = 0;
    while (length < most) {
      const read = readSync(descriptor, buffer, length, most - length, null);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** What a glob's segments name below a folder ("" is the working folder), sorted; hidden names only where a segment says so. */
function expand(folder: string, segments: readonly string[]): readonly string[] {
  const [segment, ...rest] = segments;
  if (segment === undefined) return [folder];
  const at = (name: string) => (folder === "" ? name : posix.join(folder, name));
  if (!isGlob(segment)) {
    const path = at(segment);
    return existsSync(path) ? expand(path, rest) : [];
  }
  const matches = globMatcher(segment);
  return namesIn(folder === "" ? "." : folder)
    .filter((name) => matches(name) && (segment.startsWith(".") || !name.startsWith(".")))
    .sort(compareText)
    .flatMap((name) => expand(at(name), rest));
}

function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}
