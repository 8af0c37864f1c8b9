import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printDiffMarkdown, printDiffText } from "../../../src/cli/print-diff.js";
import type { DomainDisk } from "../../../src/libvirt/domain.js";
import { diffPlans } from "../../../src/plan/diff.js";
import { isUnchanged, type PlanDiff } from "../../../src/plan/difference.js";
import { held } from "../../../src/plan/lazy.js";
import type { DomainPlan, Plan } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import type { Policy } from "../../../src/policy/policy.js";
import { diskOf, disks, inventoryOf, pastOf, policy, policyOf, type Written } from "../../support/plans.js";

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
const BASE: Written = {
  schedule: [
    { level: "full", at: ["0 2 * * sun"] },
    { level: "incremental", at: ["0 2 * * mon-sat"] },
  ],
  retention: { keepLast: 10 },
};

const diffOf = (old: Plan, now: Plan) => diffPlans(held(old), held(now));

const pulled = {
  defaults: { mode: "pull", scratch: "/scratch", server: { transport: "unix", socket: "/run/nbd" } },
} as const;

/** From BASE to BASE with changes, of the policy and of the disks. */
function change(policyChanges: Written, found: readonly DomainDisk[] = TWO, from: Written = {}): PlanDiff {
  const [old, now] = [
    planOf(policyOf({ ...BASE, ...from }), TWO),
    planOf(policyOf({ ...BASE, ...policyChanges }), found),
  ];
  if (old === undefined || now === undefined) throw new Error("not compiled");
  const diff = diffOf(old, now);
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
      const diff = diffOf(plan, plan);
      expect(isUnchanged(diff)).toBe(true);
      expect(text(diff)).toBe("No changes.\n");
    }),
    { numRuns: 30, seed: 20261124 },
  );
}, 180_000);

it("the passing of time only adds runs at the end", () => {
  fc.assert(
    fc.property(policy, disks, (written, found) => {
      const earlier = planOf(written, found, A, C);
      const done = planOf(written, found, A, B)?.domains[0];
      if (earlier === undefined || done === undefined) return;
      const later = planOf(written, found, B, D, pastOf(done));
      if (later === undefined) return;
      const diff = diffOf(earlier, later);
      expect(isDiff(diff)).toBe(true);
      expect(diff.settings).toEqual([]);
      for (const domain of diff.domains) {
        expect(domain).toMatchObject({ dangers: [], settings: [], disks: [], keptLonger: [] });
        expect(domain.runs.filter((run) => run.change !== "follow")).toEqual([]);
      }
    }),
    { numRuns: 60, seed: 20261124 },
  );
}, 180_000);

it("a plan that begins after runs of the old one which have not happened leaves a gap", () => {
  const earlier = planOf(policyOf(BASE), TWO, A, C) as Plan;
  const past = pastOf(planOf(policyOf(BASE), TWO, A, B)?.domains[0] as DomainPlan);
  const after = (from: string) => diffOf(earlier, planOf(policyOf(BASE), TWO, from, D, past) as Plan);
  expect(after(B).dangers).toBe(0);
  expect(text(after("2026-10-27T00:00:00Z"))).toMatch(/! +longer without a restore point: 1 d → 8 d/);
  // Where others were backed up since, it is a domain that does not run.
  const stopped = pastOf(planOf(policyOf(BASE), TWO, A, "2026-10-12T00:00:00Z")?.domains[0] as DomainPlan);
  const withStopped = (plan: Plan, off: Plan): Plan => ({
    ...plan,
    domains: [...plan.domains, ...off.domains.map((domain) => ({ ...domain, name: "off" }))],
  });
  const [on, off] = [past, stopped].map((each) => planOf(policyOf(BASE), TWO, B, D, each) as Plan) as [
    Plan,
    Plan,
  ];
  expect(text(diffOf(earlier, off))).toMatch(/longer without/);
  expect(text(diffOf(withStopped(earlier, earlier), withStopped(on, off)))).not.toMatch(/longer without/);
  // Without a catalog nobody knows.
  const blind = planOf(policyOf(BASE), TWO, "2026-10-27T00:00:00Z", D) as Plan;
  expect(text(diffOf(earlier, blind))).not.toMatch(/longer without/);
});

