import type { CronTimes, CronWeekday } from "../../policy/cron.js";

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * A cron expression as systemd's `OnCalendar=` has it (systemd.time(7)): one line, or more where cron joins days by "or".
 * systemd leaves out a time that the zone skips, where a plan has the next instant; otherwise they mean the same.
 */
export function onCalendar(times: CronTimes, timezone: string): readonly string[] {
  const time = `${range(times.hours, 0, 23)}:${range(times.minutes, 0, 59)}:00 ${timezone}`;
  const month = range(times.months, 1, 12);
  const { days, weekdays } = times;
  if (days === undefined && weekdays === undefined) return [`*-${month}-* ${time}`];
  return [
    ...(days !== undefined && days.of.length > 0 ? [`*-${month}-${range(days.of, 1, 31)} ${time}`] : []),
    ...(days?.last ? [`*-${month}~01 ${time}`] : []),
    ...weekdayDates(weekdays ?? [], month).map((date) => `${date} ${time}`),
  ];
}

function weekdayDates(weekdays: readonly CronWeekday[], month: string): string[] {
  const byNth = new Map<string, number[]>();
  for (const { day, nth } of weekdays) {
    const dates =
      nth === undefined
        ? "-*"
        : nth === "last"
          ? "~07/1"
          : `-${pad(nth * 7 - 6)}..${pad(Math.min(nth * 7, 31))}`;
    byNth.set(dates, [...(byNth.get(dates) ?? []), day]);
  }
  return [...byNth].map(([dates, days]) => `${runs(days).map(weekdayRun).join(",")} *-${month}${dates}`);
}

function weekdayRun(run: readonly number[]): string {
  const name = (day: number | undefined) => WEEKDAYS[(day ?? 1) - 1] ?? "";
  return run.length < 3 ? run.map(name).join(",") : `${name(run[0])}..${name(run.at(-1))}`;
}

/** `*`, `02`, `02,14`, `01..05`, `00/15`. */
function range(numbers: readonly number[] | undefined, least: number, most: number): string {
  if (numbers === undefined || numbers.length === most - least + 1) return "*";
  const [first = least, second = first] = numbers;
  const step = second - first;
  const steady =
    numbers.length > 2 &&
    step > 1 &&
    numbers.every((number, index) => number === first + index * step) &&
    (numbers.at(-1) ?? most) + step > most;
  if (steady) return `${pad(first)}/${step}`;
  return runs(numbers)
    .map((run) => (run.length < 3 ? run.map(pad).join(",") : `${pad(run[0])}..${pad(run.at(-1))}`))
    .join(",");
}

/** Sorted numbers, those that follow each other together. */
function runs(numbers: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (const number of numbers) {
    const last = groups.at(-1);
    if (last?.at(-1) === number - 1) last.push(number);
    else groups.push([number]);
  }
  return groups;
}

function pad(number: number | undefined): string {
  return String(number ?? 0).padStart(2, "0");
}
