import { Cron } from "croner";
import * as fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { onCalendar } from "../../../src/planner/calendar/on-calendar.js";
import { type Unrolled, unrollSchedule } from "../../../src/planner/calendar/schedule.js";
import { jitterOf } from "../../../src/planner/fleet/turns.js";
import { isReadOtherwise, parseCron, wallClockTimes } from "../../../src/policy/cron.js";
import { parseSpan } from "../../../src/policy/span.js";
import type { WrittenBlackout, WrittenEntry } from "../../../src/policy/written.js";
import { policyOf } from "../../support/plans.js";

const entry = (at: string, more: Partial<WrittenEntry> = {}): WrittenEntry => ({
  level: "incremental",
  at,
  ...more,
});

/** Both ends in milliseconds. */
function unroll(
  schedule: readonly WrittenEntry[],
  timezone: string,
  from: number,
  until: number,
  except: readonly WrittenBlackout[] = [],
): Unrolled {
  const policy = policyOf({ schedule, except, timezone });
  return unrollSchedule(policy.schedule, policy.except, timezone, from, until);
}

function local(
  schedule: readonly WrittenEntry[],
  from: string,
  until: string,
  zone = "Europe/Berlin",
  except: readonly WrittenBlackout[] = [],
): string[] {
  const millis = (text: string) => DateTime.fromISO(text, { zone }).toMillis();
  return unroll(schedule, zone, millis(from), millis(until), except).slots.map((slot) =>
    slot.local.slice(0, 16),
  );
}

describe("when clocks are put forward, from 02:00 to 03:00", () => {
  it.each([
    ["a time that is skipped is the first after the gap", "30 2 * * *", ["2027-03-28T03:00"]],
    ["several that are skipped are one", "*/15 2 * * *", ["2027-03-28T03:00"]],
    ["one that is there already is not taken twice", "0 2,3 * * *", ["2027-03-28T03:00"]],
    [
      "every hour is every hour there is",
      "30 0-4 * * *",
      ["2027-03-28T00:30", "2027-03-28T01:30", "2027-03-28T03:00", "2027-03-28T03:30", "2027-03-28T04:30"],
    ],
  ])("%s", (_, at, expected) =>
    expect(local([entry(at)], "2027-03-28T00:00", "2027-03-28T05:00")).toEqual(expected),
  );

  it("half an hour, and a whole day that a zone left out", () => {
    expect(local([entry("15 2 * * *")], "2027-10-03", "2027-10-04", "Australia/Lord_Howe")).toEqual([
      "2027-10-03T02:30",
    ]);
    expect(local([entry("0 5 * * *")], "2011-12-29", "2012-01-01", "Pacific/Apia")).toEqual([
      "2011-12-29T05:00",
      "2011-12-31T00:00",
      "2011-12-31T05:00",
    ]);
  });
});

it("when clocks are put back, a time that comes twice is taken the first time, whatever the pattern", () => {
  for (const at of ["30 2 * * *", "30 * * * *", "30 1-3 * * *"]) {
    const twice = unroll([entry(at)], "Europe/Berlin", Date.UTC(2026, 9, 25, 0), Date.UTC(2026, 9, 25, 2));
    expect(
      twice.slots.map((slot) => slot.local),
      at,
    ).toEqual(["2026-10-25T02:30:00+02:00"]);
  }
});

describe("entries", () => {
  it("fire from their start up to their end", () => {
    expect(
      local(
        [entry("@daily", { start: "2026-12-03", until: "2026-12-05T00:00" })],
        "2026-12-01",
        "2026-12-10",
      ),
    ).toEqual(["2026-12-03T00:00", "2026-12-04T00:00"]);
  });

  it("give way to fuller ones at one instant", () => {
    const schedule = [
      entry("@daily"),
      entry("@weekly", { level: "full" }),
      entry("0 0 * * wed", { level: "differential" }),
    ];
    const { slots } = unroll(schedule, "UTC", Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 8));
    expect(slots.map(({ level }) => level[0]).join("")).toBe("fiidiii");
  });
});

