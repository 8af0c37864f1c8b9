import { IANAZone } from "luxon";
import { localTime } from "../../plan/local-time.js";
import { type Blackout, blackoutTest } from "../../policy/blackout.js";
import { wallClockTimes } from "../../policy/cron.js";
import type { Level, ScheduleEntry } from "../../policy/policy.js";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

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

/** What a schedule comes to over a horizon. */
export interface Unrolled {
  /** In order of time. */
  readonly slots: readonly Slot[];
  /** Those that a blackout leaves out. */
  readonly blackedOut: readonly Slot[];
}

/**
 * The slots in `[from, until)`. Cron expressions name wall-clock times: one that the zone skips is the first instant after the
 * gap, one that comes twice is the first of the two. Where two levels fire at one instant the fuller wins.
 * @param except blackouts of all entries
 */
export function unrollSchedule(
  schedule: readonly ScheduleEntry[],
  except: readonly Blackout[],
  timezone: string,
  from: number,
  until: number,
): Unrolled {
  const zone = IANAZone.create(timezone);
  const fired = new Map<number, Level>();
  const leftOut = new Map<number, Level>();
  const put = (into: Map<number, Level>, time: number, level: Level) => {
    const known = into.get(time);
    if (known === undefined || FULLNESS[known] < FULLNESS[level]) into.set(time, level);
  };
  for (const entry of schedule) {
    const isBlackedOut = blackoutTest([...except, ...entry.except]);
    const first = Math.max(from, entry.start?.time ?? from);
    const end = Math.min(until, entry.until?.time ?? until);
    for (const times of entry.at) {
      // A day more at each end: so much wall clocks may differ within the horizon, or a zone skip.
      const earliest = first + zone.offset(first) * MINUTE - 2 * DAY;
      const latest = end + zone.offset(end) * MINUTE + 2 * DAY;
      for (const wallClock of wallClockTimes(times, earliest, latest)) {
        const time = instantOf(wallClock, zone);
        if (time < first || time >= end) continue;
        put(isBlackedOut(time + zone.offset(time) * MINUTE) ? leftOut : fired, time, entry.level);
      }
    }
  }
  const slotsOf = (levels: ReadonlyMap<number, Level>) =>
    [...levels].sort(([a], [b]) => a - b).map(([time, level]) => slotAt(time, level, timezone));
  return { slots: slotsOf(fired), blackedOut: slotsOf(leftOut) };
}

/** The first instant at which clocks of the zone show a wall-clock time, or the end of the gap that it falls into. */
function instantOf(wallClock: number, zone: IANAZone): number {
  const before = zone.offset(wallClock - DAY) * MINUTE;
  const after = zone.offset(wallClock + DAY) * MINUTE;
  const candidates = [wallClock - before, wallClock - after].sort((a, b) => a - b);
  const shown = candidates.find((time) => time + zone.offset(time) * MINUTE === wallClock);
  if (shown !== undefined) return shown;
  // In a gap: the offset changes somewhere between the two.
  let [low = 0, high = 0] = candidates;
  const early = zone.offset(low);
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (zone.offset(middle) === early) low = middle;
    else high = middle;
  }
  return high;
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

/** The slot in the name of a checkpoint that `owner` made, in milliseconds; undefined for any other name. */
export function slotOfName(name: string, owners: readonly string[]): number | undefined {
  const match = /^(.+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name);
  if (match === null || !owners.includes(match[1] as string)) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(2).map(Number) as number[];
  const time = Date.UTC(year as number, (month as number) - 1, day, hour, minute, second);
  return compactInstant(instant(time)) === name.slice(-16) ? time : undefined;
}