describe("dangers come first", () => {
  it.each<[string, Written, readonly DomainDisk[], RegExp]>([
    [
      "restore points that go earlier",
      { retention: { keepLast: 4 } },
      TWO,
      /^ {2}! +\d+ restore points are lost earlier than planned\n +p-\d{8}T\d{6}Z: (kept|until \S+ \S+) → until \S+ \S+$/m,
    ],
    [
      "a disk that is left out",
      { domains: { vm: { disks: { exclude: ["vdb"] } } } },
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
      { schedule: [{ level: "full", at: ["0 2 * * sun"] }] },
      TWO,
      /! +longer without a restore point: 1 d → 7 d/,
    ],
    [
      "chains that begin anew",
      { maxChainLength: 3 },
      TWO,
      /-\/\+ the chain begins anew, with a full that is not scheduled \(the chain has reached maxChainLength \(3\)\), \S+ to/,
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
      /! +the disks can be read without encryption at tcp 192\.0\.2\.7:10809 while a backup runs/,
    ],
  ])("%s", (_, changed, found, expected) => {
    const diff = change(changed, found);
    expect(text(diff)).toMatch(expected);
    expect(diff.dangers).toBeGreaterThan(0);
    expect(text(diff)).toMatch(/\n\d+ dangerous changes?; domains: /);
    const [first] = text(diff)
      .split("\n")
      .filter((line) => /^ {2}[-!+~]/.test(line) && !/schedule:|retention:/.test(line));
    expect(first).toMatch(/^ {2}(!|-\/\+)/);
  });

  it("a scratch that is encrypted no more", () => {
    const secret = { ...pulled.defaults, scratchSecret: { usage: "scratch" } };
    const diff = change(pulled, TWO, { defaults: secret });
    expect(text(diff)).toMatch(
      /! +the scratch file of disk vda is no longer encrypted; it holds blocks of the guest/,
    );
    expect(text(diff)).toMatch(/~ +disk vda: scratchSecret scratch → none/);
    expect(diff.dangers).toBe(2);
    expect(change({ defaults: secret }, TWO, pulled).dangers).toBe(0);
  });

  it("a domain that is dropped, and one that comes", () => {
    const old = planOf(policyOf(BASE), TWO) as Plan;
    expect(text(diffOf(old, { ...old, domains: [] }))).toMatch(
      /vm, removed \(1 dangerous\)\n {2}! +the domain is no longer backed up: the inventory does not have it\n {2}- +\d+ runs fewer \(full\)/,
    );
    expect(text(diffOf({ ...old, domains: [] }, old))).toMatch(
      /vm, new\n {2}\+ +\d+ runs more \(full\)[\s\S]*No dangerous changes; domains: 1 added/,
    );
  });
});

it.each<[string, Written["defaults"], RegExp]>([
  [
    "its scratch",
    { scratch: "/elsewhere" },
    /scratch files go to \/elsewhere\/\{domain\}-\{disk\}.qcow2, not \/scratch/,
  ],
  [
    "its labels",
    { seclabels: [{ model: "dac", relabel: false }] },
    /disk vda: seclabels none → dac, not relabelled/,
  ],
  ["its bitmap", { exportBitmap: "b" }, /bitmap exported as b, not backup-vda/],
])("of pull mode, %s is told", (_, setting, expected) => {
  const diff = change({ defaults: { ...pulled.defaults, ...setting } }, TWO, pulled);
  expect(text(diff)).toMatch(expected);
  expect(diff.dangers).toBe(0);
});

it("what is no danger is told as well", () => {
  expect(text(change({ retention: { keepLast: 20 } }))).toMatch(/\+ +\d+ restore points are kept longer/);
  expect(text(change({ timeLimit: "3h" }))).toMatch(/~ +timeLimit: 6 h → 3 h/);
  expect(text(change({}, [...TWO, diskOf("vdc", "qcow2")]))).toMatch(/\+ +disk vdc: backed up from now on/);
  const moved = change({
    schedule: [
      { level: "full", at: ["0 2 * * sun"] },
      { level: "incremental", at: ["30 4 * * mon-sat"] },
    ],
  });
  expect(text(moved)).toMatch(/~ +20 runs moved: 02:00 → 04:30, 2026-10-10 to 2026-11-02/);
});

