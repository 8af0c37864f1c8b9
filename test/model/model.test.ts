import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.js";
import type { DomainDisk } from "../../src/libvirt/domain.js";
import type { Foldable } from "../../src/plan/fold.js";
import type { DomainPlan, Run, RunDisk } from "../../src/plan/plan.js";
import type { Replayed } from "../../src/plan/replay.js";
import { compile } from "../../src/planner/compile.js";
import { type RetainablePoint, retainer } from "../../src/planner/domain/retain.js";
import type { Policy } from "../../src/policy/policy.js";
import { disks, inventoryOf, policy, retention, retentionOf, statesOf } from "../support/plans.js";
import { type Demand, demandedAt, demandedManifest, demandedRun } from "./demand.js";
import { BLOCKS, Host } from "./host.js";
import { type Cut, runNight } from "./night.js";

/*
 * Plans carried out on a simulated host, with nights that are cut at any action, domains that are down and QEMUs that die. After
 * every night each restore point must read as the disks were.
 */
const CASES = Number(process.env["TIDEMARK_MODEL_CASES"] ?? 6000);
const SEED = Number(process.env["TIDEMARK_MODEL_SEED"] ?? 20261124);
const DAY = 86_400_000;
const FROM = Date.UTC(2026, 9, 12);
const DAYS = 14;

let plans = 0;
let nights = 0;
let cut = 0;
let folds = 0;
let demands = 0;
let violations = 0;
afterAll(() => {
  console.log(
    `nights: ${nights}, of them cut: ${cut}, folds: ${folds}, on demand: ${demands}\nplans checked: ${plans}\nviolations: ${violations}`,
  );
});

interface NightEvent {
  readonly cuts: readonly Cut[];
  readonly stopped: boolean;
  readonly crash: boolean;
  /** Compile again before it, over what is there. */
  readonly recompile: boolean;
  /** A restore point on demand is made before it. */
  readonly demand?: Demand | undefined;
  /** Blocks that the guest writes, before and while the job runs. */
  readonly writes: readonly number[];
  readonly writesMeanwhile: readonly number[];
}

const rarely = (weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const blocks = fc.array(fc.nat(BLOCKS - 1), { maxLength: 3 });
const demand = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.record({ full: rarely(3), pinned: fc.boolean() }) },
);
const event: fc.Arbitrary<NightEvent> = fc.record({
  cuts: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.record({ at: fc.nat(35), how: fc.constantFrom<Cut["how"]>("fail", "kill") }), {
        minLength: 1,
        maxLength: 2,
      }),
    },
  ),
  stopped: rarely(15),
  crash: rarely(25),
  recompile: rarely(9),
  demand,
  writes: blocks,
  writesMeanwhile: blocks,
});

const small = fc.integer({ min: 1, max: 3 });
const world = fc.record({
  written: fc
    .record({
      base: policy,
      // Few to keep, so that there is something to fold and to delete within the days.
      retention: fc.oneof(
        retention,
        fc.record({ keepLast: small }),
        fc.record({ keepLast: small, keepWeekly: small }),
        fc.record({ keepFull: small, keepLast: small }),
      ),
      onMissingBase: fc.constantFrom<Policy["onMissingBase"]>(
        "last-verified",
        "last-verified",
        "full",
        "fail",
      ),
      onDrift: fc.constantFrom<Policy["onDrift"]>("full", "fail"),
      onStopped: fc.constantFrom<Policy["onStopped"]>("skip", "offline-copy"),
    })
    .map(
      ({ base, retention: rules, ...answers }): Policy => ({
        ...base,
        ...answers,
        retention: retentionOf(rules),
      }),
    ),
  found: disks,
  events: fc.array(event, { minLength: 8, maxLength: 40 }),
  /** Whether anything goes wrong at all. */
  calm: rarely(3),
});

