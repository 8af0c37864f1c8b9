import * as fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import type { Pin } from "../../../src/inventory/manifest.js";
import { retentionText } from "../../../src/plan/retention-text.js";
import { type RetainablePoint, retainer } from "../../../src/planner/domain/retain.js";
import type { WrittenRetention } from "../../../src/policy/written.js";
import { retention, retentionOf } from "../../support/plans.js";

const RUNS = { numRuns: 400, seed: 20261202 };

function fulls(...times: readonly string[]): RetainablePoint[] {
  return times.map((time) => ({ point: time, time: Date.parse(`${time}:00Z`), level: "full", needs: [] }));
}

function kept(points: readonly RetainablePoint[], rules: WrittenRetention, zone = "UTC"): string[] {
  return retainer(retentionOf(rules), zone)(points).flatMap((verdict) => (verdict.kept ? verdict.point : []));
}

describe("the rules", () => {
  const days = fulls("2019-12-25T12:00", "2019-12-31T12:00", "2020-01-01T12:00");
  it.each<[string, WrittenRetention, readonly RetainablePoint[], string[]]>([
    ["no rule keeps all", {}, days, days.map(({ point }) => point)],
    [
      "overlapping rules each use up a count, as restic has it",
      { keepDaily: 1, keepWeekly: 1, keepMonthly: 1 },
      days,
      ["2020-01-01T12:00"],
    ],
    [
      "ISO weeks: 31 December 2019 and 1 January 2020 are one",
      { keepWeekly: 2 },
      days,
      ["2019-12-25T12:00", "2020-01-01T12:00"],
    ],
    [
      "the oldest too while a count is left",
      { keepMonthly: 5 },
      fulls("2026-01-01T00:00", "2026-01-02T00:00", "2026-02-01T00:00"),
      ["2026-01-01T00:00", "2026-01-02T00:00", "2026-02-01T00:00"],
    ],
    ["-1 is no limit", { keepDaily: -1 }, days, days.map(({ point }) => point)],
    [
      "within counts back from the newest, strictly",
      { keepWithin: "1d" },
      fulls("2026-01-01T12:00", "2026-01-01T12:01", "2026-01-02T12:00"),
      ["2026-01-01T12:01", "2026-01-02T12:00"],
    ],
    [
      "a month less, as Go has it: 31 March less a month is 3 March",
      { keepWithin: "1m" },
      fulls("2026-03-02T12:00", "2026-03-04T12:00", "2026-03-31T12:00"),
      ["2026-03-04T12:00", "2026-03-31T12:00"],
    ],
    ["a pinned day", { keepLast: 1, keep: ["2019-12-25"] }, days, ["2019-12-25T12:00", "2020-01-01T12:00"]],
  ])("%s", (_, rules, points, expected) => expect(kept(points, rules)).toEqual(expected));

  describe("a pinned restore point", () => {
    const pinned = (index: number, pin: Pin, points = days) =>
      points.map((point, at) => (at === index ? { ...point, pin } : point));

    it("is kept beside those that the rules keep, and takes no other's place", () => {
      expect(kept(pinned(0, { reason: "x" }), { keepLast: 1 })).toEqual([days[0]?.point, days[2]?.point]);
      expect(kept(pinned(2, { reason: "x" }), { keepLast: 1 })).toEqual([days[1]?.point, days[2]?.point]);
      expect(kept(pinned(2, { reason: "x" }), { keepFull: 1 })).toEqual([days[1]?.point, days[2]?.point]);
    });

    it("is kept until its time, by the clock of the restore points", () => {
      expect(kept(pinned(0, { until: "2020-01-01T12:00:01Z" }), { keepLast: 1 })).toHaveLength(2);
      expect(kept(pinned(0, { until: "2020-01-01T12:00:00Z" }), { keepLast: 1 })).toHaveLength(1);
      expect(
        retainer(retentionOf({ keepLast: 1 }), "UTC")(pinned(0, { until: "2021-01-01T00:00:00Z" }))[0]?.rules,
      ).toEqual(["pinned until 2021-01-01T00:00:00Z"]);
    });

    it("keeps what it builds on", () => {
      const [first, second, third] = days as [RetainablePoint, RetainablePoint, RetainablePoint];
      const chain = [first, { ...second, needs: [first.point], pin: { reason: "x" } }, third];
      expect(kept(chain, { keepLast: 1 })).toEqual(days.map(({ point }) => point));
    });

    it("is a full that what builds on it is kept with, where fulls are counted", () => {
      const [old, full, last] = days as [RetainablePoint, RetainablePoint, RetainablePoint];
      const on = (point: string, day: string): RetainablePoint => ({
        ...last,
        point: day,
        time: Date.parse(`${day}:00Z`),
        level: "incremental",
        needs: [point],
      });
      const points = [
        { ...old, pin: { reason: "old" } },
        on(old.point, "2019-12-26T12:00"),
        full,
        { ...last, pin: { reason: "new" } },
        on(last.point, "2020-01-02T12:00"),
        // Not on the one before, which it would keep as the newest.
        on(last.point, "2020-01-03T12:00"),
      ];
      const expected = points.filter((_, index) => index !== 1).map(({ point }) => point);
      expect(kept(points, { keepFull: 1 })).toEqual(expected);
      expect(kept(points, { keepFull: 1, keepDifferential: 1 })).toEqual(expected);
    });
  });

  it("reads days in the policy's zone", () => {
    const points = fulls("2026-01-01T22:30", "2026-01-01T23:30");
    expect(kept(points, { keepDaily: 1 }, "UTC")).toHaveLength(1);
    expect(kept(points, { keepDaily: 2 }, "Europe/Berlin")).toHaveLength(2);
  });

  it("counts as pgBackRest does: F1 D1 D2 F2 with two differentials leaves F1 D2 F2", () => {
    const points: RetainablePoint[] = [
      { point: "F1", time: 1, level: "full", needs: [] },
      { point: "D1", time: 2, level: "differential", needs: ["F1"] },
      { point: "D2", time: 3, level: "differential", needs: ["F1"] },
      { point: "F2", time: 4, level: "full", needs: [] },
    ];
    expect(kept(points, { keepDifferential: 2 })).toEqual(["F1", "D2", "F2"]);
    expect(kept(points, { keepFull: 1 })).toEqual(["F2"]);
    expect(kept(points, { keepFull: 2 })).toEqual(["F1", "D1", "D2", "F2"]);
  });
});