it("a blackout is told of, and not only that runs are gone", () => {
  const { settings } = change({
    except: [{ dates: ["10-24..10-26"], hours: ["08:00-18:00"] }],
    schedule: [
      { level: "full", at: ["0 2 * * sun"] },
      {
        level: "incremental",
        at: ["0 2 * * mon-sat"],
        except: [{ weekdays: ["fri", "sat"] }, { dates: ["10-22"] }],
      },
    ],
  });
  expect(settings).toEqual([
    {
      setting: "schedule",
      old: "full 0 2 * * sun, incremental 0 2 * * mon-sat",
      new: "full 0 2 * * sun, incremental 0 2 * * mon-sat except fri,sat; 10-22",
    },
    { setting: "blackouts", old: null, new: "10-24..10-26 08:00-18:00" },
  ]);
});

it("other hooks, metrics or systemd's onFailure in place of those that go are no danger", () => {
  const plan = planOf(policyOf(BASE), TWO) as Plan;
  const hooked = { ...plan, hooks: { onFailure: "mail root" } };
  const systemd = { directory: "/d", persistent: true, onFailure: "notify.service" } as const;
  expect(text(diffOf(hooked, { ...plan, metrics: { directory: "/m" } }))).toMatch(
    /^Plan.*\n {2}- +hook onFailure: mail root → none\n {2}\+ +metrics: none → \/m\n\nNo dangerous changes/,
  );
  expect(text(diffOf(hooked, { ...plan, systemd }))).not.toContain("!");
  expect(text(diffOf({ ...plan, systemd }, plan))).toMatch(
    /! +nothing reports failed runs any more: systemd onFailure notify\.service → none/,
  );
});

it("runs that have happened meanwhile are no gap", () => {
  const written = policyOf(BASE);
  const old = planOf(written, TWO) as Plan;
  const [domain] = old.domains;
  if (domain === undefined) throw new Error("no domain");
  const past = pastOf({ ...domain, runs: domain.runs.slice(0, 4) });
  expect(text(diffOf(old, planOf(written, TWO, A, C, past) as Plan))).toBe("No changes.\n");
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
  const said = text(diffOf(forty(10), forty(4)));
  expect(said).toMatch(/\nvm-0, vm-1, vm-10, vm-11, vm-12 and 35 more \(1 dangerous each\)\n/);
  expect(said.match(/restore points are lost/g)).toHaveLength(1);
  expect(said).toMatch(/41 dangerous changes; domains: 40 changed/);
});

it("wraps to the terminal's width", () => {
  const narrow = text(change({ retention: { keepLast: 4 } }), 60)
    .split("\n")
    .slice(2, -3);
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(60);
});

/** BASE as a plan with a past of four restore points, with changes to the policy and to the plan. */
function withPast(policyChanges: Written = {}, planChanges: Partial<Plan> = {}): Plan {
  const [domain] = (planOf(policyOf(BASE), TWO) as Plan).domains;
  if (domain === undefined) throw new Error("no domain");
  const past = pastOf({ ...domain, runs: domain.runs.slice(0, 4) });
  return { ...(planOf(policyOf({ ...BASE, ...policyChanges }), TWO, A, C, past) as Plan), ...planChanges };
}

const at = (time: string): Written => ({
  schedule: [
    { level: "full", at: [`${time} * * sun`] },
    { level: "incremental", at: [`${time} * * mon-sat`] },
  ],
});

const PULL = {
  mode: "pull",
  scratch: "/scratch",
  server: { transport: "unix", socket: "/run/{domain}" },
} as const;

it("what only pull mode has is told of as well", () => {
  const plan = (changed: Written["defaults"]) =>
    planOf(policyOf({ ...BASE, defaults: { ...PULL, ...changed } }), TWO.slice(0, 1)) as Plan;
  const said = text(
    diffOf(
      plan({ seclabels: [{ model: "dac", relabel: false }] }),
      plan({ scratch: "/other", exportName: "disk", seclabels: [{ model: "dac", label: "64055:64055" }] }),
    ),
  );
  expect(said).toMatch(
    /scratch files go to \/other\/\{domain\}-\{disk\}\.qcow2, not \/scratch\/\{domain\}-\{disk\}\.qcow2/,
  );
  expect(said).toMatch(/exported as disk, not vda/);
  expect(said).toMatch(/seclabels dac, not relabelled → dac 64055:64055/);
});

