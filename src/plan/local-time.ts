import { DateTime } from "luxon";

/** An instant as a zone's clocks show it, with their offset: `2026-12-01T02:00:00+01:00`. */
export function localTime(instant: string | number, timezone: string): string {
  const time = typeof instant === "number" ? instant : Date.parse(instant);
  return (
    DateTime.fromMillis(time, { zone: timezone, locale: "en" }).toISO({
      suppressMilliseconds: true,
      includeOffset: true,
    }) ?? new Date(time).toISOString()
  );
}

/** The same without seconds and offset, for texts that name the zone: `2026-12-01 02:00`. */
export function wallClock(instant: string, timezone: string): string {
  return localTime(instant, timezone).slice(0, 16).replace("T", " ");
}
