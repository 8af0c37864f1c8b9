import { DateTime } from "luxon";
import type { PlanHeader } from "../plan/plan.js";

/** Width of a timeline, in pixels; its height depends on the content. */
export const WIDTH = 1200;
const LEFT = 14;
const RIGHT = WIDTH - 18;
const MAX_TICKS = 15;
/** The most that the past may take of the picture, as a share of the horizon. */
const PAST = 0.25;

/** Time along a timeline. */
export interface Axis {
  /** Instants at the left and the right edge, in milliseconds. */
  readonly from: number;
  readonly until: number;
  /** The beginning of the plan; it is after `from` if there are older restore points. */
  readonly planFrom: number;
  readonly left: number;
  readonly right: number;
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
}

/** @param oldest slots of the oldest restore points */
export function axisOf({ horizon, timezone }: PlanHeader, oldest: readonly string[]): Axis {
  const [begin, end] = [Date.parse(horizon.from), Date.parse(horizon.until)];
  const earliest = Math.min(begin, ...oldest.map((slot) => Date.parse(slot)));
  const from = Math.max(earliest, begin - (end - begin) * PAST);
  const scale = {
    from,
    until: end,
    planFrom: begin,
    left: LEFT,
    right: RIGHT,
  };
  const ticks = ticksOf(from, end, timezone).map(({ time, label }) => ({
    x: Math.round(xOf(scale, time) * 10) / 10,
    label,
  }));
  return { ...scale, ticks };
}

/** Pixels from the left; an instant outside is drawn at the edge. */
export function xOf({ from, until, left, right }: Omit<Axis, "ticks">, time: string | number): number {
  const share = ((typeof time === "number" ? time : Date.parse(time)) - from) / (until - from);
  return left + Math.min(1, Math.max(0, share)) * (right - left);
}

const STEPS = [
  { unit: "hour", by: { hours: 1 } },
  { unit: "hour", by: { hours: 3 } },
  { unit: "hour", by: { hours: 6 } },
  { unit: "day", by: { days: 1 } },
  { unit: "week", by: { weeks: 1 } },
  { unit: "month", by: { months: 1 } },
  { unit: "quarter", by: { months: 3 } },
  { unit: "year", by: { years: 1 } },
] as const;

/** Beginnings of hours, days, weeks … in the policy's zone, of the smallest unit that has few enough of them. */
function ticksOf(from: number, until: number, zone: string): { time: number; label: string }[] {
  for (const { unit, by } of STEPS) {
    const ticks: DateTime[] = [];
    const start = DateTime.fromMillis(from, { zone, locale: "en" });
    let tick = start.startOf(unit === "hour" ? "day" : unit);
    while (tick.toMillis() < until && ticks.length <= MAX_TICKS) {
      if (tick.toMillis() >= from) ticks.push(tick);
      tick = tick.plus(by);
    }
    if (ticks.length <= MAX_TICKS) {
      return ticks.map((time, index) => ({
        time: time.toMillis(),
        label: time.toFormat(formatOf(unit, time, index === 0)),
      }));
    }
  }
  return [];
}

/** @param isFirst whether no label before it names the day */
function formatOf(
  unit: (typeof STEPS)[number]["unit"],
  { hour, minute }: DateTime,
  isFirst: boolean,
): string {
  switch (unit) {
    case "hour":
      if (hour === 0 && minute === 0) return "d LLL";
      return isFirst ? "d LLL HH:mm" : "HH:mm";
    case "day":
    case "week":
      return "ccc d LLL";
    case "month":
    case "quarter":
      return "LLL yyyy";
    case "year":
      return "yyyy";
  }
}