describe("no danger is silent", () => {
  const plan = planOf(policyOf(BASE), TWO) as Plan;
  const edited = (changed: Partial<Plan["domains"][number]>): Plan => ({
    ...plan,
    domains: plan.domains.map((domain) => ({ ...domain, ...changed }) as DomainPlan),
  });
  const disk = plan.domains[0]?.disks[0] as Plan["domains"][number]["disks"][number];
  const facts = { target: disk.target, type: disk.type, device: disk.device, format: disk.format };

  it.each<[string, Plan, Plan, RegExp]>([
    [
      "retention that keeps less, where the runs move as well",
      plan,
      planOf(policyOf({ ...BASE, ...at("30 4"), retention: { keepLast: 2 } }), TWO) as Plan,
      /! +fewer restore points are kept: keepLast 10 → 2\n[\s\S]*! +\d+ restore points are lost earlier[\s\S]*~ +24 runs moved/,
    ],
    [
      "a first rule",
      planOf(policyOf({ ...BASE, retention: {} }), TWO) as Plan,
      plan,
      /! +fewer restore points are kept: retention everything → only what a rule keeps/,
    ],
    [
      "a pin that is taken out",
      planOf(policyOf({ ...BASE, retention: { keepLast: 10, keep: ["2026-10-11"] } }), TWO) as Plan,
      plan,
      /! +fewer restore points are kept: keep 2026-10-11 → none/,
    ],
    [
      "a count of differentials, where fulls kept all on them",
      planOf(policyOf({ ...BASE, retention: { keepFull: 9 } }), TWO) as Plan,
      planOf(policyOf({ ...BASE, retention: { keepFull: 9, keepDifferential: 9 } }), TWO) as Plan,
      /! +fewer restore points are kept: keepDifferential all of the kept fulls → 9/,
    ],
    [
      "a shorter span",
      planOf(policyOf({ ...BASE, retention: { keepWithin: "5w" } }), TWO) as Plan,
      planOf(policyOf({ ...BASE, retention: { keepWithin: "30d" } }), TWO) as Plan,
      /! +fewer restore points are kept: keepWithin 5w → 30d/,
    ],
    [
      "a repository elsewhere, of which the images' places are told once",
      plan,
      planOf(policyOf({ ...BASE, repository: "/elsewhere" }), TWO) as Plan,
      /^Plan.*\n {2}! +the repository moves from \S+ to \/elsewhere: [^\n]*\n\n1 dangerous change; domains: 1 unchanged\.\n$/,
    ],
    [
      "a policy of another name, which does not adopt the old one",
      plan,
      planOf({ ...policyOf(BASE), name: "renamed" }, TWO) as Plan,
      /^Plan.*\n {2}! +the policy is renamed now, and does not adopt \S+: chains begin anew, [^\n]*\n\n1 dangerous change; /,
    ],
    [
      "a plan that ends earlier, which keeps nothing for longer",
      plan,
      planOf(policyOf(BASE), TWO, A, B) as Plan,
      /! +the plan ends earlier, 2026-11-03 → 2026-10-20: (?![\s\S]*kept longer)[\s\S]*past the new plan's end/,
    ],
    [
      "a domain that is new and in no entry",
      plan,
      { ...plan, unplanned: ["stranger"] },
      /! +new on the host and not backed up, because no entry of the policy names them: stranger\n/,
    ],
    [
      "failures that nothing tells of any more",
      planOf(
        policyOf({
          ...BASE,
          hooks: { before: "true", onFailure: "mail root" },
          metrics: { directory: "/m" },
        }),
        TWO,
      ) as Plan,
      planOf(policyOf({ ...BASE, hooks: { before: "false" } }), TWO) as Plan,
      /! +nothing reports failed runs any more: hook onFailure mail root → none, metrics \/m → none\n {2}~ +hook before: true → false\n\n1 dangerous/,
    ],
    [
      "a domain that is taken out of the policy",
      withPast(),
      { ...plan, domains: [], unplanned: ["vm"] },
      /! +the domain is no longer backed up: no entry of the policy names it; its 4 restore points stay until/,
    ],
    [
      "a new disk in no backup",
      plan,
      edited({
        disks: [...TWO.map(() => disk), { ...facts, target: "vdz", leftOut: "excluded by the policy" }],
      }),
      /! +disk vdz is new and not backed up: excluded by the policy/,
    ],
    [
      "a disk of a new domain in no backup",
      { ...plan, domains: [] },
      edited({ disks: [{ ...facts, leftOut: "excluded by the policy" }] }),
      /vm, new \(1 dangerous\)\n {2}! +disk vda is new and not backed up/,
    ],
    [
      "another image under a disk",
      plan,
      edited({ disks: [{ ...disk, source: "/other.qcow2" }, ...(plan.domains[0]?.disks.slice(1) ?? [])] }),
      /! +disk vda is another image now, and no existing checkpoint covers it: \S+ → \/other\.qcow2/,
    ],
    ["another machine", plan, edited({ uuid: "other" }), /! +the name now belongs to another machine/],
    [
      "guests that are frozen no more",
      edited({ freeze: "fail-on-failure" }),
      edited({ freeze: "no" }),
      /! +freeze: fail-on-failure → no: guests are not frozen, so restore points are as after a power cut/,
    ],
    [
      "guests that may stay unfrozen",
      edited({ freeze: "fail-on-failure" }),
      edited({ freeze: "continue-on-failure" }),
      /! +freeze: fail-on-failure → continue-on-failure: if a guest cannot be frozen/,
    ],
    [
      "stopped domains that are skipped",
      edited({ onStopped: "offline-copy" }),
      edited({ onStopped: "skip" }),
      /! +onStopped: offline-copy → skip: a domain that does not run is not backed up/,
    ],
    [
      "nights after a failed one",
      edited({ onMissingBase: "last-verified" }),
      edited({ onMissingBase: "fail" }),
      /! +onMissingBase: last-verified → fail: after a failed night/,
    ],
    [
      "hosts that have drifted",
      edited({ onDrift: "full" }),
      edited({ onDrift: "fail" }),
      /! +onDrift: full → fail: a domain that is not as planned/,
    ],
    [
      "disks that are added later",
      edited({ onNewDisk: "continue" }),
      edited({ onNewDisk: "refuse" }),
      /! +onNewDisk: continue → refuse: while a domain has a disk that its plan does not know/,
    ],
    [
      "a policy with another name",
      withPast(),
      planOf(policyOf({ ...BASE, name: "other" }), TWO) as Plan,
      /! +4 restore points are no longer known[^\n]*they are of the policy "\S+", which the new one does not adopt/,
    ],
    [
      "a scratch file that is encrypted no more",
      planOf(policyOf({ ...BASE, defaults: { ...PULL, scratchSecret: { usage: "scratch" } } }), TWO) as Plan,
      planOf(policyOf({ ...BASE, defaults: PULL }), TWO) as Plan,
      /! +the scratch file of disk vda is no longer encrypted/,
    ],
    [
      "another policy's restore points, which become this one's to delete",
      planOf({ ...policyOf(BASE), name: "other" }, TWO) as Plan,
      withPast({ name: "other", adopt: ["p"] }),
      /! +\d+ restore points are lost earlier than planned\n +p-\d{8}T\d{6}Z: kept → until /,
    ],
    [
      "a catalog that is lost",
      withPast(),
      withPast({}, { domains: plan.domains }),
      /! +4 restore points are no longer known[^\n]*the catalog no longer has them/,
    ],
  ])("%s", (_, old, now, expected) => {
    const diff = diffOf(old, now);
    expect(isDiff(diff) ? [] : isDiff.errors).toEqual([]);
    expect(text(diff)).toMatch(expected);
    expect(diff.dangers).toBeGreaterThan(0);
  });

  it("folding is told as what it is", () => {
    const said = text(change({ consolidate: true, retention: { keepDaily: 4 } }));
    expect(said).toMatch(/~ +consolidate: off → on\n/);
    expect(said).toMatch(/until \S+ \S+, folded into p-\d{8}T\d{6}Z\n/);
  });
});

