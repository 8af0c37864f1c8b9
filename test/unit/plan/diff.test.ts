import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printDiffMarkdown, printDiffText } from "../../../src/cli/print-diff.js";
import type { DomainDisk } from "../../../src/libvirt/domain.js";
import { diffPlans, isUnchanged, type PlanDiff } from "../../../src/plan/diff.js";
import type { Plan } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import type { Policy } from "../../../src/policy/policy.js";
import { diskOf, disks, inventoryOf, pastOf, policy, policyOf } from "../../support/plans.js";

const SCHEMA = fileURLToPath(new URL("../../../schemas/diff.schema.json", import.meta.url));
const isDiff = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(readFileSync(SCHEMA, "utf8")));

const A = "2026-10-10T00:00:00Z";
const B = "2026-10-20T00:00:00Z";
const C = "2026-11-03T00:00:00Z";
const D = "2026-11-20T00:00:00Z";

function planOf(
  written: Policy,
  found: readonly DomainDisk[],
  from = A,
  until = C,
  past?: Parameters<typeof inventoryOf>[1],
): Plan | undefined {
  return compile(written, inventoryOf(found, past), { from, until }).plan;
}

const TWO = [diskOf("vda", "qcow2"), diskOf("vdb", "qcow2")];
const BASE: Partial<Policy> = {
  schedule: [
    { level: "full", at: ["0 2 * * sun"], except: [] },
    { level: "incremental", at: ["0 2 * * mon-sat"], except: [] },
  ],
  retention: { keepLast: 10 },
};

/** From BASE to BASE with changes, of the policy and of the disks. */
function change(policyChanges: Partial<Policy>, found: readonly DomainDisk[] = TWO): PlanDiff {
  const [old, now] = [planOf(policyOf(BASE), TWO), planOf(policyOf({ ...BASE, ...policyChanges }), found)];
  if (old === undefined || now === undefined) throw new Error("not compiled");
  const diff = diffPlans(old, now);
  expect(isDiff(diff) ? [] : isDiff.errors).toEqual([]);
  return diff;
}

function text(diff: PlanDiff, width = Number.POSITIVE_INFINITY): string {
  return printDiffText(diff, { color: false, width });
}

it("a plan and itself: nothing", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const plan = planOf(written, found);
      if (plan === undefined) return;
      const diff = diffPlans(plan, plan);
      expect(isUnchanged(diff)).toBe(true);
      expect(text(diff)).toBe("No changes.\n");
    }),
    { numRuns: 30, seed: 20261124 },
  );
});

it("the passing of time only adds runs at the end", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const earlier = planOf(written, found, A, C);
      const done = planOf(written, found, A, B)?.domains[0];
      if (earlier === undefined || done === undefined) return;
      const later = planOf(written, found, B, D, pastOf(done));
      if (later === undefined) return;
      const diff = diffPlans(earlier, later);
      expect(isDiff(diff)).toBe(true);
      expect(diff.settings).toEqual([]);
      for (const domain of diff.domains) {
        expect(domain).toMatchObject({ dangers: [], settings: [], disks: [], keptLonger: [] });
        expect(domain.runs.filter((run) => run.change !== "follow")).toEqual([]);
      }
    }),
    { numRuns: 60, seed: 20261124 },
  );
});

describe("dangers come first", () => {
  it.each<[string, Partial<Policy>, readonly DomainDisk[], RegExp]>([
    [
      "restore points that go earlier",
      { retention: { keepLast: 4 } },
      TWO,
      /^ {2}! +\d+ restore points are lost earlier than planned\n +p-\d{8}T\d{6}Z: (kept|deleted by the run of \S+) → deleted by/m,
    ],
    [
      "a disk that is left out",
      { domains: { vm: { disks: { exclude: ["vdb"], settings: {} } } } },
      TWO,
      /! +disk vdb is no longer backed up: excluded by the policy/,
    ],
    [
      "a disk that is gone",
      {},
      TWO.slice(0, 1),
      /! +disk vdb is no longer backed up: the domain no longer has it/,
    ],
    [
      "fewer runs",
      { schedule: [{ level: "full", at: ["0 2 * * sun"], except: [] }] },
      TWO,
      /! +longer without a restore point: 1 d → 7 d/,
    ],
    [
      "chains that begin anew",
      { maxChainLength: 3 },
      TWO,
      /-\/\+ the chain begins anew, with a full that is not scheduled \(vda: the chain has reached maxChainLength \(3\)\): \S+ to/,
    ],
    [
      "plain TCP",
      {
        defaults: {
          mode: "pull",
          scratch: "/scratch",
          server: { transport: "tcp", host: "192.0.2.7", port: 10809 },
        },
      },
      TWO,
      /! +the disks can be read unencrypted at tcp 192\.0\.2\.7:10809 while a backup runs/,
    ],
  ])("%s", (_, changed, found, expected) => {
    const diff = change(changed, found);
    expect(text(diff)).toMatch(expected);
    expect(diff.dangers).toBeGreaterThan(0);
    expect(text(diff)).toMatch(/\n\d+ dangerous changes?; /);
    const [first] = text(diff)
      .split("\n")
      .filter((line) => /^ {2}[-!+~]/.test(line) && !/schedule:|kept:/.test(line));
    expect(first).toMatch(/^ {2}(!|-\/\+)/);
  });

  it("a domain that is dropped, and one that comes", () => {
    const old = planOf(policyOf(BASE), TWO) as Plan;
    expect(text(diffPlans(old, { ...old, domains: [] }))).toMatch(
      /vm, removed \(1 dangerous\)\n {2}! +the domain is no longer backed up\n {2}- +\d+ runs fewer \(full\)/,
    );
    expect(text(diffPlans({ ...old, domains: [] }, old))).toMatch(
      /vm, new\n {2}\+ +\d+ runs more \(full\)[\s\S]*Nothing dangerous: 1 domains added/,
    );
  });
});

