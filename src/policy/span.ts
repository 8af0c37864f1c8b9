/** A span of calendar time: months and days are as long as the calendar makes them. */
export interface Span {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
}

const UNITS = { y: "years", m: "months", w: "weeks", d: "days", h: "hours", min: "minutes" } as const;

/** What a message shows as the form of a span. */
export const SPAN_EXAMPLES = "2w, 10d, 6h, 90min, 1y6m";

/**
 * Reads `1y5m7d2h`: whole numbers with y, m (months), w, d, h or min, in falling order, each at most once.
 * The letters are restic's, with w and min added. undefined if the text is anything else, or no time at all.
 */
export function parseSpan(text: string): Span | undefined {
  const match =
    /^(?:(?<y>\d{1,5})y)?(?:(?<m>\d{1,5})m(?!in))?(?:(?<w>\d{1,5})w)?(?:(?<d>\d{1,5})d)?(?:(?<h>\d{1,5})h)?(?:(?<min>\d{1,5})min)?$/.exec(
      text,
    );
  if (match?.groups === undefined) return undefined;
  const span = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0 };
  for (const [letter, unit] of Object.entries(UNITS)) span[unit] = Number(match.groups[letter] ?? 0);
  return Object.values(span).some((count) => count > 0) ? span : undefined;
}

/** Length in seconds, for spans used as a clock and not as a calendar: a month is 30 days, a year 365. */
export function spanSeconds(span: Span): number {
  const days = span.years * 365 + span.months * 30 + span.weeks * 7 + span.days;
  return ((days * 24 + span.hours) * 60 + span.minutes) * 60;
}