describe("what is harmless does not look dangerous", () => {
  it.each<[string, Written, RegExp]>([
    ["all runs at an earlier hour", at("30 0"), /~ +24 runs moved: 02:00 → 00:30/],
    ["the other side of midnight", at("30 20"), /~ +\d+ runs moved: 02:00 → 20:30/],
    [
      "more is kept",
      { retention: { keepLast: 10, keepDaily: 30 } },
      /~ +retention: the last 10 → the last 10, 30 daily/,
    ],
    ["no rule, all is kept", { retention: {} }, /~ +retention: the last 10 → everything, for ever/],
    ["freezing", { defaults: { mode: "push", freeze: true } }, /~ +freeze: no → fail-on-failure/],
    ["stopped domains are copied", { onStopped: "offline-copy" }, /~ +onStopped: skip → offline-copy/],
    ["a name that is carried on", { name: "other", adopt: ["p"] }, /\+ +adopt: none → p\n/],
    [
      "another zone, with the same clocks",
      { timezone: "Africa/Abidjan" },
      /~ +calendar: \S+ → Africa\/Abidjan/,
    ],
    [
      "another place of images",
      { defaults: { mode: "push", target: "/mnt/{domain}/{point}/{disk}.qcow2" } },
      /~ +24 runs changed: images go to \/mnt\/\{domain\}\/\{point\}\/\{disk\}\.qcow2, not \{repository\}/,
    ],
  ])("%s", (_, changed, expected) => {
    const diff = change(changed);
    expect(text(diff)).toMatch(expected);
    expect(diff.dangers).toBe(0);
    expect(text(diff)).toMatch(/\nNo dangerous changes; domains: /);
  });
});