describe("blackouts", () => {
  const hours = (except: readonly WrittenBlackout[], from = "2026-12-24", until = "2026-12-27") =>
    local([entry("0 */6 * * *")], from, until, "Europe/Berlin", except).map((text) => text.slice(8, 13));

  it.each<[string, WrittenBlackout, string[]]>([
    [
      "a day",
      { dates: ["2026-12-25"] },
      ["24T00", "24T06", "24T12", "24T18", "26T00", "26T06", "26T12", "26T18"],
    ],
    ["days of every year, over its end", { dates: ["12-25..01-02"] }, ["24T00", "24T06", "24T12", "24T18"]],
    ["weekdays", { weekdays: ["thu", "sat-sun"] }, ["25T00", "25T06", "25T12", "25T18"]],
    [
      "hours, the end exclusive",
      { hours: ["06:00-18:00"] },
      ["24T00", "24T18", "25T00", "25T18", "26T00", "26T18"],
    ],
    [
      "a night, which belongs to the day on which it begins",
      { weekdays: ["thu"], hours: ["18:00-06:00"] },
      ["24T00", "24T06", "24T12", "25T06", "25T12", "25T18", "26T00", "26T06", "26T12", "26T18"],
    ],
    ["all that it names must hold", { dates: ["2026-12-24..2026-12-26"], hours: ["00:00-24:00"] }, []],
  ])("%s", (_, window, expected) => expect(hours([window])).toEqual(expected));

  it("of an entry leave the others alone", () => {
    const schedule = [entry("0 1 * * *", { except: [{ weekdays: ["fri"] }] }), entry("0 2 * * *")];
    expect(local(schedule, "2026-12-25", "2026-12-26")).toEqual(["2026-12-25T02:00"]);
  });

  it("are wall-clock time, also where clocks are put forward", () => {
    expect(
      local([entry("30 2 * * *")], "2027-03-28", "2027-03-29", "Europe/Berlin", [{ hours: ["03:00-04:00"] }]),
    ).toEqual([]);
  });
});

it("the slots of [a,b] and [b,c] are those of [a,c], over changes of clocks too", () => {
  const zone = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe");
  const cron = fc.constantFrom("*/50 * * * *", "30 2 * * *", "15 1-3 * * *", "@hourly", "0 0 * * sun");
  const time = fc.integer({ min: Date.UTC(2027, 2, 1) / 60_000, max: Date.UTC(2027, 2, 31) / 60_000 });
  fc.assert(
    fc.property(zone, cron, fc.tuple(time, time, time), (in_, at, times) => {
      const [a, b, c] = [...times].sort((x, y) => x - y).map((minutes) => minutes * 60_000) as [
        number,
        number,
        number,
      ];
      const of = (from: number, until: number) =>
        from < until ? unroll([entry(at)], in_, from, until).slots.map((slot) => slot.time) : [];
      expect([...of(a, b), ...of(b, c)]).toEqual(of(a, c));
    }),
    { numRuns: 100, seed: 20261124 },
  );
});

describe("cron expressions", () => {
  it.each([
    ["0 2 * * mon-sat", "Mon..Sat *-*-* 02:00:00 UTC"],
    ["*/15 * * * *", "*-*-* *:00/15:00 UTC"],
    ["0 2 1 * sun", "*-*-01 02:00:00 UTC; Sun *-*-* 02:00:00 UTC"],
    ["0 2 L feb,aug *", "*-02,08~01 02:00:00 UTC"],
    ["30 6,18 * * sun#1", "Sun *-*-01..07 06,18:30:00 UTC"],
    ["0 3 * * fri#L", "Fri *-*~07/1 03:00:00 UTC"],
    ["@weekly", "Sun *-*-* 00:00:00 UTC"],
  ])("%s is %s", (cron, expected) => {
    const read = parseCron(cron);
    expect("times" in read ? onCalendar(read.times, "UTC").join("; ") : read.problem).toBe(expected);
  });

  it.each([
    ["0 2 15W * *", '"W" is not supported'],
    ["0 0 1 * +mon", '"+" is not supported'],
    ["0 0 30 2 *", "it never fires"],
    [
      "@reboot",
      "@reboot is unknown; the known names are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually",
    ],
    ["constructor", "it does not have five fields"],
    ["0 0 * *", "it does not have five fields"],
    ["0 2 * 13 *", "there is no month 13; they are 1 to 12"],
    ["0 2 0 * *", "there is no day 0; they are 1 to 31"],
    ["0 24 * * *", "there is no hour 24; they are 0 to 23"],
    ["0 2 * * 1,8", "there is no weekday 8; they are 0 to 7"],
    ["0 2 * nov-feb *", 'the range "nov-feb" ends before it begins; write two ranges'],
    ["0 2 * foo *", '"foo" is not a month'],
    ["0 2 * jan *-fri", '"*-fri" is not understood as a weekday'],
    ["0 2 * */0 *", 'the step of "*/0" is 0'],
    ["0 2 * 3/2 *", '"3/2" has a step without a range; write 3-12/2'],
    ["0 2 * * mon#6", '"mon#6" is no weekday of a month; after # stands 1 to 5, or L for the last'],
  ])("%s is refused: %s", (cron, problem) => expect(parseCron(cron)).toEqual({ problem }));
});

