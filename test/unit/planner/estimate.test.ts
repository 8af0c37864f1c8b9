import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DomainFacts } from "../../../src/inventory/inventory.js";
import { baseAfterFold, type Foldable } from "../../../src/plan/fold.js";
import { unknownIn } from "../../../src/plan/overview.js";
import { compile } from "../../../src/planner/compile.js";
import { imageBytes } from "../../../src/planner/domain/estimate.js";
import { queue, type Waiting } from "../../../src/planner/fleet/turns.js";
import { parseBytes, parseShare, parseSpeed, shareOf } from "../../../src/policy/quantity.js";
import { diskOf, disks, inventoryOf, pastOf, policy, policyOf, statesOf } from "../../support/plans.js";

describe("amounts", () => {
  it.each<[string, number | undefined]>([
    ["40GiB", 40 * 2 ** 30],
    ["40G", 40 * 2 ** 30],
    ["1.5 TiB", 1.5 * 2 ** 40],
    ["500MB", 500e6],
    ["512", 512],
    ["0", undefined],
    ["-1G", undefined],
    ["40 gigs", undefined],
  ])("%s", (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it("shares and speeds", () => {
    expect(shareOf(parseShare("2.5%") ?? { bytes: 0 }, 1000)).toBe(25);
    expect(shareOf(parseShare("2GiB") ?? { bytes: 0 }, 1000)).toBe(2 ** 31);
    expect(parseShare("2,5%")).toBeUndefined();
    expect(parseSpeed("200MiB/s")).toBe(200 * 2 ** 20);
    expect(parseSpeed("200MiB")).toBeUndefined();
  });
});

const SIZE = 1000;
const CHANGE = 100;
const HORIZON = { from: "2026-10-10T00:00:00Z", until: "2026-11-12T00:00:00Z" };

it("the forecast is the sum of the images there are, run by run", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const estimate = { size: SIZE, changedPerDay: { bytes: CHANGE } };
      const plan = compile({ ...written, defaults: { estimate } }, inventoryOf(found), HORIZON).plan
        ?.domains[0];
      if (plan === undefined) return;
      const slots = new Map(plan.runs.map(({ point, slot }) => [point, Date.parse(slot)]));
      let [copied, peak, left] = [0, 0, 0];
      // Images stay what they were made, until something is folded into them.
      const sizes = new Map<string, number>();
      const make = (point: string, target: string, base: string | null): number => {
        const since = base === null ? undefined : slots.get(base);
        const full = { size: SIZE, left: 1, changedPerDay: CHANGE, speed: 1 };
        const bytes = imageBytes(full, slots.get(point) ?? 0, since);
        sizes.set(`${point} ${target}`, bytes);
        return bytes;
      };
      const total = (points: readonly Foldable[]) =>
        sum(
          points.flatMap(({ point, disks: own }) =>
            own.map(({ target }) => sizes.get(`${point} ${target}`) ?? 0),
          ),
        );
      for (const { run, made, changes, after } of statesOf(plan)) {
        const bytes = sum(run.disks.map(({ target, base }) => make(run.point, target, base)));
        expect(run.copies).toBe(bytes);
        copied += bytes;
        peak = Math.max(peak, total(made.points));
        for (const { step, before } of changes) {
          if (step.do !== "consolidate") continue;
          const already = total(before.points);
          const into = before.points.find(({ point }) => point === step.into);
          const changed = (into?.disks ?? []).flatMap(({ target, base }) => {
            const under = baseAfterFold(before.points, step.of, target, base);
            return under === base ? [] : make(step.into, target, under);
          });
          peak = Math.max(peak, already + sum(changed));
        }
        left = total(after.points);
      }
      const { forecast } = plan.figures;
      expect(forecast).toMatchObject({ copied, repositoryAtEnd: left, repositoryPeak: peak });
    }),
    { numRuns: 60, seed: 20261124 },
  );
});

