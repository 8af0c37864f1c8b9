import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DomainDisk } from "../../../src/libvirt/domain.js";
import { type Decisions, notShown, shown } from "../../../src/plan/decisions.js";
import { diffPlans } from "../../../src/plan/diff.js";
import { isUnchanged } from "../../../src/plan/difference.js";
import { held } from "../../../src/plan/lazy.js";
import type { Plan } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import type { WrittenPath, WrittenServer, WrittenSettings } from "../../../src/policy/written.js";
import { emitted } from "../../support/emitted.js";
import { diskOf, disks, inventoryOf, policyOf, type Written, written } from "../../support/plans.js";
import { ROOT } from "../../support/tidemark.js";

/*
 * Whatever differs in what libvirt or a host reads of two plans, `diff` tells of something. A reviewer who reads "No changes" may
 * merge without a look at the files.
 */

const HORIZON = { from: "2026-10-10T00:00:00Z", until: "2026-10-15T00:00:00Z" };

/** What every change of a policy changes, and the passing of time. */
function withoutDigest(text: string, { policy: { digest }, horizon }: Plan): string {
  return [digest, horizon.from, horizon.until].reduce((rest, each) => rest.replaceAll(each, "-"), text);
}

async function comparable(plan: Plan): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await emitted(plan))].map(([path, text]) => [path, withoutDigest(text, plan)]));
}

/** Paths of files that differ. */
function differing(old: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  return [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path));
}

const isShown = (one: Plan, other: Plan) => !isUnchanged(diffPlans(held(one), held(other)));

it("a key that nobody has decided does not compile", () => {
  interface Two {
    readonly one: string;
    readonly other?: number;
  }
  // @ts-expect-error other is missing
  const incomplete: Decisions<Two, () => void> = { one: shown(() => {}) };
  const whole: Decisions<Two, () => void> = { ...incomplete, other: notShown("for this test") };
  expect(Object.keys(whole)).toEqual(["one", "other"]);
});

const schedule: NonNullable<Written["schedule"]> = [
  { level: "full", at: ["0 2 * * sun"] },
  { level: "differential", at: ["0 2 * * wed"] },
  { level: "incremental", at: ["0 2 * * mon,tue,thu-sat"], except: [{ weekdays: ["fri"] }] },
];

const found: readonly DomainDisk[] = [
  diskOf("vda", "qcow2"),
  diskOf("vdb", "qcow2"),
  diskOf("vdc", "raw"),
  { ...diskOf("vdd", "qcow2"), readonly: true },
  { ...diskOf("sda", "raw"), device: "cdrom" },
];

/** Policies that have between them every key that a plan can have. */
const RICH: Readonly<Record<string, Written>> = {
  push: {
    schedule,
    retention: { keepDaily: 2, keepLast: 1 },
    consolidate: true,
    hooks: { before: "a", after: "b", onSuccess: "c", onFailure: "d" },
    metrics: { directory: "/metrics" },
    systemd: { directory: "/plans", connect: "qemu:///system", persistent: true, onFailure: "mail.service" },
    except: [{ dates: ["12-24..12-26"] }],
    adopt: ["former"],
    jitter: "30min",
    defaults: {
      freeze: true,
      description: "nightly",
      seclabels: [
        { model: "dac", label: "+107:+107" },
        { model: "selinux", relabel: false },
      ],
      estimate: { size: "10GiB", changedPerDay: "3%" },
    },
  },
  pull: {
    schedule,
    retention: { keepLast: 3 },
    maxConcurrent: 2,
    defaults: {
      mode: "pull",
      server: { transport: "tcp", host: "192.0.2.7", port: 10809, tls: true },
      scratch: "/scratch",
      scratchSecret: { usage: "scratch" },
      exportName: "{disk}",
      estimate: { size: "10GiB", changedPerDay: "3%" },
    },
    domains: {
      vm: {
        disks: {
          exclude: ["vdb"],
          vda: { exportName: "first", exportBitmap: "changes", scratch: { block: "/dev/{disk}" } },
        },
      },
    },
  },
  stream: {
    schedule,
    defaults: {
      mode: "pull",
      server: { transport: "unix", socket: "/run/{domain}" },
      scratch: "/scratch",
      stream: { send: "send", receive: "receive", delete: "rm" },
    },
  },
};

function compiled(written: Written): Plan {
  const { plan, diagnostics } = compile(policyOf(written), inventoryOf(found), HORIZON);
  if (plan === undefined) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return plan;
}

const isPlan = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(join(ROOT, "schemas/plan.schema.json"), "utf8")),
);

type Path = readonly (string | number)[];

/** The path of each part of a value, down to its leaves; of long lists the first two elements and the last. */
function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  const keys = Array.isArray(value)
    ? [...value.keys()].filter((index) => index < 2 || index === value.length - 1)
    : Object.keys(value);
  for (const key of keys) yield* pathsIn((value as Record<string | number, unknown>)[key], [...path, key]);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

