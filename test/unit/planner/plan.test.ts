import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { DomainDisk } from "../../../src/libvirt/domain.js";
import type { DomainPlan } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import type { Policy } from "../../../src/policy/policy.js";
import { disks, inventoryOf, pastOf, policy } from "../../support/plans.js";

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
      const points = new Map<string, ReadonlySet<string>>();
      let checkpoints = new Set<string>();
      for (const run of planOf(written, found, A, C)?.runs ?? []) {
        for (const disk of run.disks) {
          if (disk.base === null) continue;
          expect(checkpoints).toContain(disk.base);
          expect(points.get(disk.base)).toContain(disk.target);
        }
        points.set(run.point, new Set(run.disks.filter(({ bitmap }) => bitmap).map(({ target }) => target)));
        if (run.checkpoint) checkpoints.add(run.point);
        for (const step of run.steps) {
          if (step.do === "retire-checkpoints")
            checkpoints = new Set([...checkpoints].filter((name) => step.keep.includes(name)));
          if (step.do === "prune") for (const point of step.points) points.delete(point);
        }
      }
    }),
    RUNS,
  );
});

it("no kept restore point ever lacks one that it stands on", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const needs = new Map<string, (string | null)[]>();
      for (const run of planOf(written, found, A, C)?.runs ?? []) {
        needs.set(
          run.point,
          run.disks.map(({ base }) => base),
        );
        for (const step of run.steps)
          if (step.do === "prune") for (const point of step.points) needs.delete(point);
        const lost = [...needs.values()].flat().filter((base) => base !== null && !needs.has(base));
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
      expect([...first.runs, ...(second?.runs ?? [])]).toEqual(whole.runs);
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
      for (const run of planOf(written, found, A, C)?.runs ?? []) {
        for (const step of run.steps) {
          if (step.do === "retire-checkpoints")
            expect(step.keep.length).toBeLessThanOrEqual(differentials ? 2 : 1);
        }
      }
    }),
    RUNS,
  );
});

it("chains are no longer than maxChainLength", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const depths = new Map<string, number>();
      for (const run of planOf(written, found, A, C)?.runs ?? []) {
        for (const { target, base } of run.disks) {
          const depth = base === null ? 1 : (depths.get(`${base} ${target}`) ?? Number.NaN) + 1;
          depths.set(`${run.point} ${target}`, depth);
          expect(depth).toBeLessThanOrEqual(written.maxChainLength ?? Number.POSITIVE_INFINITY);
        }
      }
    }),
    RUNS,
  );
});
