import { parseWeekdays } from "./cron.js";

/** A time in which nothing is backed up. Each part that is present must match; an absent part always matches. */
export interface Blackout {
  /** The days and then the hours, as one line of text. */
  readonly text: string;
  readonly dates?: readonly DateRange[];
  /** 1 is Monday, 7 Sunday. */
  readonly weekdays?: readonly number[];
  readonly hours?: readonly HourRange[];
}

/** First and last day, both included. */
export interface DateRange {
  /** once: `2026-12-24`; yearly: `12-24`, and `to` may be before `from`, in the next year. */
  readonly comes: "once" | "yearly";
  readonly from: string;
  readonly to: string;
}

/** Minutes of the day, the end exclusive. If `from` is after `to`, the range passes midnight and belongs to the day on which it begins. */
export interface HourRange {
  readonly from: number;
  readonly to: number;
}

/** A wall-clock time: its date, its weekday and its minute. */
interface Day {
  /** `2026-12-24` */
  readonly date: string;
  /** 1 is Monday, 7 Sunday. */
  readonly weekday: number;
}

const DAY = 24 * 60;
const ALL_DAY: readonly HourRange[] = [{ from: 0, to: DAY }];

/**
 * Makes a blackout of its parts; undefined if one of them cannot be parsed.
 * @param dates `2026-12-24`, `2026-12-24..2026-12-26`, or of every year: `12-24`, `12-24..01-02`
 * @param weekdays as in cron: `mon-fri`, `sat,sun`
 * @param hours `08:00-18:00`
 */
export function parseBlackout(parts: {
  readonly dates?: readonly string[] | undefined;
  readonly weekdays?: readonly string[] | undefined;
  readonly hours?: readonly string[] | undefined;
}): Blackout | undefined {
  const dates = parts.dates?.map(parseDates);
  const weekdays = parts.weekdays?.map(parseWeekdays);
  const hours = parts.hours?.map(parseHours);
  if ([dates, weekdays, hours].some((read) => read?.includes(undefined))) return undefined;
  return {
    text: [parts.dates, parts.weekdays, parts.hours].flatMap((texts) => texts?.join(",") ?? []).join(" "),
    ...(dates && { dates: dates as readonly DateRange[] }),
    ...(weekdays && { weekdays: [...new Set((weekdays as readonly (readonly number[])[]).flat())] }),
    ...(hours && { hours: hours as readonly HourRange[] }),
  };
}

/** A test for wall-clock times, given as the milliseconds that they would be in UTC. */
export function blackoutTest(windows: readonly Blackout[]): (wallClock: number) => boolean {
  return (wallClock) => windows.some((window) => isIn(window, wallClock));
}

function isIn(window: Blackout, wallClock: number): boolean {
  const minute = Math.floor(wallClock / 60_000) % DAY;
  return (window.hours ?? ALL_DAY).some(({ from, to }) =>
    from < to
      ? minute >= from && minute < to && isOn(window, dayOf(wallClock))
      : (minute >= from && isOn(window, dayOf(wallClock))) ||
        (minute < to && isOn(window, dayOf(wallClock - DAY * 60_000))),
  );
}

function isOn({ dates, weekdays }: Blackout, { date, weekday }: Day): boolean {
  if (weekdays !== undefined && !weekdays.includes(weekday)) return false;
  return dates === undefined || dates.some((range) => holds(range, date));
}

function holds({ comes, from, to }: DateRange, date: string): boolean {
  const day = comes === "once" ? date : date.slice(5);
  return from <= to ? day >= from && day <= to : day >= from || day <= to;
}

function dayOf(wallClock: number): Day {
  const date = new Date(wallClock);
  return { date: date.toISOString().slice(0, 10), weekday: date.getUTCDay() || 7 };
}

/** Parses a date or a range of dates; undefined if the text is neither, or if the date does not exist. */
export function parseDates(text: string): DateRange | undefined {
  const match = /^((?:\d{4}-)?\d\d-\d\d)(?:\.\.((?:\d{4}-)?\d\d-\d\d))?$/.exec(text);
  const [, from = "", to = from] = match ?? [];
  if (match === null || !isDate(from) || !isDate(to) || from.length !== to.length) return undefined;
  if (from.length === "12-24".length) return { comes: "yearly", from, to };
  return from > to ? undefined : { comes: "once", from, to };
}

function isDate(text: string): boolean {
  // 29 February exists in leap years.
  const whole = text.length === 5 ? `2024-${text}` : text;
  const time = Date.parse(`${whole}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(whole);
}

/** Parses a range of hours; undefined if the text is something else. */
export function parseHours(text: string): HourRange | undefined {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  return fromMinute < 60 && toMinute < 60 && from < DAY && to <= DAY && from !== to
    ? { from, to }
    : undefined;
}
