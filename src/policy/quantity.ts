const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
};
const DECIMAL: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

/** A share of a size, or an absolute amount. */
export type Share = { readonly percent: number } | { readonly bytes: number };

/** An addition to an amount: a whole percentage of it, and bytes. */
export interface Margin {
  readonly percent: number;
  readonly bytes: number;
}

/** Examples of an amount, for messages. */
export const BYTES_EXAMPLES = "40GiB, 500M, 2TB";

/** Parses `40GiB` (or `40G`, as in qemu-img) and `500MB`, which is decimal, to bytes; undefined for any other text, and for zero. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s?([KMGTP]?)(iB|B)?$/i.exec(text);
  if (match === null) return undefined;
  const [, number = "", prefix = "", suffix] = match;
  const units = prefix !== "" && suffix?.toLowerCase() === "b" ? DECIMAL : UNITS;
  const bytes = Math.round(Number(number) * (units[prefix.toUpperCase()] ?? 1));
  return bytes > 0 ? bytes : undefined;
}

/** Reads a share of a size, `3%`, or an amount. */
export function parseShare(text: string): Share | undefined {
  const percent = /^(\d{1,3}(?:\.\d{1,3})?)\s?%$/.exec(text)?.[1];
  if (percent !== undefined) return { percent: Number(percent) };
  const bytes = parseBytes(text);
  return bytes === undefined ? undefined : { bytes };
}

/** Bytes of a share. */
export function shareOf(share: Share, size: number): number {
  return "percent" in share ? (size * share.percent) / 100 : share.bytes;
}

/** Reads `200MiB/s`; bytes a second. */
export function parseSpeed(text: string): number | undefined {
  const amount = /^(.+)\/s$/.exec(text)?.[1];
  return amount === undefined ? undefined : parseBytes(amount);
}

/** Reads `80MiB/s`, or `unlimited`; bytes a second. */
export function parseBandwidth(text: string): number | undefined {
  return text === "unlimited" ? Number.POSITIVE_INFINITY : parseSpeed(text);
}

/** Reads `10%`, `2GiB` or `10% + 16MiB`; `0%` is no margin. */
export function parseMargin(text: string): Margin | undefined {
  const [, percent, amount] = /^(?:(\d{1,4})\s?%)?(?:(?:(?<=%)\s*\+\s*|^)([^%+]+))?$/.exec(text) ?? [];
  if (percent === undefined && amount === undefined) return undefined;
  const bytes = amount === undefined ? 0 : parseBytes(amount.trim());
  return bytes === undefined ? undefined : { percent: Number(percent ?? 0), bytes };
}