it("says where differentials alone keep fewer fulls than in pgBackRest", () => {
  expect(retentionText(retentionOf({ keepDifferential: 2 }))).toBe(
    "2 newest differentials or fulls and no older full",
  );
  expect(retentionText(retentionOf({ keepFull: 1, keepDifferential: 2 }))).toBe(
    "1 newest fulls, 2 newest differentials or fulls",
  );
});

/** Points in a chain of random levels, at random hours. */
const chain = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom("full", "differential", "incremental")), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    let time = Date.UTC(2026, 0, 1);
    let last = "";
    let full = "";
    return steps.map(([hours, level], index): RetainablePoint => {
      time += hours * 3_600_000;
      const point = `p${index}`;
      const needs = level === "full" || last === "" ? [] : [level === "differential" ? full : last];
      if (needs.length === 0) full = point;
      last = point;
      return { point, time, level: needs.length === 0 ? "full" : (level as RetainablePoint["level"]), needs };
    });
  });

/** The calendar rules in another style: name the buckets, then look who is the newest of the newest buckets. */
function bruteForce(points: readonly RetainablePoint[], rules: WrittenRetention, zone: string): Set<string> {
  const formats: [number | undefined, string][] = [
    [rules.keepHourly, "yyyy-MM-dd HH"],
    [rules.keepDaily, "yyyy-MM-dd"],
    [rules.keepWeekly, "kkkk-WW"],
    [rules.keepMonthly, "yyyy-MM"],
    [rules.keepYearly, "yyyy"],
  ];
  const newestFirst = [...points].sort((a, b) => b.time - a.time);
  const found = new Set(newestFirst.slice(0, rules.keepLast ?? 0).map(({ point }) => point));
  for (const [count = 0, format] of formats) {
    const buckets = new Map<string, string>();
    for (const { point, time } of newestFirst) {
      const name = DateTime.fromMillis(time, { zone, locale: "en" }).toFormat(format);
      if (!buckets.has(name)) buckets.set(name, point);
    }
    for (const point of [...buckets.values()].slice(0, count)) found.add(point);
    const oldest = newestFirst.at(-1);
    if (count > buckets.size && oldest) found.add(oldest.point);
  }
  const spans: [string | undefined, string][] = [
    [rules.keepWithin, "yyyy-MM-dd HH:mm:ss"],
    [rules.keepWithinDaily, "yyyy-MM-dd"],
    [rules.keepWithinWeekly, "kkkk-WW"],
  ];
  for (const [span = "0d", format] of spans) {
    const newest = DateTime.fromMillis(newestFirst[0]?.time ?? 0, { zone, locale: "en" });
    const limit = newest.minus(
      span.endsWith("h") ? { hours: Number.parseInt(span, 10) } : { days: Number.parseInt(span, 10) },
    );
    const within = newestFirst.filter(({ time }) => time > limit.toMillis());
    const seen = new Set<string>();
    for (const { point, time } of within) {
      const name = DateTime.fromMillis(time, { zone, locale: "en" }).toFormat(format);
      if (!seen.has(name) || point === newestFirst.at(-1)?.point) found.add(point);
      seen.add(name);
    }
  }
  const fulls = newestFirst.filter(({ level }) => level === "full").slice(0, rules.keepFull ?? 0);
  const standing = new Set(fulls.map(({ point }) => point));
  for (const { point, needs } of [...newestFirst].reverse()) {
    if (needs.some((base) => standing.has(base))) standing.add(point);
  }
  return new Set([...found, ...standing]);
}

