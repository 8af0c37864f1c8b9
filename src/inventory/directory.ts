import { createHash } from "node:crypto";

/** Entries of a plan directory that a domain's folder must not shadow, on file systems that fold case either. */
const RESERVED = new Set([
  "lib",
  "systemd",
  "ansible",
  "plan.bash",
  "plan.json",
  "plan.md",
  "timeline.svg",
  "timeline.html",
  "run-due.sh",
]);

const MAX_BYTES = 200;

/**
 * A domain's name as one safe path segment, as readable as can be: `%XX` stands for `/`, `%`, `\`, control characters, a
 * leading `.`, `-` or `~`, and for the first letter of a name that the plan directory uses itself. Two names never share a
 * segment; one that would be too long for a file system ends in a hash instead.
 */
export function directoryOf(name: string): string {
  const encoded = [...name]
    .map((character, index) => (isPlain(character, index) ? character : percent(character)))
    .join("");
  const first = [...encoded][0] ?? "";
  const segment = RESERVED.has(encoded.toLowerCase())
    ? percent(first) + encoded.slice(first.length)
    : encoded;
  if (Buffer.byteLength(segment) <= MAX_BYTES) return segment;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `${cutToBytes(segment, MAX_BYTES - hash.length - 2)}%~${hash}`;
}

/**
 * What a name is to a file system that does not tell upper case from lower case, nor the ways in which Unicode writes a letter: names
 * that have this in common may be one file there.
 */
export function foldedName(name: string): string {
  return name.normalize("NFD").toUpperCase().toLowerCase();
}

function isPlain(character: string, index: number): boolean {
  if (/[/\\%\p{Cc}]/u.test(character)) return false;
  return index > 0 || !/[.~-]/.test(character);
}

function percent(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
    .join("");
}

function cutToBytes(text: string, bytes: number): string {
  let cut = "";
  let length = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    cut += character;
  }
  return cut;
}