it("what is no danger is told as well", () => {
  expect(text(change({ retention: { keepLast: 20 } }))).toMatch(/\+ +\d+ restore points are kept longer/);
  expect(text(change({ timeLimit: "3h" }))).toMatch(/~ +timeLimit: 21600 s → 10800 s/);
  expect(text(change({}, [...TWO, diskOf("vdc", "qcow2")]))).toMatch(
    /\+ +disk vdc: it is backed up from now on/,
  );
  const moved = change({
    schedule: [
      { level: "full", at: ["0 2 * * sun"], except: [] },
      { level: "incremental", at: ["30 4 * * mon-sat"], except: [] },
    ],
  });
  expect(text(moved)).toMatch(
    /~ +20 runs moved: 02:00 → 04:30: 2026-10-10T04:30:00Z to 2026-11-02T04:30:00Z/,
  );
});

it("runs that have happened meanwhile are no gap", () => {
  const written = policyOf(BASE);
  const old = planOf(written, TWO) as Plan;
  const [domain] = old.domains;
  if (domain === undefined) throw new Error("no domain");
  const past = pastOf({ ...domain, runs: domain.runs.slice(0, 4) });
  expect(text(diffPlans(old, planOf(written, TWO, A, C, past) as Plan))).toBe("No changes.\n");
});

it("domains that change alike are told of once", () => {
  const forty = (keepLast: number): Plan => {
    const plan = planOf(policyOf({ ...BASE, retention: { keepLast } }), TWO) as Plan;
    return {
      ...plan,
      domains: Array.from({ length: 40 }, (_, index) => ({
        ...(plan.domains[0] as Plan["domains"][number]),
        name: `vm-${index}`,
      })),
    };
  };
  const said = text(diffPlans(forty(10), forty(4)));
  expect(said).toMatch(/\nvm-0, vm-1, vm-10, vm-11, vm-12 and 35 more \(1 dangerous each\)\n/);
  expect(said.match(/restore points are lost/g)).toHaveLength(1);
  expect(said).toMatch(/40 dangerous changes; 0 domains added, 40 changed/);
});

it("wraps to the terminal's width", () => {
  const narrow = text(change({ retention: { keepLast: 4 } }), 60)
    .split("\n")
    .slice(2, -3);
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(60);
});

describe("Markdown", () => {
  const old = planOf(policyOf(BASE), TWO) as Plan;
  const many = (count: number, name: string): Plan => ({
    ...old,
    domains: Array.from({ length: count }, (_, index) => ({
      ...(old.domains[0] as Plan["domains"][number]),
      name: `${name}${index}`,
      figures: { imagesToRestore: index, checkpointsPerDisk: 1 },
    })),
  });

  it("folds each domain, the dangerous ones open, and is marked", () => {
    const comment = printDiffMarkdown(change({ retention: { keepLast: 4 } }));
    expect(comment.split("\n")[0]).toBe("<!-- tidemark diff -->");
    expect(comment).toMatch(
      /\n<details open><summary>vm \(1 dangerous\)<\/summary>\n\n```diff\n! \d+ restore points/,
    );
  });

  it("stays under the limit of a comment, and says what it leaves out", () => {
    const comment = printDiffMarkdown(diffPlans(many(2000, "vm-"), { ...old, domains: [] }));
    expect(comment.length).toBeLessThanOrEqual(65_000);
    expect(comment).toMatch(/_\d+ more sections are left out here/);
    expect(comment).toMatch(/2000 dangerous changes/);
  });

  it("cannot be broken out of by a name", () => {
    const comment = printDiffMarkdown(diffPlans(many(1, "</details>```<b>"), { ...old, domains: [] }));
    expect(comment).toContain("<summary>&lt;/details&gt;```&lt;b&gt;0, removed");
    expect(comment.match(/<\/details>/g)).toHaveLength(1);
  });
});
