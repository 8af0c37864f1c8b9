import { parseWeekdays } from "./cron.js";

/** A time in which nothing is backed up: all that it names must hold; what it leaves out always does. */
export interface Blackout {
  /** `2026-12-24`, `2026-12-24..2026-12-26`, or of every year: `12-24`, `12-24..01-02`. */
  readonly dates?: readonly string[];
  /** As in cron: `mon-fri`, `sat,sun`. */
  readonly weekdays?: readonly string[];
  /** `08:00-18:00`, the end exclusive; `22:00-06:00` belongs to the day on which it begins. */
  readonly hours?: readonly string[];
}

/** For people: the days, then the hours. */
export function blackoutText({ dates, weekdays, hours }: Blackout): string {
  return [dates, weekdays, hours].flatMap((texts) => texts?.join(",") ?? []).join(" ");
}

/** A wall-clock time: what its day is called, and how far it is into it. */
interface Day {
  /** `2026-12-24` */
  readonly date: string;
  /** 1 is Monday, 7 Sunday. */
  readonly weekday: number;
}

type DayTest = (day: Day) => boolean;

const DAY = 24 * 60;

/** A test for wall-clock times, given as the milliseconds that they would be in UTC. */
export function blackoutTest(windows: readonly Blackout[]): (wallClock: number) => boolean {
  const tests = windows.map(windowTest);
  return (wallClock) => tests.some((test) => test(wallClock));
}

function windowTest({ dates, weekdays, hours }: Blackout): (wallClock: number) => boolean {
  const dayTests: DayTest[] = [];
  if (dates !== undefined) {
    const ranges = dates.flatMap((text) => parseDates(text) ?? []);
    dayTests.push((day) => ranges.some((range) => range(day)));
  }
  if (weekdays !== undefined) {
    const named = new Set(weekdays.flatMap((text) => parseWeekdays(text) ?? []));
    dayTests.push((day) => named.has(day.weekday));
  }
  const spans = hours?.flatMap((text) => parseHours(text) ?? []) ?? [{ from: 0, to: DAY }];
  const holds = (day: Day) => dayTests.every((test) => test(day));
  return (wallClock) => {
    const minute = Math.floor(wallClock / 60_000) % DAY;
    return spans.some(({ from, to }) =>
      from < to
        ? minute >= from && minute < to && holds(dayOf(wallClock))
        : (minute >= from && holds(dayOf(wallClock))) ||
          (minute < to && holds(dayOf(wallClock - DAY * 60_000))),
    );
  };
}

function dayOf(wallClock: number): Day {
  const date = new Date(wallClock);
  return { date: date.toISOString().slice(0, 10), weekday: date.getUTCDay() || 7 };
}

/** A test for the days of one text; undefined if it is no date or range, or one that never comes. */
export function parseDates(text: string): DayTest | undefined {
  const match = /^((?:\d{4}-)?\d\d-\d\d)(?:\.\.((?:\d{4}-)?\d\d-\d\d))?$/.exec(text);
  const [, from = "", to = from] = match ?? [];
  if (match === null || !isDate(from) || !isDate(to) || from.length !== to.length) return undefined;
  if (from.length === 10) return from > to ? undefined : ({ date }) => date >= from && date <= to;
  return ({ date }) => {
    const day = date.slice(5);
    return from <= to ? day >= from && day <= to : day >= from || day <= to;
  };
}

function isDate(text: string): boolean {
  // 29 February comes in some years.
  const whole = text.length === 5 ? `2024-${text}` : text;
  const time = Date.parse(`${whole}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(whole);
}

/** Minutes of the day; `from` after `to` goes over midnight. undefined if the text is no such span. */
export function parseHours(text: string): { from: number; to: number } | undefined {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  return fromMinute < 60 && toMinute < 60 && from < DAY && to <= DAY && from !== to
    ? { from, to }
    : undefined;
}
