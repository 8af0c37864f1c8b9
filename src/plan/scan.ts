/**
 * The bytes of a file, or of something like a file. They are read in pieces, because a plan may be larger than a string
 * or the memory.
 */
export interface Bytes {
  readonly size: number;
  /** @throws an error with a code, as the file system's own */
  readonly read: (from: number, length: number) => Buffer;
}

/** The offsets of a text. */
export interface Range {
  readonly from: number;
  readonly length: number;
}

export function bytesOf(text: string | Buffer): Bytes {
  const buffer = Buffer.from(text);
  return { size: buffer.length, read: (from, length) => buffer.subarray(from, from + length) };
}

const PIECE = 1 << 20;
/** The part of a plan without its domains is far smaller. */
const MAX_REST = 1 << 26;
const LIST = "domains";

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const WHITE: ReadonlySet<number> = new Set([0x20, 0x0a, 0x0d, 0x09]);

/**
 * Finds the elements of the list `domains` in the JSON of a plan without parsing them, and returns the rest of the
 * text, in which that list is empty. Rest and elements may turn out not to be JSON. undefined if the top has no such
 * list, more than one, or a list of anything but objects.
 */
export function scanDomains(bytes: Bytes): { rest: string; domains: Range[] } | undefined {
  const domains: Range[] = [];
  let [listFrom, listTo, start] = [-1, -1, -1];
  let [depth, isInString, isEscaped, isInList, isDue] = [0, false, false, false, true];
  let text = "";
  for (let at = 0; at < bytes.size; at += PIECE) {
    const piece = bytes.read(at, Math.min(PIECE, bytes.size - at));
    for (let index = 0; index < piece.length; index++) {
      const byte = piece[index] as number;
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInString = false;
        else if (depth === 1 && text.length <= LIST.length) text += String.fromCharCode(byte);
        continue;
      }
      const isElement = isInList && depth === 2;
      switch (byte) {
        case QUOTE:
          if (isElement) return undefined;
          isInString = true;
          if (depth === 1) text = "";
          break;
        case OPEN_LIST:
        case OPEN_OBJECT:
          if (isElement) {
            if (byte === OPEN_LIST || !isDue) return undefined;
            isDue = false;
            start = at + index;
          } else if (depth === 1 && byte === OPEN_LIST && text === LIST) {
            if (listFrom >= 0) return undefined;
            isInList = true;
            listFrom = at + index + 1;
          }
          depth += 1;
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          depth -= 1;
          if (!isInList) break;
          if (depth === 2) domains.push({ from: start, length: at + index + 1 - start });
          if (depth > 1) break;
          if (isDue && domains.length > 0) return undefined;
          isInList = false;
          listTo = at + index;
          break;
        case COMMA:
          if (isElement && isDue) return undefined;
          if (isElement) isDue = true;
          break;
        default:
          if (isElement && !WHITE.has(byte)) return undefined;
      }
    }
  }
  if (listTo < 0 || listFrom + bytes.size - listTo > MAX_REST) return undefined;
  const parts = [bytes.read(0, listFrom), bytes.read(listTo, bytes.size - listTo)];
  return { rest: parts.map((part) => part.toString("utf8")).join(""), domains };
}
