import { DateTime } from "luxon";

/** A point in time: a date or local time in the policy's zone (`2026-12-01`, `2026-12-01T12:00`), or an instant (`…T12:00:00Z`). */
export interface Moment {
  /** As its author wrote it. */
  readonly text: string;
  /** Milliseconds since 1970 UTC. */
  readonly time: number;
}

/** Examples of a point in time, for messages. */
export const MOMENT_FORMS =
  "a local date (2026-12-01), a local time (2026-12-01T12:00) or an instant (2026-12-01T12:00:00Z)";

/** Parses a point in time; undefined if the text is none. A local time that the zone skips is moved past the gap. */
export function parseMoment(text: string, timezone: string): Moment | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text)) return undefined;
  const time = DateTime.fromISO(text, { zone: timezone, locale: "en" });
  return time.isValid ? { text, time: time.toMillis() } : undefined;
}