it("whatever happens, every restore point reads as the disks were", () => {
  const result = fc.check(
    fc.property(world, ({ written, found, events, calm }) => {
      const wrong = live(written, found, calm ? events.map(undisturbed) : events, calm);
      if (wrong.length > 0) throw new Error(wrong.join("\n"));
    }),
    { numRuns: CASES, seed: SEED },
  );
  if (result.failed) violations += 1;
  if (result.failed) console.log(result.errorInstance);
  expect(fc.defaultReportMessage(result as fc.RunDetails<[unknown]>)).toBeUndefined();
  expect(plans).toBeGreaterThanOrEqual((CASES * 10) / 6);
  expect(folds).toBeGreaterThan(CASES / 10);
  expect(demands).toBeGreaterThan(CASES);
});

function undisturbed(event: NightEvent): NightEvent {
  return { ...event, cuts: [], stopped: false, crash: false, recompile: false, demand: undefined };
}

/** Runs a plan night by night; what is found wrong. */
function live(
  written: Policy,
  found: readonly DomainDisk[],
  events: readonly NightEvent[],
  calm: boolean,
): string[] {
  const host = new Host(
    found.map(({ target }) => target),
    new Set(found.flatMap(({ target, format }) => (format === "raw" ? target : []))),
  );
  const plan = (from: number): DomainPlan | undefined => {
    const horizon = { from: instant(from), until: instant(FROM + DAYS * DAY) };
    const compiled = compile(written, capture(host, found), horizon);
    plans += 1;
    const errors = compiled.diagnostics.filter(
      ({ severity, code }) => severity === "error" && code !== "TM308",
    );
    if (errors.length > 0) throw new Error(`not compiled: ${errors[0]?.code} ${errors[0]?.message}`);
    return compiled.plan?.domains[0];
  };
  let current = plan(FROM);
  let runs = [...(current?.runs ?? [])];
  const said = statesOf(current);
  for (const event of events) {
    const next = runs[0];
    if (current === undefined || next === undefined) break;
    if (event.recompile) {
      // Whoever compiles after a crash has deleted what it broke.
      for (const name of host.checkpoints) if (isBroken(host, name)) host.deleteCheckpoint(name);
      current = plan(Date.parse(next.slot));
      runs = [...(current?.runs ?? [])];
    }
    const run = runs.shift();
    if (current === undefined || run === undefined) break;
    const write = (list: readonly number[]) => {
      for (const [index, block] of list.entries()) {
        host.guestWrites(found[index % found.length]?.target ?? "", block);
      }
    };
    write(event.writes);
    if (event.crash) host.qemuDies();
    if (event.stopped) host.stop();
    if (event.demand !== undefined) {
      const wrong = onDemand(host, current, run, event.demand, event.cuts);
      if (wrong.length > 0) return wrong;
      write(event.writes);
    }
    const before = pointsOf(host);
    const outcome = runNight(host, current, run, {
      cuts: event.cuts,
      whileJobRuns: () => write(event.writesMeanwhile),
    });
    if (event.stopped) host.start();
    nights += 1;
    if (outcome === "failed" || outcome === "killed") cut += 1;
    folds += run.steps.filter((step) => step.do === "consolidate").length;
    const unpinned = before.filter(({ point, pin }) => pin !== undefined && !host.catalog.has(point));
    const wrong = [
      ...host.violations(),
      ...lostTooEarly(written, before, host, run),
      ...unpinned.map(({ point }) => `${point} is gone, and was pinned`),
    ];
    if (calm) {
      if (outcome !== "done") wrong.push(`${run.point} was ${outcome}`);
      if (host.checkpoints.length > current.figures.checkpointsPerDisk)
        wrong.push("more checkpoints than said");
      wrong.push(...otherThanSaid(host, said.next().value));
    }
    if (wrong.length > 0) return wrong.map((text) => `after ${run.point} (${outcome}): ${text}`);
  }
  if (calm && current !== undefined && runs.length === 0) {
    const is = [...host.catalog.values()].map(({ point, level }) => `${point} ${level}`);
    const kept = current.kept.map(({ point, level }) => `${point} ${level}`);
    if (`${is}` !== `${kept}`) return [`kept ${is}, and the plan says ${kept}`];
  }
  return [];
}

