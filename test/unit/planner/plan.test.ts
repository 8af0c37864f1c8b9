import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Checkpoint } from "../../../src/libvirt/checkpoint.js";
import type { DomainDisk } from "../../../src/libvirt/domain.js";
import type { Foldable } from "../../../src/plan/fold.js";
import type { DomainPlan, Run } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import type { Policy } from "../../../src/policy/policy.js";
import { diskOf, disks, inventoryOf, pastOf, policy, policyOf, statesOf } from "../../support/plans.js";

const A = "2026-10-10T00:00:00Z";
const B = "2026-11-03T00:00:00Z";
const C = "2026-11-20T00:00:00Z";
const RUNS = { numRuns: 100, seed: 20261201 };

function planOf(
  written: Policy,
  found: readonly DomainDisk[],
  from: string,
  until: string,
  past?: Parameters<typeof inventoryOf>[1],
): DomainPlan | undefined {
  return compile(written, inventoryOf(found, past), { from, until }).plan?.domains[0];
}

it("every base exists when it is used: its restore point is there, and its checkpoint covers the disk", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const plan = planOf(written, found, A, C);
      const runs = new Map(plan?.runs.map((run) => [run.point, run]));
      for (const { run, before } of statesOf(plan)) {
        const points = before.points.map(({ point }) => point);
        for (const { target, base } of run.disks) {
          if (base === null) continue;
          expect(before.checkpoints).toContain(base);
          expect(points).toContain(base);
          expect(runs.get(base)?.disks).toContainEqual(expect.objectContaining({ target, bitmap: true }));
        }
      }
    }),
    RUNS,
  );
});

it("no kept restore point ever lacks one that it builds on", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      for (const { after } of statesOf(planOf(written, found, A, C))) {
        const names = new Set(after.points.map(({ point }) => point));
        const bases = after.points.flatMap(({ disks: own }) => own.flatMap(({ base }) => base ?? []));
        const lost = bases.filter((base) => !names.has(base));
        if (lost.length > 0) expect(lost).toEqual([]);
      }
    }),
    RUNS,
  );
});

it("the plan of [a,b] and then, over what it left, of [b,c] is the plan of [a,c]", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const whole = planOf(written, found, A, C);
      const first = planOf(written, found, A, B);
      if (whole === undefined || first === undefined) return;
      const second = planOf(written, found, B, C, pastOf(first));
      // What is measured in the catalog is known only to the later plan.
      const decisions = (runs: readonly Run[] = []) => runs.map(({ copies: _, ...run }) => run);
      expect([...decisions(first.runs), ...decisions(second?.runs)]).toEqual(decisions(whole.runs));
      expect(second?.kept ?? first.kept).toEqual(whole.kept);
    }),
    RUNS,
  );
});

it("a plan compiled again over what it has left has no run", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const first = planOf(written, found, A, B);
      if (first === undefined) return;
      expect(planOf(written, found, A, B, pastOf(first))?.runs).toEqual([]);
    }),
    RUNS,
  );
});

it("at most one checkpoint a disk is kept without differentials, and two with them", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const differentials = written.schedule.some(({ level }) => level === "differential");
      for (const { after } of statesOf(planOf(written, found, A, C)))
        expect(after.checkpoints.length).toBeLessThanOrEqual(differentials ? 2 : 1);
    }),
    RUNS,
  );
});

it("chains are no longer than maxChainLength, and the plan says how long they get", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const plan = planOf(written, found, A, C);
      let longest = 0;
      for (const { run, made } of statesOf(plan)) {
        for (const { target } of run.disks) {
          let depth = 0;
          for (let at: string | null | undefined = run.point; at; depth++) {
            const name: string = at;
            at = made.points
              .find(({ point }) => point === name)
              ?.disks.find((disk) => disk.target === target)?.base;
          }
          longest = Math.max(longest, depth);
        }
      }
      expect(longest).toBeLessThanOrEqual(written.maxChainLength ?? Number.POSITIVE_INFINITY);
      if (plan !== undefined) expect(plan.figures.imagesToRestore).toBe(longest);
    }),
    RUNS,
  );
});

it("with consolidate, and no differentials, what no rule keeps is there only while several build on it", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      fc.pre(written.schedule.every(({ level }) => level !== "differential"));
      const plan = planOf({ ...written, consolidate: true }, found, A, C);
      for (const { point, reasons } of plan?.kept ?? []) {
        if (reasons.every((reason) => reason.startsWith("needed by "))) {
          expect(reasons.length, `${point}: ${reasons}`).toBeGreaterThan(1);
        }
      }
    }),
    RUNS,
  );
});

it("where a restore point was deleted by hand, nothing is built on what built on it, and it costs no other", () => {
  fc.assert(
    fc.property(policy, disks, fc.nat(), (written, found, which) => {
      const first = planOf(written, found, A, B);
      if (first === undefined) return;
      const past = pastOf(first);
      const gone = past.catalog[which % past.catalog.length]?.point;
      const catalog = past.catalog.filter(({ point }) => point !== gone);
      const checkpoints = past.checkpoints.filter(({ name }) => name !== gone);
      const second = planOf(written, found, B, C, { catalog, checkpoints });
      const isWhole = (there: readonly Foldable[], point: string, target: string): boolean => {
        const disk = there.find((each) => each.point === point)?.disks.find((each) => each.target === target);
        return disk !== undefined && (disk.base === null || isWhole(there, disk.base, target));
      };
      const whole = (there: readonly Foldable[]) =>
        there.filter(({ point, disks: own }) => own.every(({ target }) => isWhole(there, point, target)));
      let left: readonly Foldable[] = catalog;
      for (const { run, made, after } of statesOf(second, catalog)) {
        for (const { target } of run.disks) expect(isWhole(made.points, run.point, target)).toBe(true);
        left = after.points;
      }
      const { keepLast = 0 } = written.retention;
      expect(whole(left).length).toBeGreaterThanOrEqual(
        Math.min(keepLast, whole(catalog).length + (second?.runs.length ?? 0)),
      );
    }),
    RUNS,
  );
});