it("domains in danger come before the others", () => {
  const plan = planOf(policyOf(BASE), TWO) as Plan;
  const [domain] = plan.domains as [Plan["domains"][number]];
  const of = (description: string, freeze: "no" | "fail-on-failure"): Plan => ({
    ...plan,
    domains: [
      { ...domain, name: "a", description },
      { ...domain, name: "b", freeze },
    ],
  });
  expect(diffOf(of("one", "fail-on-failure"), of("two", "no")).domains.map(({ name }) => name)).toEqual([
    "b",
    "a",
  ]);
});

it("figures of domains that change alike are added up", () => {
  const plan = (keepLast: number): Plan => {
    const compiled = planOf(policyOf({ ...BASE, retention: { keepLast } }), TWO) as Plan;
    return {
      ...compiled,
      domains: [10, 20].map((images, index) => ({
        ...(compiled.domains[0] as Plan["domains"][number]),
        name: `vm-${index}`,
        figures: { imagesToRestore: images + keepLast, checkpointsPerDisk: 1 },
      })),
    };
  };
  const said = text(diffOf(plan(10), plan(4)));
  expect(said).toMatch(/\nvm-0, vm-1 \(1 dangerous each\)\n/);
  expect(said).toMatch(/ images to restore one, at most: 30 → 24\n/);
  expect(said).toMatch(/ restore points at the end, together: \d+ → \d+\n/);
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
    const described = many(2000, "vm-").domains.map((domain) => ({ ...domain, description: domain.name }));
    const unfrozen = described.map((domain) => ({ ...domain, freeze: "no" as const, description: "" }));
    const frozen = described.map((domain) => ({ ...domain, freeze: "fail-on-failure" as const }));
    const comment = printDiffMarkdown(diffOf({ ...old, domains: frozen }, { ...old, domains: unfrozen }));
    expect(comment.length).toBeLessThanOrEqual(65_000);
    expect(comment).toMatch(/_\d+ more sections are left out/);
    expect(comment).toMatch(/2000 dangerous changes/);
  });

  it("cannot be broken out of by a name", () => {
    const comment = printDiffMarkdown(diffOf(many(1, "</details>```<b>"), { ...old, domains: [] }));
    expect(comment).toContain("<summary>&lt;/details&gt;```&lt;b&gt;0, removed");
    expect(comment.match(/<\/details>/g)).toHaveLength(1);
  });
});