it("what the policy leaves open is measured in the catalog: the newest full, and what changed between slots", () => {
  const written = policyOf();
  const found = [diskOf("vda", "qcow2")];
  const until = (day: number) => ({ from: "2026-10-10T00:00:00Z", until: `2026-10-${day}T00:00:00Z` });
  const first = compile(written, inventoryOf(found), until(14)).plan?.domains[0];
  if (first === undefined) throw new Error("no plan");
  const past = pastOf(first);
  const catalog = past.catalog.map((manifest, index) => ({
    ...manifest,
    disks: manifest.disks.map((disk) => ({ ...disk, size: [5_000_000, 30_100, 40_000, 49_900][index] ?? 0 })),
  }));
  const plan = compile(written, inventoryOf(found, { ...past, catalog }), until(16)).plan?.domains[0];
  expect(plan?.runs.map(({ copies }) => copies)).toEqual([50_000, 50_000]);
  expect(plan?.figures.forecast).toMatchObject({
    copied: 100_000,
    repositoryAtEnd: 5_000_000 + 30_100 + 40_000 + 49_900 + 100_000,
  });
});

it("what was compressed counts whole where it is copied, and compressed where it lies", () => {
  const written = policyOf({ defaults: { compress: "zstd" } });
  const found = [diskOf("vda", "qcow2")];
  const until = (day: number) => ({ from: "2026-10-10T00:00:00Z", until: `2026-10-${day}T00:00:00Z` });
  const first = compile(written, inventoryOf(found), until(14)).plan?.domains[0];
  if (first === undefined) throw new Error("no plan");
  const past = pastOf(first);
  const sizes = [2_000_000, 12_000, 16_000, 20_000];
  const catalog = past.catalog.map((manifest, index) => ({
    ...manifest,
    disks: manifest.disks.map((disk) => {
      const size = sizes[index] ?? 0;
      return { ...disk, size, compression: { method: "zstd" as const, data: size * 2.5 } };
    }),
  }));
  const forecast = (policy: typeof written) =>
    compile(policy, inventoryOf(found, { ...past, catalog }), until(16)).plan?.domains[0]?.figures.forecast;
  const already = 2_000_000 + 12_000 + 16_000 + 20_000;
  expect(forecast(written)).toMatchObject({ copied: 100_000, repositoryAtEnd: already + 40_000 });
  expect(forecast(policyOf())).toMatchObject({ copied: 100_000, repositoryAtEnd: already + 100_000 });
});

it("without runs to measure, a checkpoint's size says what has changed since", () => {
  const checkpoint = {
    name: "p-20261008T000000Z",
    disks: [{ name: "vda", checkpoint: "bitmap" as const, size: 3_000_000 }],
  };
  const written = policyOf({ defaults: { estimate: { size: "1G" } } });
  const inventory = inventoryOf([diskOf("vda", "qcow2")], { catalog: [], checkpoints: [checkpoint] });
  const horizon = { from: "2026-10-10T00:00:00Z", until: "2026-10-12T00:00:00Z" };
  const runs = compile(written, inventory, horizon).plan?.domains[0]?.runs;
  expect(runs?.map(({ copies }) => copies)).toEqual([2 ** 30, 1_500_000]);
});

describe("a first plan", () => {
  const HERE = { from: "2026-10-10T00:00:00Z", until: "2026-10-12T00:00:00Z" };
  const forecastOf = (sizes: DomainFacts["sizes"], changes = {}) => {
    const inventory = inventoryOf([diskOf("vda", "qcow2"), diskOf("vdb", "qcow2")], {
      catalog: [],
      checkpoints: [],
    });
    const domains = inventory.domains.map((facts) => ({ ...facts, ...(sizes && { sizes }) }));
    return compile(policyOf(changes), { ...inventory, domains }, HERE).plan?.domains[0]?.figures.forecast;
  };
  const SPEED = { bytes: 100 * 2 ** 20, from: "default" };

  it("takes the sizes of the inventory: what the disk takes on its host, or else what the guest sees", () => {
    const estimate = { changedPerDay: "10%" };
    expect(
      forecastOf(
        { vda: { capacity: 9000, allocation: 2000 }, vdb: { capacity: 5000 } },
        { defaults: { estimate } },
      ),
    ).toMatchObject({
      copied: 7000 + 200 + 500,
      assumptions: [
        {
          target: "vda",
          size: { bytes: 2000, from: "allocation" },
          changedPerDay: { bytes: 200, from: "policy" },
          speed: SPEED,
        },
        {
          target: "vdb",
          size: { bytes: 5000, from: "capacity" },
          changedPerDay: { bytes: 500, from: "policy" },
        },
      ],
    });
  });

  it("counts what it knows, and says what it does not", () => {
    const forecast = forecastOf({ vda: { capacity: 9000, allocation: 2000 } });
    expect(forecast).toMatchObject({ copied: 2000, repositoryAtEnd: 2000 });
    expect(forecast?.assumptions).toEqual([
      { target: "vda", size: { bytes: 2000, from: "allocation" }, speed: SPEED },
      { target: "vdb", speed: SPEED },
    ]);
    expect(unknownIn(forecast?.assumptions ?? [])).toEqual(["how much of vda changes", "the size of vdb"]);
    expect(forecastOf(undefined)).toBeUndefined();
  });

  it("needs to know everything for maxConcurrent", () => {
    const inventory = inventoryOf([diskOf("vda", "qcow2")], { catalog: [], checkpoints: [] });
    const domains = inventory.domains.map((facts) => ({ ...facts, sizes: { vda: { capacity: 9000 } } }));
    const { diagnostics } = compile(policyOf({ maxConcurrent: 1 }), { ...inventory, domains }, HERE);
    const unknown = diagnostics.find(({ code }) => code === "TM115");
    expect(unknown?.message).toMatch(/how much of disk "vda" of "vm" changes/);
  });
});

