import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { bandwidthText } from "../../../src/plan/bandwidth-text.js";
import { copySeconds, limitsOf } from "../../../src/planner/calendar/limits.js";
import { compile } from "../../../src/planner/compile.js";
import { type Bandwidth, overlapOf, weekOf } from "../../../src/policy/bandwidth.js";
import { diskOf, inventoryOf, policyOf, settingsOf } from "../../support/plans.js";

const MIB = 2 ** 20;
const FREE = Number.POSITIVE_INFINITY;
const OFFICE: Bandwidth = [
  { weekdays: ["mon-fri"], hours: ["08:00-18:00"], limit: 20 * MIB },
  { hours: ["22:00-06:00"], limit: 200 * MIB },
];

describe("the limits of a week", () => {
  it("are one of all hours", () => expect(weekOf(5)).toEqual([{ minute: 0, limit: 5 }]));

  it("begin on Monday, and a range over midnight is on both its days", () => {
    const hour = (day: number, at: number) => (day * 24 + at) * 60;
    expect(weekOf([{ weekdays: ["sun"], hours: ["22:00-06:00"], limit: 7 }])).toEqual([
      { minute: 0, limit: 7 },
      { minute: hour(0, 6), limit: FREE },
      { minute: hour(6, 22), limit: 7 },
    ]);
    expect(weekOf(OFFICE).slice(0, 5)).toEqual([
      { minute: 0, limit: 200 * MIB },
      { minute: hour(0, 6), limit: FREE },
      { minute: hour(0, 8), limit: 20 * MIB },
      { minute: hour(0, 18), limit: FREE },
      { minute: hour(0, 22), limit: 200 * MIB },
    ]);
  });

  it("without hours are those of whole days", () =>
    expect(weekOf([{ weekdays: ["mon", "wed"], limit: 7 }])).toEqual([
      { minute: 0, limit: 7 },
      { minute: 1440, limit: FREE },
      { minute: 2880, limit: 7 },
      { minute: 4320, limit: FREE },
    ]));

  it.each<[string, Omit<Exclude<Bandwidth, number>[number], "limit">, string | undefined]>([
    ["a minute more", { hours: ["17:59-19:00"] }, "mon 17:59"],
    ["the same minute, which the range does not have any more", { hours: ["18:00-19:00"] }, undefined],
    ["over midnight", { weekdays: ["sun"], hours: ["20:00-08:01"] }, "mon 08:00"],
    ["other days", { weekdays: ["sat,sun"] }, undefined],
    ["one range of several", { hours: ["06:00-07:00", "12:00-13:00"] }, "mon 12:00"],
  ])("have a minute in common: %s", (_, other, first) => {
    const one = { weekdays: ["mon-fri"], hours: ["08:00-18:00"] };
    expect(overlapOf(one, other)).toBe(first);
    expect(overlapOf(other, one)).toBe(first);
  });

  it("as people read them", () =>
    expect(bandwidthText(OFFICE)).toBe(
      "20 MiB/s mon-fri 08:00-18:00, 200 MiB/s 22:00-06:00, otherwise unlimited",
    ));
});