/** Makes a restore point on demand before a night, or is cut while it does; what is found wrong. */
function onDemand(host: Host, plan: DomainPlan, next: Run, demanded: Demand, cuts: readonly Cut[]): string[] {
  const run = demandedRun(host, plan, demandedAt(next), demanded);
  if (run === undefined) return [];
  const before = new Set(host.catalog.keys());
  const outcome = runNight(host, plan, run, {
    cuts,
    whileJobRuns: () => {},
    manifest: demandedManifest(demanded),
  });
  demands += 1;
  const gone = [...before].filter((point) => !host.catalog.has(point));
  return [...host.violations(), ...gone.map((point) => `${point} is gone`)].map(
    (text) => `after ${run.point} on demand (${outcome}): ${text}`,
  );
}

/** After a night in which nothing went wrong, the host holds what the replay of the plan says: points, checkpoints, images. */
function otherThanSaid(host: Host, said: Replayed<Foldable> | undefined): string[] {
  const { points = [], checkpoints = [] } = said?.after ?? {};
  const shape = ({ point, level, disks: own }: Foldable) =>
    `${point} ${level} ${own.map(({ target, base }) => `${target} ${base}`)}`;
  const images = points.flatMap(({ disks: own }) => (own as readonly RunDisk[]).map(({ image }) => image));
  const pairs = [
    ["restore points", [...host.catalog.values()].map(shape), points.map(shape)],
    ["checkpoints", host.checkpoints, checkpoints],
    ["images", [...host.images.keys()].sort(), images.sort()],
  ] as const;
  return pairs.flatMap(([what, is, should]) =>
    `${is}` === `${should}` ? [] : [`${what}: ${is}, and the replay says ${should}`],
  );
}

/** Restore points that are gone, although the rules, asked of what was really there, keep them. */
function lostTooEarly(written: Policy, before: readonly RetainablePoint[], host: Host, run: Run): string[] {
  const folded = run.steps.flatMap((step) => (step.do === "consolidate" ? step.of : []));
  const now = pointsOf(host);
  const there = [...before, ...now.filter(({ point }) => before.every((each) => each.point !== point))];
  const names = new Set(now.map(({ point }) => point));
  // What counts fulls counts planned ones; one that was taken for want of a base does so from the next compile on.
  const { keepFull: _, keepDifferential: __, ...rules } = written.retention;
  if (Object.keys(rules).length === 0) return [];
  const verdicts = retainer(rules, written.timezone, false)(there);
  return verdicts
    .filter(({ point, kept }) => kept && !names.has(point) && !folded.includes(point))
    .map(({ point, rules, neededBy }) => `${point} is gone, and was kept: ${[...rules, ...neededBy]}`);
}

function pointsOf(host: Host): RetainablePoint[] {
  return [...host.catalog.values()]
    .map(({ point, slot, level, disks: own, pin }) => ({
      point,
      time: Date.parse(slot),
      level,
      needs: own.flatMap(({ base }) => base ?? []),
      ...(pin && { pin }),
    }))
    .sort((a, b) => a.time - b.time);
}

function isBroken(host: Host, checkpoint: string): boolean {
  return [...host.disks.values()].some(({ bitmaps }) => bitmaps.get(checkpoint) === null);
}

function capture(host: Host, found: readonly DomainDisk[]): Inventory {
  return inventoryOf(found, {
    catalog: [...host.catalog.values()].sort((a, b) => (a.slot < b.slot ? -1 : 1)),
    checkpoints: host.checkpoints.map((name) => ({
      name,
      disks: [...host.disks].map(([target, { bitmaps }]) => ({
        name: target,
        checkpoint: bitmaps.has(name) ? ("bitmap" as const) : ("no" as const),
      })),
    })),
  });
}

function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