it("the speed is measured by earlier runs that had enough to copy", () => {
  const found = [diskOf("vda", "qcow2")];
  const until = (day: number) => ({ from: "2026-10-10T00:00:00Z", until: `2026-10-${day}T00:00:00Z` });
  const first = compile(policyOf(), inventoryOf(found), until(14)).plan?.domains[0];
  if (first === undefined) throw new Error("no plan");
  const past = pastOf(first);
  const speedOf = (sizes: readonly number[], seconds: readonly (number | undefined)[], changes = {}) => {
    const catalog = past.catalog.map((manifest, index) => ({
      ...manifest,
      ...(seconds[index] !== undefined && { seconds: seconds[index] }),
      disks: manifest.disks.map((disk) => ({ ...disk, size: sizes[index] ?? 0 })),
    }));
    const plan = compile(policyOf(changes), inventoryOf(found, { ...past, catalog }), until(16)).plan
      ?.domains[0];
    return plan?.figures.forecast?.assumptions[0]?.speed;
  };
  const gigabyte = 1e9;
  expect(speedOf([gigabyte, 1000, gigabyte, 1000], [5, 1, 6, 900])).toEqual({
    bytes: 150_000_000,
    from: "catalog",
  });
  expect(speedOf([gigabyte, 1000, 1000, 1000], [undefined, 1, 1, 1])).toMatchObject({ from: "default" });
  expect(speedOf([gigabyte, 0, 0, 0], [0])).toEqual({ bytes: 1e9, from: "catalog" });
  const own = { defaults: { estimate: { speed: "7MB/s" } } };
  expect(speedOf([gigabyte, 0, 0, 0], [5], own)).toEqual({ bytes: 7e6, from: "policy" });
});

describe("turns", () => {
  const waiting = fc.array(
    fc.record({
      domain: fc.constantFrom("a", "b", "c", "d"),
      ready: fc.integer({ min: 0, max: 100 }).map((seconds) => seconds * 1000),
      seconds: fc.integer({ min: 1, max: 40 }),
    }),
    { maxLength: 30 },
  );

  it("no more than the limit go on at once, one of a domain, none before it is ready, and nobody waits for nothing", () => {
    fc.assert(
      fc.property(waiting, fc.integer({ min: 1, max: 4 }), (found, limit) => {
        const runs = found.map((each, index) => ({ ...each, point: `p${index}` }));
        const starts = queue(
          runs.map((run): Waiting => ({ ...run, seconds: () => run.seconds })),
          limit,
        );
        const placed = runs.map((run) => {
          const start = starts.get(run.domain)?.get(run.point) ?? Number.NaN;
          return { ...run, start, end: start + run.seconds * 1000 };
        });
        for (const { start, ready, domain, point } of placed) {
          expect(start).toBeGreaterThanOrEqual(ready);
          const at = (time: number) => placed.filter((other) => other.start <= time && time < other.end);
          expect(at(start).length).toBeLessThanOrEqual(limit);
          expect(at(start).filter((other) => other.domain === domain)).toHaveLength(1);
          if (start > ready) {
            // Whoever waits starts when another ends.
            expect(placed.some((other) => other.point !== point && other.end === start)).toBe(true);
          }
        }
      }),
      { numRuns: 500, seed: 20261124 },
    );
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
