import * as fc from "fast-check";
import { DateTime } from "luxon";
import { afterAll, describe, expect, it } from "vitest";
import { onCalendar } from "../../src/planner/calendar/on-calendar.js";
import { unrollSchedule } from "../../src/planner/calendar/schedule.js";
import { parseCron } from "../../src/policy/cron.js";
import { sh } from "../live/guest.js";
import { policyOf } from "../support/plans.js";

/*
 * systemd as the judge of the OnCalendar lines that we show for cron expressions: what `systemd-analyze calendar` says that
 * they come to, beside the slots that we make of the cron expression.
 */
const CASES_A_ZONE = 100;
const ITERATIONS = 40;

let compared = 0;
let givenUp = 0;
afterAll(() => console.log(`cron expressions compared: ${compared}, where systemd gave up: ${givenUp}`));

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** `*`, `7`, `3-9`, `3-9/2`, `*`/15, and lists of them. */
function field(least: number, most: number, names: readonly string[] = [], first = 0): fc.Arbitrary<string> {
  const number = fc.integer({ min: least, max: most });
  const name = (value: number, named: boolean) =>
    named ? (names[value - first] ?? String(value)) : String(value);
  const item = fc.oneof(
    fc.tuple(number, fc.boolean()).map(([value, named]) => name(value, named)),
    fc
      .tuple(number, number, fc.option(fc.integer({ min: 2, max: Math.min(9, most - least) })), fc.boolean())
      .map(([a, b, step, named]) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        return `${name(from, named)}-${name(to, named)}${step === null ? "" : `/${step}`}`;
      }),
    fc.integer({ min: 2, max: Math.ceil((most - least) / 2) }).map((step) => `*/${step}`),
  );
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant("*") },
    { weight: 2, arbitrary: item },
    { weight: 1, arbitrary: fc.array(item, { minLength: 2, maxLength: 3 }).map((items) => items.join(",")) },
  );
}

const day = fc.oneof(
  { weight: 6, arbitrary: fc.constant("*") },
  { weight: 3, arbitrary: field(1, 31) },
  { weight: 1, arbitrary: fc.constantFrom("L", "15,L", "?") },
);
const weekday = fc.oneof(
  { weight: 3, arbitrary: fc.constant("*") },
  { weight: 3, arbitrary: field(0, 6, WEEKDAYS) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("mon#1", "fri#L", "tue#2,thu#4", "5L", "7", "wed#5", "sat,sun#3", "fri-7"),
  },
);
const cron = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(field(0, 59), field(0, 23), day, field(1, 12, MONTHS, 1), weekday)
      .map((fields) => fields.join(" ")),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@midnight"),
  },
);

describe.each(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])("in %s", (zone) => {
  it("OnCalendar means what cron means", () => {
    const bases = fc.integer({ min: Date.UTC(2026, 0, 1) / 1000, max: Date.UTC(2027, 11, 31) / 1000 });
    const cases = fc.sample(fc.tuple(cron, bases), { numRuns: CASES_A_ZONE, seed: 20261124 });
    for (const [expression, base] of cases) {
      const read = parseCron(expression);
      // 30 February and its like, which we refuse.
      if ("problem" in read) {
        expect(read.problem, expression).toBe("it never fires");
        continue;
      }
      const lines = onCalendar(read.times, zone);
      const theirs = elapses(lines, base);
      if (theirs === undefined) {
        givenUp += 1;
        continue;
      }
      const last = theirs.at(-1) ?? base;
      // systemd leaves out what falls into a gap; we take the instant after it.
      const ours = slots(expression, zone, base + 1, last + 1).filter((time) => !followsGap(time, zone));
      const expected = theirs.filter((time) => !followsGap(time, zone));
      expect(ours, `${expression} as ${lines.join("; ")} from ${base}`).toEqual(expected);
      compared += 1;
    }
  });
});

it("there were hundreds", () => {
  expect(compared).toBeGreaterThan(300);
  expect(givenUp).toBeLessThan(compared / 20);
});

/** Seconds. With more lines than one, only up to where all of them have been asked; undefined if systemd gives up. */
function elapses(lines: readonly string[], base: number): number[] | undefined {
  const lists: number[][] = [];
  for (const line of lines) {
    const options = ["--iterations", String(ITERATIONS), "--base-time", `@${base}`];
    const asked = sh("systemd-analyze", ["calendar", line, ...options], {
      env: { TZ: "UTC" },
      status: "any",
    });
    // It tries a limited number of times to get past a change of clocks (calendarspec.c).
    if (/Resource deadlock avoided/.test(asked.stderr)) return undefined;
    expect(asked.status, asked.stderr).toBe(0);
    const times = asked.stdout.matchAll(
      /(?:Next elapse|Iter(?:ation|\.) #\d+): \w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g,
    );
    lists.push([...times].map(([, date, time]) => Date.parse(`${date}T${time}Z`) / 1000));
  }
  const until = Math.min(...lists.map((list) => list.at(-1) ?? Number.POSITIVE_INFINITY));
  return [...new Set(lists.flat())].filter((time) => time <= until).sort((a, b) => a - b);
}

function slots(expression: string, zone: string, from: number, until: number): number[] {
  const { schedule } = policyOf({ schedule: [{ level: "full", at: expression }] });
  return unrollSchedule(schedule, [], zone, from * 1000, until * 1000).slots.map(({ time }) => time / 1000);
}

function followsGap(time: number, zone: string): boolean {
  const offset = (seconds: number) => DateTime.fromSeconds(seconds, { zone }).offset;
  return offset(time - 1) < offset(time);
}
