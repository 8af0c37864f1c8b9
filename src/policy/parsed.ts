import type { Some } from "./policy.js";
import type { OneOrMore } from "./written.js";

/**
 * Parses a value that has been checked already.
 * @throws Error where it makes nothing of it: then the check is wrong
 */
export function parsed<T, Parsed>(parse: (written: T) => Parsed | undefined, written: T): Parsed {
  const value = parse(written);
  if (value === undefined) throw new Error(`not checked: ${JSON.stringify(written)}`);
  return value;
}

/** @throws as `parsed`, where there is none */
export function some<T>(list: readonly T[]): Some<T> {
  return parsed(
    ([first, ...others]): Some<T> | undefined => (first === undefined ? undefined : [first, ...others]),
    list,
  );
}

/** A text becomes a list with one element. */
export function listed(written: OneOrMore): readonly string[] {
  return typeof written === "string" ? [written] : written;
}
