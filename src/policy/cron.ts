import { Cron } from "croner";

/** A cron expression: its fields are sorted numbers; an absent one is a `*`. */
export interface CronTimes {
  /** As its author wrote it. */
  readonly text: string;
  readonly minutes?: readonly number[];
  readonly hours?: readonly number[];
  readonly months?: readonly number[];
  /** If both days and weekdays are given, a day that is in either of them fires, as POSIX has it (see `isReadOtherwise`). */
  readonly days?: { readonly of: readonly number[]; readonly last: boolean };
  readonly weekdays?: readonly CronWeekday[];
}

export interface CronWeekday {
  /** 1 is Monday, 7 Sunday. */
  readonly day: number;
  /** `#2`: the second of the month; `last`: the last; absent: each. */
  readonly nth?: number | "last";
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/**
 * Reads a cron expression: five fields with `*`, lists, ranges and steps, names of months and weekdays, `L` for a month's last
 * day, `fri#2` and `fri#L` for its second and last Friday; or `@daily` and its like. Otherwise says why not.
 */
export function parseCron(text: string): { readonly times: CronTimes } | { readonly problem: string } {
  const expanded = NAMES.get(text.toLowerCase()) ?? text;
  const parts = expanded.trim().split(/\s+/);
  if (text.startsWith("@") && expanded === text) {
    return { problem: `${text} is unknown; the known names are ${[...NAMES.keys()].join(", ")}` };
  }
  if (parts.length !== 5) return { problem: "it does not have five fields" };
  const beyond = /[W+]/i.exec(`${parts[2]} ${(parts[4] ?? "").replaceAll(/wed/gi, "")}`)?.[0];
  if (beyond !== undefined) return { problem: `"${beyond}" is not supported` };
  const wrong = FIELDS.map((field, index) => fieldProblem(field, parts[index] ?? "")).find(Boolean);
  if (wrong !== undefined) return { problem: wrong };
  try {
    // Any year will do as the beginning of the search, because a leap day comes within eight years.
    if (new Cron(expanded, { timezone: "UTC" }).nextRun(new Date("2024-01-01T00:00:00Z")) === null) {
      return { problem: "it never fires" };
    }
  } catch (error) {
    // The messages of croner show numbers that it could not parse.
    const problem = (error instanceof Error ? error.message : String(error)).replace(/^CronPattern: /, "");
    return { problem: problem.replaceAll(/ ?\(?\b(?:NaN|undefined)\b\)?/g, "") };
  }
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = parts;
  return {
    times: {
      text,
      ...(!isEvery(minute) && { minutes: numbers(minute, 0, 59, []) }),
      ...(!isEvery(hour) && { hours: numbers(hour, 0, 23, []) }),
      ...(!isEvery(month) && { months: numbers(month, 1, 12, MONTHS, 1) }),
      ...(!isEveryDay(day) && { days: monthDays(day) }),
      ...(!isEvery(weekday) && { weekdays: weekDays(weekday) }),
    },
  };
}

/** A field of an expression: its numbers, and names for them. */
interface Field {
  readonly what: string;
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const FIELDS: readonly Field[] = [
  { what: "minute", least: 0, most: 59, names: [] },
  { what: "hour", least: 0, most: 23, names: [] },
  { what: "day", least: 1, most: 31, names: [] },
  { what: "month", least: 1, most: 12, names: MONTHS },
  { what: "weekday", least: 0, most: 7, names: WEEKDAYS },
];

/** What is wrong with a field's numbers, in the words of its author: croner counts months and days from 0. */
function fieldProblem({ what, least, most, names }: Field, field: string): string | undefined {
  for (const item of field.split(",")) {
    if (what === "day" && item.toUpperCase() === "L") continue;
    const [, days = "", nth] = /^(.*?)(?:#(.*)|L)?$/i.exec(item) ?? [];
    const isNth = what === "weekday" && days !== item && !/^[*?]/.test(days);
    if (isNth && nth !== undefined && !/^(?:[1-5]|L)$/i.test(nth))
      return `"${item}" is no weekday of a month; after # stands 1 to 5, or L for the last`;
    const read = /^(?:[*?]|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(isNth ? days : item);
    if (read === null) return `"${item}" is not understood as a ${what}`;
    const [, from, to, step] = read;
    const ends = [from, to].flatMap((end) => end ?? []);
    const numbers = ends.map((end) => {
      const named = names.indexOf(end.toLowerCase());
      return named < 0 ? Number(end) : named + least;
    });
    for (const [index, number] of numbers.entries()) {
      const end = ends[index] ?? "";
      if (Number.isNaN(number)) return `"${end}" is not a ${what}`;
      if (number < least || number > most) return `there is no ${what} ${end}; they are ${least} to ${most}`;
    }
    const [start = 0, end = start] = numbers;
    if (end < start && !(what === "weekday" && to?.toLowerCase() === "sun"))
      return `the range "${from}-${to}" ends before it begins; write two ranges`;
    if (step !== undefined && Number(step) === 0) return `the step of "${item}" is 0`;
    if (step !== undefined && from !== undefined && to === undefined)
      return `"${item}" has a step without a range; write ${from}-${most}/${step}`;
  }
  return undefined;
}

/**
 * Whether other crons read the days of an expression in another way: with a field that begins with `*`, those that come
 * from Vixie's take the days on which both fields match (entry.c, DOM_STAR and DOW_STAR).
 */
export function isReadOtherwise({ text, days, weekdays }: CronTimes): boolean {
  if (days === undefined || weekdays === undefined) return false;
  const [, , day = "", , weekday = ""] = text.trim().split(/\s+/);
  return day.startsWith("*") || weekday.startsWith("*");
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The wall-clock times at which an expression fires in `[from, until)`, as the milliseconds that they would be in UTC. */
export function* wallClockTimes(times: CronTimes, from: number, until: number): Generator<number> {
  const { hours = HOURS, minutes = MINUTES } = times;
  for (let midnight = Math.floor(from / DAY) * DAY; midnight < until; midnight += DAY) {
    if (!firesOn(times, new Date(midnight))) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const time = midnight + (hour * 60 + minute) * MINUTE;
        if (time >= from && time < until) yield time;
      }
    }
  }
}

const HOURS = numbers("*", 0, 23, []);
const MINUTES = numbers("*", 0, 59, []);

/** @param day its midnight in UTC */
function firesOn({ months, days, weekdays }: CronTimes, day: Date): boolean {
  if (months !== undefined && !months.includes(day.getUTCMonth() + 1)) return false;
  if (days === undefined && weekdays === undefined) return true;
  const date = day.getUTCDate();
  const isLastWeek = new Date(day.getTime() + 7 * DAY).getUTCMonth() !== day.getUTCMonth();
  const isLast = new Date(day.getTime() + DAY).getUTCMonth() !== day.getUTCMonth();
  return (
    (days !== undefined && (days.of.includes(date) || (days.last && isLast))) ||
    (weekdays?.some(
      (each) =>
        each.day === (day.getUTCDay() || 7) &&
        (each.nth === undefined || (each.nth === "last" ? isLastWeek : each.nth === Math.ceil(date / 7))),
    ) ??
      false)
  );
}

/** Weekdays as cron has them, `mon-fri` or `sat,sun`: 1 is Monday, 7 Sunday; undefined if it is something else. */
export function parseWeekdays(text: string): readonly number[] | undefined {
  const read = parseCron(`0 0 * * ${text.replaceAll(/\s*,\s*/g, ",")}`);
  if ("problem" in read) return undefined;
  const { weekdays } = read.times;
  if (weekdays === undefined) return [1, 2, 3, 4, 5, 6, 7];
  return weekdays.some(({ nth }) => nth !== undefined) ? undefined : weekdays.map(({ day }) => day);
}

function isEvery(field: string): boolean {
  return field === "*" || field === "?";
}

/** All days, including `L`, the last day of a month. */
function isEveryDay(field: string): boolean {
  return isEvery(
    field
      .split(",")
      .filter((item) => item.toUpperCase() !== "L")
      .join(","),
  );
}

function monthDays(field: string): { of: readonly number[]; last: boolean } {
  const items = field.split(",");
  const plain = items.filter((item) => item.toUpperCase() !== "L");
  return {
    of: plain.length === 0 ? [] : numbers(plain.join(","), 1, 31, []),
    last: plain.length < items.length,
  };
}

function weekDays(field: string): CronWeekday[] {
  const weekdays = new Map<string, CronWeekday>();
  for (const item of field.split(",")) {
    const [, days = "", nth] = /^(.*?)(?:#?(L)|#(\d))?$/i.exec(item) ?? [];
    const count = /#(\d)$/.exec(item)?.[1];
    for (const number of numbers(days, 0, 7, WEEKDAYS)) {
      const day = number === 0 ? 7 : number;
      const which = nth === undefined ? (count === undefined ? undefined : Number(count)) : ("last" as const);
      weekdays.set(`${day}#${which ?? ""}`, { day, ...(which !== undefined && { nth: which }) });
    }
  }
  return [...weekdays.values()].sort((a, b) => a.day - b.day);
}

/** @param first number of the first name */
function numbers(field: string, least: number, most: number, names: readonly string[], first = 0): number[] {
  const number = (text: string): number => {
    const named = names.indexOf(text.toLowerCase());
    return named < 0 ? Number(text) : named + first;
  };
  const numbers = new Set<number>();
  for (const item of field.split(",")) {
    const [range = "", step = "1"] = item.split("/");
    const [from = "", to = from] = isEvery(range) ? [String(least), String(most)] : range.split("-");
    const start = number(from);
    // `sat-sun`: as an end, Sunday is the seventh day.
    const end = range.includes("-") && to.toLowerCase() === "sun" ? 7 : number(to);
    for (let each = start; each <= end; each += Number(step)) numbers.add(each);
  }
  return [...numbers].sort((a, b) => a - b);
}