/** A plan with another value at a place; undefined takes it out. */
function replaced(plan: Plan, path: Path, value: unknown): Plan {
  const copy = structuredClone(plan);
  const owner = at(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  const key = path.at(-1) ?? "";
  if (value !== undefined) owner[key] = value;
  else if (Array.isArray(owner)) owner.splice(Number(key), 1);
  else delete owner[key];
  return copy;
}

/** Words of which a key has one. */
const CHOICES = [
  ["full", "differential", "incremental"],
  ["push", "pull"],
  ["file", "block"],
  ["qcow2", "raw"],
  ["no", "continue-on-failure", "fail-on-failure"],
  ["last-verified", "full", "fail"],
  ["skip", "fail", "offline-copy"],
];

/** Values of the same kind. */
function othersFor(value: unknown): unknown[] {
  if (typeof value === "number") return [value + 1];
  if (typeof value === "boolean") return [!value];
  if (value === null) return ["x"];
  if (Array.isArray(value)) return value.length > 1 ? [[...value].reverse()] : [];
  const choices = CHOICES.filter((words) => words.some((word) => word === value)).flat();
  if (choices.length > 0) return [...new Set(choices)].filter((word) => word !== value);
  if (typeof value !== "string") return [];
  // Another hour of an instant.
  return [/^\d{4}-\d\d-\d\dT\d\d/.test(value) ? `${value.slice(0, 11)}23${value.slice(13)}` : `${value}x`];
}

describe.each(Object.entries(RICH))("any one value of a plan that is another, %s", (_, written) => {
  const plan = { ...compiled(written), host: "kvm-1" };

  it("is shown, where it changes what is emitted", async () => {
    const silent: string[] = [];
    const before = await comparable(plan);
    let changes = 0;
    for (const path of pathsIn(plan)) {
      // Runs are in the order of time.
      const others = path.at(-1) === "runs" ? [] : othersFor(at(plan, path));
      for (const other of [...others, undefined]) {
        const changed = replaced(plan, path, other);
        if (!isPlan(changed)) continue;
        const paths = differing(before, await comparable(changed));
        if (paths.length === 0) continue;
        changes += 1;
        for (const [one, another] of [
          [plan, changed],
          [changed, plan],
        ] as const)
          if (!isShown(one, another))
            silent.push(`${path.join(".")} → ${JSON.stringify(other)?.slice(0, 80)}: ${paths[0]}`);
      }
    }
    expect(silent).toEqual([]);
    expect(changes).toBeGreaterThan(50);
  }, 300_000);
});

/** What a policy and an inventory can have otherwise, one thing at a time. */
const setting: fc.Arbitrary<WrittenSettings> = fc.oneof(
  fc.record({ freeze: fc.boolean(), onFreezeFailure: fc.constantFrom("fail", "continue") }),
  fc.record({ description: fc.constantFrom("one", "two") }),
  fc.record({ format: fc.constantFrom("qcow2", "raw"), checkpoint: fc.constant(false) }),
  fc.record({
    target: fc.constantFrom<WrittenPath>(
      "/mnt/{domain}/{point}/{disk}.qcow2",
      "{repository}/{slot}/{domain}-{disk}",
      "/dev/{point}-{disk}",
      { block: "/dev/{point}-{disk}" },
    ),
  }),
  fc.record({
    seclabels: fc.constantFrom<NonNullable<WrittenSettings["seclabels"]>>(
      [{ model: "dac", relabel: false }],
      [{ model: "dac", label: "1:1" }],
    ),
  }),
  fc.record({ checkpoint: fc.constant(false) }),
);

const pulled: fc.Arbitrary<WrittenSettings> = fc.record({
  mode: fc.constant("pull"),
  server: fc.constantFrom<WrittenServer>(
    { transport: "unix", socket: "/run/{domain}" },
    { transport: "unix", socket: "/run/{domain}.sock" },
    { transport: "tcp", host: "192.0.2.7", port: 10809 },
    { transport: "tcp", host: "192.0.2.7", port: 10809, tls: true },
  ),
  scratch: fc.constantFrom<WrittenPath>("/scratch", "/scratch/{slot}-{disk}", "/dev/{disk}", {
    block: "/dev/{disk}",
  }),
});

const ofPull: fc.Arbitrary<WrittenSettings> = fc.oneof(
  fc.record({ exportName: fc.constantFrom("{disk}", "a") }),
  fc.record({ exportBitmap: fc.constantFrom("b", "c") }),
  fc.record({
    scratchSecret: fc.constantFrom<NonNullable<WrittenSettings["scratchSecret"]>>(
      { usage: "u" },
      { uuid: "u" },
    ),
  }),
  fc.record({ stream: fc.record({ send: fc.constantFrom("a", "b"), receive: fc.constant("c") }) }),
);

const ofPolicy: fc.Arbitrary<Written> = fc.oneof(
  fc.record({ versions: fc.record({ libvirt: fc.constantFrom("7.2.0", "9.0.0") }) }),
  fc.record({ timeLimit: fc.constantFrom("3h", "6h") }),
  fc.record({ onMissingBase: fc.constantFrom("last-verified", "full", "fail") }),
  fc.record({ onDrift: fc.constantFrom("full", "fail") }),
  fc.record({ onNewDisk: fc.constantFrom("continue", "refuse", "full") }),
  fc.record({ onStopped: fc.constantFrom("skip", "fail", "offline-copy") }),
  fc.record({ adopt: fc.constantFrom([], ["a"], ["a", "b"], ["b", "a"]) }),
  fc.record({ jitter: fc.constantFrom("1h", "2h") }),
  fc.record({ hooks: fc.record({ before: fc.constantFrom("a", "b"), onFailure: fc.constant("c") }) }),
  fc.record({ metrics: fc.record({ directory: fc.constantFrom("/a", "/b") }) }),
  fc.record({ systemd: fc.record({ directory: fc.constantFrom("/a", "/b"), persistent: fc.boolean() }) }),
  fc.record({ repository: fc.constantFrom("/repo", "/other") }),
  fc.record({ name: fc.constantFrom("p", "q") }),
  fc.record({ except: fc.constantFrom([{ weekdays: ["mon"] }], [{ hours: ["00:00-04:00"] }]) }),
  fc.constant({ schedule: [{ level: "full" as const, at: ["@daily"] }] }),
  fc.record({ retention: fc.record({ keepLast: fc.integer({ min: 1, max: 4 }) }) }),
);

const ofDisk: fc.Arbitrary<Partial<DomainDisk>> = fc.oneof(
  fc.record({ source: fc.constantFrom("/images/other", "/images/another") }),
  fc.record({ format: fc.constantFrom("qcow2", "raw") }),
  fc.record({ type: fc.constantFrom("file", "block") }),
  fc.record({ device: fc.constantFrom("disk" as const, "cdrom" as const) }),
  fc.record({ readonly: fc.boolean() }),
  fc.record({ target: fc.constantFrom("vdx", "vdy") }),
);

interface World {
  readonly written: Written;
  readonly has: readonly DomainDisk[];
}

/** Two worlds that differ in one to three things. */
const worlds: fc.Arbitrary<readonly [World, World]> = fc
  .record({
    written,
    has: disks,
    pull: fc.option(pulled),
    first: setting,
    second: setting,
    other: fc.array(fc.oneof(setting, ofPull, pulled), { maxLength: 1 }),
    policies: fc.array(ofPolicy, { maxLength: 2 }),
    disk: fc.option(ofDisk),
    cdroms: fc.tuple(fc.boolean(), fc.boolean()),
    isReversed: fc.boolean(),
  })
  .map(({ written: base, has, pull, first, second, other, policies, disk, cdroms, isReversed }) => {
    const defaults = { ...pull, ...first };
    const cdrom: DomainDisk = { ...diskOf("sda", "raw"), device: "cdrom" };
    const changed = has.map((each, index) => (index === 0 && disk !== null ? { ...each, ...disk } : each));
    return [
      { written: { ...base, defaults }, has: cdroms[0] ? [...has, cdrom] : has },
      {
        written: Object.assign({}, base, ...policies, {
          defaults: Object.assign({}, defaults, second, ...other),
        }),
        has: [...(isReversed ? changed.reverse() : changed), ...(cdroms[1] ? [cdrom] : [])],
      },
    ];
  });

it("where two plans differ in what is emitted, a change is shown", async () => {
  let differences = 0;
  await fc.assert(
    fc.asyncProperty(worlds, async (pair) => {
      const [one, other] = pair.map(
        (world) => compile(policyOf(world.written), inventoryOf(world.has), HORIZON).plan,
      );
      if (one === undefined || other === undefined) return;
      const paths = differing(await comparable(one), await comparable(other));
      if (paths.length === 0) return;
      differences += 1;
      expect({ paths, shown: isShown(one, other) && isShown(other, one) }).toEqual({ paths, shown: true });
    }),
    { numRuns: 150, seed: 20261127 },
  );
  expect(differences).toBeGreaterThan(50);
}, 300_000);

it("levels that are left out of documents for an older libvirt are shown", () => {
  const fulls: Written = { schedule: [{ level: "full", at: ["@daily"] }] };
  const diff = diffPlans(
    held(compiled(fulls)),
    held(compiled({ ...fulls, versions: { libvirt: "7.2.0", qemu: "7.2.22" } })),
  );
  expect(diff.domains[0]?.settings).toEqual([
    {
      setting: "levels in documents",
      old: "of each disk",
      new: "left out, which makes fulls of all disks",
    },
  ]);
});
