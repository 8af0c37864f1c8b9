import { FORBIDDEN, SHELL, SPECIAL } from "./hostile.js";

/** A number below a bound. */
type Random = (below: number) => number;

/** Pieces of the languages that are read here, and numbers at the edges. */
const TOKENS = [
  ...SHELL,
  ...SPECIAL,
  ...FORBIDDEN,
  "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>",
  "&a;",
  "&#0;",
  "&#x110000;",
  "&#xd800;",
  "&amp",
  "<![CDATA[",
  "<a b='/>'>",
  "<?xml version='1.0' encoding='utf-16'?>",
  "<?xml version='1.0' encoding='no-such'?>",
  "xmlns:a='b'",
  "<__proto__ a='1'/>",
  "<constructor><prototype/></constructor>",
  "</disks>",
  "<disk name='vda'/>",
  "&x ",
  "*x",
  "<<: *x",
  "!!binary x",
  "!!js/function x",
  "!<tag:x> ",
  "---\n",
  "? a\n",
  "[[[[",
  "{{{{",
  "|-\n",
  "__proto__: {}\n",
  '"__proto__":{"polluted":1},',
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "0",
  "-1",
  "-0",
  "1e999",
  "9007199254740993",
  "18446744073709551616",
  "0x7fffffff",
  ".inf",
  ".nan",
  "9999-99-99",
  "0000-00-00T00:00:00Z",
  "275760-09-13T00:00:00Z",
  "99999y",
  "* * * * *",
  "*/0 * * * *",
  "0 0 30 2 *",
  "0-59/0.0000001 * * * *",
  "[!]",
  "[z-a]",
  "*a*a*a*a*a*a*a*a*a*a*b",
] as const;

/** The input with one to four changes: pieces removed, doubled, swapped, taken from another input, or put in. */
export function mutate(input: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = Buffer.from(input);
  for (let left = 1 + random(4); left > 0; left -= 1) bytes = change(bytes, Buffer.from(other), random);
  return bytes.subarray(0, 256 << 10);
}

function change(bytes: Buffer, other: Buffer, random: Random): Buffer<ArrayBuffer> {
  const at = random(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random(1 << random(9)));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (random(8)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, ...Array.from({ length: 1 + random(64) }, () => piece), after]);
    case 2: {
      const from = random(other.length + 1);
      return Buffer.concat([before, other.subarray(from, from + random(512)), after]);
    }
    case 3: {
      const changed = Buffer.from(bytes);
      if (at < changed.length) changed[at] = random(256);
      return changed;
    }
    case 4:
      return replaceWord(bytes, random);
    case 5:
      return replaceWord(bytes, random);
    case 6:
      return Buffer.concat([before, Buffer.from(pick(TOKENS, random)), bytes.subarray(at)]);
    default:
      return Buffer.concat([before, Buffer.from(pick(TOKENS, random)), after]);
  }
}

/** A whole value or name in place of another, so that what surrounds it still parses. */
function replaceWord(bytes: Buffer, random: Random): Buffer<ArrayBuffer> {
  const text = bytes.toString("latin1");
  const words = [...text.matchAll(/[A-Za-z0-9_@%./:-]+/g)];
  const word = words[random(Math.max(1, words.length))];
  if (word === undefined) return Buffer.from(bytes);
  const other = random(2) === 0 ? pick(TOKENS, random) : (words[random(words.length)]?.[0] ?? "");
  return Buffer.concat([
    bytes.subarray(0, word.index),
    Buffer.from(other),
    bytes.subarray(word.index + word[0].length),
  ]);
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[random(from.length)] as T;
}