it("refuse what croner refuses, and nothing else", () => {
  const end = fc.oneof(
    fc.integer({ min: 0, max: 62 }).map(String),
    fc.constantFrom("mon", "sun", "jan", "Dec", "x", ""),
  );
  const item = fc.oneof(
    end,
    fc.tuple(end, end).map((ends) => ends.join("-")),
    fc.tuple(fc.constantFrom("*", "1-5", "3", "0-7"), end).map((parts) => parts.join("/")),
    fc.tuple(end, fc.constantFrom("#2", "#L", "#6", "#", "L")).map((parts) => parts.join("")),
    fc.constantFrom("*", "?", "L", "*,L"),
  );
  const expression = fc.tuple(fc.nat(4), item).map(([place, odd]) => {
    const fields = ["0", "2", "1", "*", "mon"];
    fields[place] = odd;
    return fields.join(" ");
  });
  fc.assert(
    fc.property(expression, (text) => {
      const theirs = () => new Cron(text, { timezone: "UTC" });
      if ("times" in parseCron(text)) expect(theirs, text).not.toThrow();
      else if (text.split(" ").every((field) => field !== "")) expect(theirs, text).toThrow();
    }),
    { numRuns: 3000, seed: 20261127 },
  );
});

it.each([
  ["0 2 */2 * mon", true],
  ["0 2 1 * */2", true],
  ["0 2 *,L * mon", false],
  ["0 2 1-31/2 * mon", false],
  ["0 2 */2 * *", false],
  ["0 2 * * mon", false],
])("%s: cron itself would read it differently: %s", (text, otherwise) => {
  const read = parseCron(text);
  expect("times" in read && isReadOtherwise(read.times)).toBe(otherwise);
});

it("fire when croner says that they do", () => {
  const number = (least: number, most: number) => fc.integer({ min: least, max: most }).map(String);
  const field = (least: number, most: number, ...others: readonly string[]) => {
    const item = fc.oneof(
      fc.constantFrom("*", "*/2", "*/7", ...others),
      number(least, most),
      fc
        .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
        .map((ends) => `${Math.min(...ends)}-${Math.max(...ends)}`),
    );
    return fc.array(item, { minLength: 1, maxLength: 2 }).map((items) => items.join(","));
  };
  const expression = fc
    .tuple(
      number(0, 59),
      field(0, 23),
      field(1, 31, "L", "?"),
      field(1, 12, "feb", "jan-mar"),
      field(0, 7, "mon-fri", "sun#1", "fri#L", "sat#5"),
    )
    .map((fields) => fields.join(" "));
  fc.assert(
    fc.property(expression, fc.integer({ min: 0, max: 4 * 365 }), (text, day) => {
      const from = Date.UTC(2024, 0, 1 + day, 1, 30);
      const until = from + 90 * 86_400_000;
      const read = parseCron(text);
      if ("problem" in read) return;
      const cron = new Cron(text, { timezone: "UTC" });
      const theirs: number[] = [];
      for (let next = cron.nextRun(new Date(from - 1000)); next !== null; next = cron.nextRun(next)) {
        if (next.getTime() >= until) break;
        theirs.push(next.getTime());
      }
      expect([...wallClockTimes(read.times, from, until)], text).toEqual(theirs);
    }),
    { numRuns: 300, seed: 20261127 },
  );
}, 60_000);

it("a jitter is a domain's own, the same each time, and less than its limit", () => {
  const names = Array.from({ length: 500 }, (_, index) => `vm-${index}`);
  const delays = names.map((name) => jitterOf(name, parseSpan("30min")));
  expect(delays).toEqual(names.map((name) => jitterOf(name, parseSpan("30min"))));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...delays)).toBeLessThan(30 * 60_000);
  // Spread, not heaped: each sixth of the time has at least half of its share.
  for (let part = 0; part < 6; part++) {
    const here = delays.filter((delay) => Math.floor(delay / (5 * 60_000)) === part);
    expect(here.length).toBeGreaterThan(500 / 6 / 2);
  }
  expect(jitterOf("vm-1", undefined)).toBe(0);
});