describe("how long a copy takes", () => {
  const berlin = (text: string) => DateTime.fromISO(text, { zone: "Europe/Berlin" }).toMillis();
  const limits = limitsOf(OFFICE, "Europe/Berlin");
  const seconds = (text: string, ...copies: { bytes: number; speed: number }[]) =>
    copySeconds(copies, limits, berlin(text));

  it("without a limit: at its own speed", () =>
    expect(seconds("2026-12-01T06:30", { bytes: 600 * MIB, speed: 100 * MIB })).toBeCloseTo(6));

  it("under a limit: no faster than it, and no faster than it can", () => {
    expect(seconds("2026-12-01T09:00", { bytes: 600 * MIB, speed: 100 * MIB })).toBeCloseTo(30);
    expect(seconds("2026-12-01T23:00", { bytes: 600 * MIB, speed: 100 * MIB })).toBeCloseTo(6);
  });

  it("over a boundary: each part at the speed of its hour", () => {
    // Ten minutes up to eight, then at a fifth.
    const bytes = 600 * 100 * MIB + 100 * 20 * MIB;
    expect(seconds("2026-12-01T07:50", { bytes, speed: 100 * MIB })).toBeCloseTo(700);
    expect(
      seconds(
        "2026-12-01T07:50",
        { bytes: bytes / 2, speed: 100 * MIB },
        { bytes: bytes / 2, speed: 100 * MIB },
      ),
    ).toBeCloseTo(700);
  });

  it("over several boundaries, of hours and of the week", () => {
    // From Friday evening: nothing limits Saturday's day.
    const friday = berlin("2026-12-04T17:00");
    const until = berlin("2026-12-05T23:00");
    const bytes = (20 + 400 * 20 + 200 * 9) * MIB * 3600;
    expect(copySeconds([{ bytes, speed: 400 * MIB }], limits, friday)).toBeCloseTo(
      (until - friday) / 1000,
      3,
    );
  });

  it.each([
    ["spring", "2027-03-28T01:00", "2027-03-28T05:00", 3],
    ["autumn", "2026-10-25T01:00", "2026-10-25T05:00", 5],
  ])(
    "in a night in which the clocks are changed: as many hours as there are (%s)",
    (_, from, until, hours) => {
      const night = limitsOf([{ hours: ["01:00-05:00"], limit: 10 * MIB }], "Europe/Berlin");
      expect((berlin(until) - berlin(from)) / 3_600_000).toBe(hours);
      const bytes = hours * 3600 * 10 * MIB + 100 * MIB;
      expect(copySeconds([{ bytes, speed: 100 * MIB }], night, berlin(from))).toBeCloseTo(hours * 3600 + 1);
    },
  );

  it("ends within a year, whatever the limit", () => {
    const slow = limitsOf([{ hours: ["00:00-23:59"], limit: 1 }], "UTC");
    const took = copySeconds([{ bytes: 2 ** 50, speed: 10 }], slow, 0);
    expect(took).toBeGreaterThan(365 * 86_400);
    expect(took).toBeLessThan(368 * 86_400);
  });
});

it("maxConcurrent counts a run at the hours in which it copies", () => {
  const bandwidth = [{ hours: "00:30-12:00", limit: "10MiB/s" }];
  const estimate = { size: "200GiB", changedPerDay: "1GiB", speed: "100MiB/s" };
  const domains = ["one", "two", "three"];
  const inventory = inventoryOf([diskOf("vda", "qcow2")]);
  const facts = domains.map((name, index) => ({
    ...(inventory.domains[0] as (typeof inventory.domains)[number]),
    domain: {
      name,
      uuid: `00000000-0000-4000-8000-00000000000${index}`,
      disks: [diskOf(`vda${name}`, "qcow2")],
    },
  }));
  const written = { maxConcurrent: 1, defaults: { estimate, bandwidth }, domains: { "*": null } };
  const horizon = { from: "2026-10-10T00:00:00Z", until: "2026-10-11T00:00:00Z" };
  const { plan } = compile(policyOf(written), { ...inventory, domains: facts }, horizon);
  const starts = plan?.domains.map(({ runs: [run] }) => run?.start ?? run?.slot).sort();
  // A tenth of the speed after half an hour; and the last one, which begins after "three", is done after twelve.
  const first = 1800 + (200 * 1024 - 1800 * 100) / 10;
  const second = first + (200 * 1024) / 10;
  const third = 43_200 - second + (200 * 1024 - (43_200 - second) * 10) / 100;
  expect(plan?.domains.map(({ figures }) => figures.forecast?.longestRun)).toEqual(
    [first, third, second - first].map(Math.ceil),
  );
  const at = (seconds: number) => new Date(Date.parse(horizon.from) + seconds * 1000).toISOString();
  expect(starts).toEqual([0, first, second].map((seconds) => at(seconds).replace(".000", "")));
});

it("a list that limits nothing is no bandwidth", () => {
  const { bandwidth } = settingsOf({ bandwidth: [{ hours: "08:00-18:00", limit: "unlimited" }] });
  expect(bandwidth).toEqual([{ hours: ["08:00-18:00"] }]);
  const written = { defaults: { bandwidth: [{ hours: "08:00-18:00", limit: "unlimited" }] } };
  const horizon = { from: "2026-10-10T00:00:00Z", until: "2026-10-11T00:00:00Z" };
  expect(
    compile(policyOf(written), inventoryOf([diskOf("vda", "qcow2")]), horizon).plan?.domains[0],
  ).not.toHaveProperty("bandwidth");
});
