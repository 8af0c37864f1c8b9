/** A unit of calendar time. */
export type SpanUnit = "years" | "months" | "weeks" | "days" | "hours" | "minutes";

const UNITS = {
  y: "years",
  m: "months",
  w: "weeks",
  d: "days",
  h: "hours",
  min: "minutes",
} as const satisfies Readonly<Record<string, SpanUnit>>;

/** A span of calendar time: months and days are as long as the calendar makes them. */
export interface Span {
  /** As its author wrote it. */
  readonly text: string;
  /** Whole numbers; a unit that the text does not name is absent. */
  readonly units: Readonly<Partial<Record<SpanUnit, number>>>;
}

/** Examples of a span, for messages. */
export const SPAN_EXAMPLES = "2w, 10d, 6h, 90min, 1y6m";

/**
 * Reads `1y5m7d2h`: whole numbers with y, m (months), w, d, h or min, in any order, each at most once. The letters are
 * those of restic, and w and min. undefined for any other text, for a span of zero, and for an `m` after hours, as in
 * `1h30m`, where minutes are meant.
 */
export function parseSpan(text: string): Span | undefined {
  const span = parseWait(text);
  return span !== undefined && spanSeconds(span) > 0 ? span : undefined;
}

/** Parses a span that may be zero, as `0min`. */
export function parseWait(text: string): Span | undefined {
  if (!/^(?:\d{1,5}(?:y|min|m|w|d|h))+$/.test(text) || /h.*\dm(?!in)/.test(text)) return undefined;
  const units: Partial<Record<SpanUnit, number>> = {};
  const seen = new Set<string>();
  for (const [, count, letter = ""] of text.matchAll(/(\d+)([a-z]+)/g)) {
    if (seen.has(letter)) return undefined;
    seen.add(letter);
    if (Number(count) > 0) units[UNITS[letter as keyof typeof UNITS]] = Number(count);
  }
  return { text, units };
}

/** Length in seconds, for spans used as a clock and not as a calendar: a month is 30 days, a year 365. */
export function spanSeconds({ units }: Span): number {
  const { years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0 } = units;
  return (((years * 365 + months * 30 + weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60;
}
