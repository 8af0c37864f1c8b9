const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
};
const DECIMAL: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

/** What a message shows as the form of an amount. */
export const BYTES_EXAMPLES = "40GiB, 500M, 2TB";

/** Reads `40GiB` (or `40G`, as qemu-img has it) and `500MB`, which is decimal; bytes. undefined if it is something else, or nothing. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s?([KMGTP]?)(iB|B)?$/i.exec(text);
  if (match === null) return undefined;
  const [, number = "", prefix = "", suffix] = match;
  const units = prefix !== "" && suffix?.toLowerCase() === "b" ? DECIMAL : UNITS;
  const bytes = Math.round(Number(number) * (units[prefix.toUpperCase()] ?? 1));
  return bytes > 0 ? bytes : undefined;
}

/** Reads a share of a size, `3%`, or an amount; as a function from the size to bytes. */
export function parseShare(text: string): ((size: number) => number) | undefined {
  const percent = /^(\d{1,3}(?:\.\d{1,3})?)\s?%$/.exec(text)?.[1];
  if (percent !== undefined) return (size) => (size * Number(percent)) / 100;
  const bytes = parseBytes(text);
  return bytes === undefined ? undefined : () => bytes;
}

/** Reads `200MiB/s`; bytes a second. */
export function parseSpeed(text: string): number | undefined {
  const amount = /^(.+)\/s$/.exec(text)?.[1];
  return amount === undefined ? undefined : parseBytes(amount);
}
