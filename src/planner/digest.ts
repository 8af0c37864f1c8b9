import { createHash } from "node:crypto";

/**
 * Values at this depth are hashed as a whole. It is the depth of an inventory's domains: each is small, but all
 * together exceed a string.
 */
const DEPTH = 2;

/**
 * The sha256 of the JSON form, without locations, so that moving a comment changes no plan.
 * @param unread further keys that do not count, at any depth
 */
export function digest(value: unknown, unread: ReadonlySet<string> = new Set()): string {
  const isLeft = (key: string) => key === "location" || unread.has(key);
  const hash = createHash("sha256");
  for (const piece of pieces(value, isLeft, DEPTH)) hash.update(piece);
  return `sha256:${hash.digest("hex")}`;
}

/** The output of `JSON.stringify` without those keys, in pieces. */
function* pieces(value: unknown, isLeft: (key: string) => boolean, depth: number): Generator<string> {
  if (depth === 0 || typeof value !== "object" || value === null) {
    yield JSON.stringify(value, (key, inner) => (isLeft(key) ? undefined : inner)) ?? "null";
    return;
  }
  const isList = Array.isArray(value);
  let comma = "";
  yield isList ? "[" : "{";
  for (const [key, inner] of Object.entries(value)) {
    if (!isList && (isLeft(key) || inner === undefined)) continue;
    yield isList ? comma : `${comma}${JSON.stringify(key)}:`;
    yield* pieces(inner, isLeft, depth - 1);
    comma = ",";
  }
  yield isList ? "]" : "}";
}
