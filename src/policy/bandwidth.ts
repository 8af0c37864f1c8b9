import { type HourRange, parseHours } from "./blackout.js";
import { parseWeekdays } from "./cron.js";

/** Bytes that a run copies in a second at most, at all times or by hours of the week; in hours that no window has, as many as it can. */
export type Bandwidth = number | readonly BandwidthWindow[];

/** A limit, and when it holds. A window contains the times that match its keys; without any, all times. */
export interface BandwidthWindow {
  /** As in cron: `mon-fri`. */
  readonly weekdays?: readonly string[];
  /** `08:00-18:00`; a range over midnight belongs to the day on which it begins. */
  readonly hours?: readonly string[];
  /** Bytes a second; absent: as many as it can. */
  readonly limit?: number;
}

/** From a minute of the week on, which begins on Monday at 00:00: bytes a second, Infinity without a limit. */
export interface WeekStep {
  readonly minute: number;
  readonly limit: number;
}

const DAY = 24 * 60;
const WEEK = 7 * DAY;
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
const ALL_DAY: HourRange = { from: 0, to: DAY };

/** Minutes of the week, the end exclusive. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The limits of a week, in order; the first is from its first minute. Windows may not overlap (`overlapOf`). */
export function weekOf(bandwidth: Bandwidth): readonly WeekStep[] {
  if (typeof bandwidth === "number") return [{ minute: 0, limit: bandwidth }];
  const windows = bandwidth.map(({ limit = Number.POSITIVE_INFINITY, ...when }) => ({
    limit,
    spans: spansOf(when),
  }));
  const edges = new Set([0, ...windows.flatMap(({ spans }) => spans.flatMap(({ from, to }) => [from, to]))]);
  const steps: WeekStep[] = [];
  for (const minute of [...edges].sort((a, b) => a - b)) {
    const window = windows.find(({ spans }) => spans.some(({ from, to }) => minute >= from && minute < to));
    const limit = window?.limit ?? Number.POSITIVE_INFINITY;
    if (minute < WEEK && steps.at(-1)?.limit !== limit) steps.push({ minute, limit });
  }
  return steps;
}

/** The first minute of the week that two windows have in common, as `mon 17:00`; undefined if there is none. */
export function overlapOf(one: BandwidthWindow, other: BandwidthWindow): string | undefined {
  const others = spansOf(other);
  const minutes = spansOf(one).flatMap(({ from, to }) =>
    others.flatMap((span) => {
      const minute = Math.max(from, span.from);
      return minute < Math.min(to, span.to) ? [minute] : [];
    }),
  );
  if (minutes.length === 0) return undefined;
  const minute = Math.min(...minutes);
  const [day, hour] = [Math.floor(minute / DAY), Math.floor((minute % DAY) / 60)];
  const two = (number: number) => String(number).padStart(2, "0");
  return `${["mon", "tue", "wed", "thu", "fri", "sat", "sun"][day]} ${two(hour)}:${two(minute % 60)}`;
}

/** When a window holds: a text that cannot be parsed has no part in it. What is over the end of the week is at its beginning. */
function spansOf({ weekdays, hours }: Omit<BandwidthWindow, "limit">): Span[] {
  const days = weekdays === undefined ? WEEKDAYS : weekdays.flatMap((text) => parseWeekdays(text) ?? []);
  const ranges = hours === undefined ? [ALL_DAY] : hours.flatMap((text) => parseHours(text) ?? []);
  return days.flatMap((day) =>
    ranges.flatMap(({ from, to }) => {
      const start = (day - 1) * DAY + from;
      const end = (day - 1) * DAY + (from < to ? to : to + DAY);
      return end <= WEEK
        ? [{ from: start, to: end }]
        : [
            { from: start, to: WEEK },
            { from: 0, to: end - WEEK },
          ];
    }),
  );
}