it("a checkpoint of a run that is past and was not verified keeps nobody from compiling", () => {
  const found = [diskOf("vda", "qcow2")];
  const first = planOf(policyOf(), found, A, B) as DomainPlan;
  const { catalog, checkpoints } = pastOf(first);
  const [, stale] = first.runs;
  const left = [...checkpoints, { ...(checkpoints[0] as Checkpoint), name: stale?.point ?? "" }];
  const past = { catalog: catalog.filter(({ point }) => point !== stale?.point), checkpoints: left };
  expect(planOf(policyOf(), found, A, C, past)?.runs[0]?.steps).toContainEqual(
    expect.objectContaining({ do: "retire-checkpoints", delete: left.map(({ name }) => name).sort() }),
  );
});

/** Weeks in which a disk's first full, on a weekday, may be folded into what builds on it before a differential wants it. */
const folding = fc
  .record({ keepLast: fc.integer({ min: 1, max: 3 }), keepDaily: fc.nat(3), keepWeekly: fc.nat(2) })
  .map((rules) =>
    policyOf({
      consolidate: true,
      retention: rules,
      schedule: [
        { level: "full", at: ["0 1 * * sun"], except: [] },
        { level: "differential", at: ["0 1 * * fri"], except: [] },
        { level: "incremental", at: ["0 1,13 * * mon-thu,sat"], except: [] },
      ],
    }),
  );

it("where a disk was added since, every base is there when it is used, and compiling in between changes nothing", () => {
  fc.assert(
    fc.property(fc.oneof(policy, folding), disks, (written, found) => {
      const first = planOf(written, found, A, B);
      if (first === undefined) return;
      const more = [...found, diskOf("vdz", "qcow2")];
      const past = pastOf(first);
      const second = planOf(written, more, B, C, past);
      if (second === undefined) return;
      for (const { run, before: there } of statesOf(second, past.catalog)) {
        for (const { target, base } of run.disks) {
          if (base === null) continue;
          const held = there.points.find(({ point }) => point === base)?.disks.map((disk) => disk.target);
          expect(held, `${run.point}, ${target}: ${base}`).toContain(target);
        }
      }
      const middle = second.runs[Math.floor(second.runs.length / 2)]?.slot ?? B;
      const before = planOf(written, more, B, middle, past);
      if (before === undefined) return;
      const after = planOf(written, more, middle, C, pastOf(before, past));
      const decisions = (runs: readonly Run[] = []) => runs.map(({ copies: _, ...run }) => run);
      expect([...decisions(before.runs), ...decisions(after?.runs)]).toEqual(decisions(second.runs));
    }),
    RUNS,
  );
});

it.each([
  [undefined, "warning TM311"],
  [true, "error TM402"],
  [false, undefined],
] as const)("an image of version 2 of qcow2 is copied whole, with checkpoint: %s", (checkpoint, says) => {
  const inventory = inventoryOf([diskOf("vda", "qcow2"), diskOf("vdb", "qcow2")]);
  const [vm] = inventory.domains;
  if (vm === undefined) throw new Error("no domain");
  const evidence = { formatVersion: "1.0", process: null, files: {}, qcow2Version2: ["vdb"] } as const;
  const { plan, diagnostics } = compile(
    policyOf({
      schedule: [
        { level: "full", at: "@weekly" },
        { level: "incremental", at: "@daily" },
      ],
      retention: { keepLast: 3 },
      domains: { vm: { disks: { vdb: checkpoint === undefined ? {} : { checkpoint } } } },
    }),
    { ...inventory, domains: [{ ...vm, evidence }] },
    { from: "2026-12-01T00:00:00Z", until: "2026-12-03T00:00:00Z" },
  );
  expect(
    diagnostics
      .filter(({ code }) => !/TM30|TM208/.test(code))
      .map(({ severity, code }) => `${severity} ${code}`),
  ).toEqual(says === undefined ? [] : [says]);
  for (const { hint } of diagnostics.filter(({ code }) => says?.endsWith(code)))
    expect(hint).toContain("qemu-img amend -f qcow2 -o compat=1.1 /images/vdb");
  for (const { disks } of plan?.domains[0]?.runs ?? [])
    expect(disks.map(({ target, bitmap }) => [target, bitmap])).toEqual([
      ["vda", true],
      ["vdb", false],
    ]);
});

it.each([
  ["127.0.0.1", []],
  ["::1", []],
  ["kvm1.example.org", []],
  ["[::1]", ["TM424"]],
  ["kvm_1", ["TM424"]],
  ["kvm1:10809", ["TM424"]],
  ["fe80::1%eth0", ["TM424"]],
])("a server listens on what libvirt takes for a host: %s", (host, expected) => {
  const server = { transport: "tcp", host, port: 10809 } as const;
  const written = policyOf({ defaults: { mode: "pull", scratch: "/scratch", server } });
  const { diagnostics } = compile(written, inventoryOf([diskOf("vda", "qcow2")]), { from: A, until: B });
  expect(diagnostics.flatMap(({ code, severity }) => (severity === "error" ? code : []))).toEqual(expected);
});