describe("for any chain and any rules", () => {
  const count = fc.integer({ min: 1, max: 9 });
  const counts: fc.Arbitrary<WrittenRetention> = fc.record(
    {
      keepLast: count,
      keepHourly: count,
      keepDaily: count,
      keepWeekly: count,
      keepMonthly: count,
      keepYearly: count,
    },
    { requiredKeys: [] },
  );
  const span = fc.constantFrom("5h", "36h", "2d", "9d", "20d");
  const spans: fc.Arbitrary<WrittenRetention> = fc.record(
    { keepWithin: span, keepWithinDaily: span, keepWithinWeekly: span, keepFull: count },
    { requiredKeys: [] },
  );
  const any = fc
    .tuple(counts, fc.oneof(spans, fc.constant({})))
    .map(([one, other]): WrittenRetention => ({ ...one, ...other }));
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York");

  it("what is kept by rule is what a brute-force reading keeps", () => {
    fc.assert(
      fc.property(chain, any, zone, (points, rules, in_) => {
        fc.pre(Object.keys(rules).length > 0);
        const byRule = retainer(
          retentionOf(rules),
          in_,
        )(points).flatMap((verdict) =>
          verdict.rules.some((rule) => rule !== "newest full") ? verdict.point : [],
        );
        expect(new Set(byRule)).toEqual(bruteForce(points, rules, in_));
      }),
      RUNS,
    );
  });

  it("nothing kept lacks an ancestor, and the newest and the newest full are kept", () => {
    fc.assert(
      fc.property(chain, retention, zone, (points, rules, in_) => {
        const left = new Set(kept(points, rules, in_));
        for (const { point, needs } of points)
          if (left.has(point)) for (const base of needs) expect(left).toContain(base);
        expect(left).toContain(points.at(-1)?.point);
        expect(left).toContain(points.findLast(({ level }) => level === "full")?.point);
      }),
      RUNS,
    );
  });

  it("one more rule, or a higher count, never keeps less", () => {
    fc.assert(
      fc.property(chain, counts, counts, zone, (points, rules, more, in_) => {
        fc.pre(Object.keys(rules).length > 0);
        const larger = Object.fromEntries(
          Object.entries({ ...more, ...rules }).map(([rule, count]) => [
            rule,
            Number(count) + (Number(more[rule as keyof WrittenRetention]) || 0),
          ]),
        ) as WrittenRetention;
        expect(kept(points, larger, in_)).toEqual(expect.arrayContaining(kept(points, rules, in_)));
      }),
      RUNS,
    );
  });

  it("the order in which points are named does not matter", () => {
    fc.assert(
      fc.property(chain, retention, (points, rules) => {
        expect(kept([...points].reverse(), rules).sort()).toEqual(kept(points, rules).sort());
      }),
      RUNS,
    );
  });
});
