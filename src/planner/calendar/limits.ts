import { IANAZone } from "luxon";
import { type Bandwidth, weekOf } from "../../policy/bandwidth.js";

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60;
/** The first of January 1970 was a Thursday. */
const THURSDAY = 3 * 24 * 60;
/** Where the clocks are changed on the way, the way is gone in such steps, in milliseconds: all zones change them at such a time. */
const STEP = 15 * MINUTE;

/** The limit at an instant, in bytes a second, and until when it holds at least; both instants in milliseconds. */
export type Limits = (time: number) => { readonly limit: number; readonly until: number };

/** What a bandwidth allows, as the clocks of a zone show the hours. */
export function limitsOf(bandwidth: Bandwidth, timezone: string): Limits {
  const week = weekOf(bandwidth);
  const [first] = week;
  if (first === undefined || week.length === 1) {
    const limit = first?.limit ?? Number.POSITIVE_INFINITY;
    return () => ({ limit, until: Number.POSITIVE_INFINITY });
  }
  const zone = IANAZone.create(timezone);
  return (time) => {
    // In whole minutes, so that the next limit is later than this instant in any case.
    const now = Math.floor(time / MINUTE);
    const minuteNow = (now + zone.offset(time) + THURSDAY) % WEEK;
    const index = week.findLastIndex(({ minute }) => minute <= minuteNow);
    const next = week[index + 1]?.minute ?? WEEK;
    const until = (now + next - minuteNow) * MINUTE;
    const isSteady = zone.offset(until) === zone.offset(time);
    return {
      limit: week[index]?.limit ?? Number.POSITIVE_INFINITY,
      until: isSteady ? until : Math.min(until, (Math.floor(time / STEP) + 1) * STEP),
    };
  };
}

/** What is copied, and how fast it can be without a limit. */
export interface Copy {
  readonly bytes: number;
  /** Bytes a second. */
  readonly speed: number;
}

/** Longer than any time limit of a run, in milliseconds: by how much, nobody needs to know. */
const YEAR = 366 * 24 * 60 * MINUTE;

/** Seconds that copies take, one after the other, that begin at an instant, in milliseconds; under changing limits not more than a year. */
export function copySeconds(copies: readonly Copy[], limits: Limits, start: number): number {
  let time = start;
  for (const { bytes, speed } of copies) {
    let left = bytes;
    while (left > 0 && time - start < YEAR) {
      const { limit, until } = limits(time);
      const most = Math.min(speed, limit);
      const part = Math.min(left, (most * (until - time)) / 1000);
      // A rest of less than a byte would be gone in no time.
      left = left - part < 1 ? 0 : left - part;
      time = left === 0 ? time + (part / most) * 1000 : until;
    }
  }
  return (time - start) / 1000;
}
