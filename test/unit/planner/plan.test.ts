import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { DomainDisk } from "../../../src/libvirt/domain.js";
import { afterFold, type Foldable } from "../../../src/plan/fold.js";
import type { DomainPlan, Run } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import type { Policy } from "../../../src/policy/policy.js";
import { diskOf, disks, inventoryOf, pastOf, policy, policyOf } from "../../support/plans.js";

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
      let there: readonly Foldable[] = [];
      for (const run of planOf(written, found, A, C)?.runs ?? []) {
        there = [...there, run];
        for (const step of run.steps) {
          if (step.do === "consolidate") there = afterFold(there, step);
          if (step.do === "prune") there = there.filter(({ point }) => !step.points.includes(point));
        }
        const names = new Set(there.map(({ point }) => point));
        const bases = there.flatMap(({ disks: own }) => own.flatMap(({ base }) => base ?? []));
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

it("chains are no longer than maxChainLength, and the plan says how long they get", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const plan = planOf(written, found, A, C);
      let there: readonly Foldable[] = [];
      let longest = 0;
      for (const run of plan?.runs ?? []) {
        there = [...there, run];
        for (const { target } of run.disks) {
          let depth = 0;
          for (let at: string | null | undefined = run.point; at; depth++) {
            const name: string = at;
            at = there
              .find(({ point }) => point === name)
              ?.disks.find((disk) => disk.target === target)?.base;
          }
          longest = Math.max(longest, depth);
        }
        for (const step of run.steps) if (step.do === "consolidate") there = afterFold(there, step);
      }
      expect(longest).toBeLessThanOrEqual(written.maxChainLength ?? Number.POSITIVE_INFINITY);
      if (plan !== undefined) expect(plan.figures.imagesToRestore).toBe(longest);
    }),
    RUNS,
  );
});

it("with consolidate, and no differentials, what no rule keeps is there only while several stand on it", () => {
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
