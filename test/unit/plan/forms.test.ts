import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import type { DomainPlan, Plan, PlannedDisk, RunDisk } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import { diskOf, inventoryOf, policyOf, type Written } from "../../support/plans.js";
import { ROOT } from "../../support/tidemark.js";

/*
 * What no plan can say: the types do not let it be written, and the schema does not let it be read.
 */

const isPlan = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(join(ROOT, "schemas/plan.schema.json"), "utf8")),
);

function planned(changes: Written): { plan: Plan; domain: DomainPlan } {
  const inventory = inventoryOf([diskOf("vda", "qcow2"), diskOf("vdb", "raw")]);
  const { plan } = compile(policyOf(changes), inventory, {
    from: "2026-10-10T00:00:00Z",
    until: "2026-10-12T00:00:00Z",
  });
  const domain = plan?.domains[0];
  if (plan === undefined || domain === undefined) throw new Error("no plan");
  return { plan, domain };
}

const push = planned({});
const pull = planned({
  defaults: { mode: "pull", scratch: "/scratch", server: { transport: "unix", socket: "/run/nbd" } },
});

/** The first disk of the first run, a full, and of the second, which holds changes. */
const [full, changes] = pull.domain.runs.map(({ disks }) => disks[0] as RunDisk) as [RunDisk, RunDisk];

function withDisk(run: number, disk: object): unknown {
  const runs = pull.domain.runs.map((each, index) => (index === run ? { ...each, disks: [disk] } : each));
  return { ...pull.plan, domains: [{ ...pull.domain, runs }] };
}

it("plans are as their schema says", () => {
  expect([push.plan, pull.plan].map((plan) => isPlan(plan))).toEqual([true, true]);
  expect([full.level, changes.level]).toEqual(["full", "incremental"]);
});

it("a full has no base, nothing that it builds on, and no bitmap to be read", () => {
  // @ts-expect-error a base
  const based: RunDisk = { ...full, level: "full", base: "p-20261010T000000Z", backing: null };
  // @ts-expect-error a backing file
  const backed: RunDisk = { ...full, level: "full", base: null, backing: "../x" };
  const served = { ...full, pull: { ...full.pull, exportBitmap: "b" } };
  for (const disk of [based, backed, served]) expect(isPlan(withDisk(0, disk))).toBe(false);
});

it("changes have a base, are qcow2, and a bitmap goes on recording", () => {
  // @ts-expect-error no base
  const baseless: RunDisk = { ...changes, level: "incremental", base: null };
  const raw = { ...changes, format: "raw" };
  const uncovered = { ...changes, bitmap: false };
  const { exportBitmap: _, ...without } = changes.pull ?? {};
  for (const disk of [baseless, raw, uncovered, { ...changes, pull: without }])
    expect(isPlan(withDisk(1, disk))).toBe(false);
});

it("a domain in pull mode has a server, and one in push mode none", () => {
  const { server, ...without } = pull.domain;
  // @ts-expect-error no server
  const unserved: DomainPlan = { ...without, mode: "pull" };
  // @ts-expect-error a server
  const pushed: DomainPlan = { ...push.domain, mode: "push", server };
  expect(isPlan({ ...pull.plan, domains: [unserved] })).toBe(false);
  expect(isPlan({ ...push.plan, domains: [pushed] })).toBe(false);
});

it("a disk that is left out has no labels, and no reason to have no checkpoint", () => {
  const left: PlannedDisk = {
    target: "vda",
    type: "file",
    device: "disk",
    format: "raw",
    leftOut: "excluded",
  };
  // @ts-expect-error both
  const both: PlannedDisk = { ...left, noCheckpoint: "its format is raw" };
  const domain = (disk: PlannedDisk) => ({ ...push.domain, disks: [disk] });
  expect(isPlan({ ...push.plan, domains: [domain(left)] })).toBe(true);
  expect(isPlan({ ...push.plan, domains: [domain(both)] })).toBe(false);
});
