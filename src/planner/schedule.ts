import { Cron } from "croner";
import { DateTime } from "luxon";
import type { Level, ScheduleEntry } from "../policy/policy.js";

/** One instant at which the schedule fires. */
export interface Slot {
  /** Milliseconds since 1970 UTC, a whole second. */
  readonly time: number;
  readonly level: Level;
  /** `2026-12-01T01:00:00Z` */
  readonly utc: string;
  /** `20261201T010000Z`, the form in names. */
  readonly compact: string;
  /** `2026-12-01T02:00:00+01:00` */
  readonly local: string;
}

const FULLNESS: Record<Level, number> = { incremental: 0, differential: 1, full: 2 };

/**
 * The slots in `[from, until)`, in order of time. Where two levels fire at one instant the fuller wins.
 * A local time that the zone skips runs at the first instant after the gap; one that comes twice runs the first time.
 * A pattern with a wildcard hour goes on firing every hour of real time (croner's rules, as in Vixie cron).
 */
export function unrollSchedule(
  schedule: readonly ScheduleEntry[],
  timezone: string,
  from: number,
  until: number,
): Slot[] {
  const levels = new Map<number, Level>();
  for (const { level, at } of schedule) {
    for (const pattern of at) {
      for (const time of firings(pattern, timezone, from, until)) {
        const known = levels.get(time);
        if (known === undefined || FULLNESS[known] < FULLNESS[level]) levels.set(time, level);
      }
    }
  }
  return [...levels].sort(([a], [b]) => a - b).map(([time, level]) => slotAt(time, level, timezone));
}

function* firings(pattern: string, timezone: string, from: number, until: number): Generator<number> {
  const cron = new Cron(pattern, { timezone });
  for (let next = cron.nextRun(new Date(from - 1000)); next !== null && next.getTime() < until; ) {
    if (next.getTime() >= from) yield next.getTime();
    next = cron.nextRun(next);
  }
}

export function slotAt(time: number, level: Level, timezone: string): Slot {
  const utc = instant(time);
  return { time, level, utc, compact: compactInstant(utc), local: localTime(time, timezone) };
}

/** `2026-12-01T01:00:00Z` */
export function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** `20261201T010000Z`: valid in a checkpoint's name, and sorts as time does. */
function compactInstant(utc: string): string {
  return utc.replaceAll(/[-:]/g, "");
}

function localTime(time: number, timezone: string): string {
  return (
    DateTime.fromMillis(time, { zone: timezone, locale: "en" }).toISO({
      suppressMilliseconds: true,
      includeOffset: true,
    }) ?? instant(time)
  );
}

/** The slot in the name of a checkpoint that `owner` made, in milliseconds; undefined for any other name. */
export function slotOfName(name: string, owners: readonly string[]): number | undefined {
  const match = /^(.+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name);
  if (match === null || !owners.includes(match[1] as string)) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(2).map(Number) as number[];
  const time = Date.UTC(year as number, (month as number) - 1, day, hour, minute, second);
  return compactInstant(instant(time)) === name.slice(-16) ? time : undefined;
}
