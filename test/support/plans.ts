import * as fc from "fast-check";
import type { Inventory } from "../../src/inventory/inventory.js";
import type { Manifest, ManifestDisk } from "../../src/inventory/manifest.js";
import type { Checkpoint } from "../../src/libvirt/checkpoint.js";
import type { DomainDisk } from "../../src/libvirt/domain.js";
import { afterFold, type Foldable } from "../../src/plan/fold.js";
import type { DomainPlan, Run, RunDisk } from "../../src/plan/plan.js";
import { type Replayed, replay } from "../../src/plan/replay.js";
import { complete } from "../../src/policy/complete.js";
import type { DomainSettings, Level, Policy, Retention } from "../../src/policy/policy.js";
import type {
  WrittenHosts,
  WrittenPolicy,
  WrittenRetention,
  WrittenSettings,
} from "../../src/policy/written.js";

/** What tests say of a policy: as its author would write it. */
export type Written = Partial<Omit<WrittenPolicy, "hosts">> & { readonly hosts?: WrittenHosts };

/** A policy of one domain `vm`, as `parsePolicy` would give it. */
export function policyOf(changes: Written = {}): Policy {
  const whole = {
    version: 1,
    name: "p",
    timezone: "UTC",
    inventory: "inventory",
    repository: "/repo",
    schedule: [{ level: "incremental", at: "@daily" }],
    domains: { vm: null },
    ...changes,
  } as const;
  return complete(whole, changes.hosts, new Map());
}

/** Rules as `parsePolicy` would give them. */
export function retentionOf(rules: WrittenRetention): Retention {
  return policyOf({ retention: rules }).retention;
}

/** Settings as `parsePolicy` would give them. */
export function settingsOf(settings: WrittenSettings): DomainSettings {
  return policyOf({ defaults: settings }).defaults;
}

export function diskOf(target: string, format: string): DomainDisk {
  return {
    target,
    format,
    bus: "virtio",
    device: "disk",
    type: "file",
    source: `/images/${target}`,
    readonly: false,
    transient: false,
    shareable: false,
    dataStore: false,
  };
}

export function inventoryOf(
  disks: readonly DomainDisk[],
  past?: { catalog: readonly Manifest[]; checkpoints: readonly Checkpoint[] },
): Inventory {
  return {
    host: { libvirt: "9.0.0", qemu: "7.2.22" },
    domains: [
      {
        domain: { name: "vm", uuid: "00000000-0000-4000-8000-000000000001", disks },
        checkpoints: past?.checkpoints ?? [],
        ...(past && { catalog: past.catalog }),
      },
    ],
  };
}

/** What a host and its repository hold after the runs of a plan, all of them well. */
export function pastOf(
  domain: DomainPlan,
  before: { catalog: readonly Manifest[]; checkpoints: readonly Checkpoint[] } = {
    catalog: [],
    checkpoints: [],
  },
): { catalog: Manifest[]; checkpoints: Checkpoint[] } {
  const manifests = { made: (run: Run) => manifestOf(domain, run), folded: afterFold<Manifest> };
  const documents = [...before.checkpoints, ...domain.runs.map(checkpointOf)];
  const start = { points: before.catalog, checkpoints: before.checkpoints.map(({ name }) => name) };
  const { points, checkpoints } = [...replay(manifests, start, domain.runs)].at(-1)?.after ?? start;
  return {
    catalog: [...points],
    checkpoints: checkpoints.flatMap((name) => documents.find((each) => each.name === name) ?? []),
  };
}

/** The states that a plan's runs lead through, over what the catalog holds before the first. */
export function statesOf(
  domain: DomainPlan | undefined,
  catalog: readonly Foldable[] = [],
): Generator<Replayed<Foldable>> {
  const kind = { made: (run: Run): Foldable => run, folded: afterFold<Foldable> };
  return replay(kind, { points: catalog, checkpoints: [] }, domain?.runs ?? []);
}

function checkpointOf(run: Run): Checkpoint {
  return {
    name: run.point,
    disks: run.disks.map(({ target, bitmap }) => ({ name: target, checkpoint: bitmap ? "bitmap" : "no" })),
  };
}

/** The manifest that a run leaves, gone as planned. */
export function manifestOf(domain: DomainPlan, run: Run): Manifest {
  return {
    formatVersion: "2.0",
    policy: domain.owners[0] ?? "",
    domain: domain.name,
    uuid: domain.uuid,
    point: run.point,
    slot: run.slot,
    level: run.level,
    mode: domain.mode,
    checkpoint: run.checkpoint ? { creationTime: Date.parse(run.slot) / 1000 } : null,
    process: null,
    targets: run.disks.map(({ target }) => target),
    disks: run.disks.map(manifestDisk),
    plan: `sha256:${"0".repeat(64)}`,
    finished: run.slot,
    tools: { libvirt: "9.0.0", qemu: "7.2.22" },
    domainXml: { file: "domain.xml", sha256: "0".repeat(64) },
  };
}

export function manifestDisk({ target, level: own, base, bitmap, format }: RunDisk): ManifestDisk {
  return {
    target,
    level: own,
    base,
    bitmap,
    source: { type: "file", name: `/images/${target}`, device: null, inode: null, birth: null, backing: [] },
    image: `${target}.${format}`,
    format,
    virtualSize: 1,
    size: 1,
    sha256: "0".repeat(64),
  };
}

const level = fc.constantFrom<Level>("full", "differential", "incremental");

const cron = fc.oneof(
  fc.constantFrom("@daily", "@weekly", "@monthly", "0 */6 * * *", "30 2 * * *"),
  fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom("*", "mon-sat", "sun", "wed", "fri,sun"))
    .map(([hour, days]) => `0 ${hour} * * ${days}`),
);

const count = fc.integer({ min: 1, max: 8 });

export const retention: fc.Arbitrary<WrittenRetention> = fc.record(
  {
    keepLast: count,
    keepHourly: count,
    keepDaily: count,
    keepWeekly: count,
    keepMonthly: count,
    keepYearly: count,
    keepWithin: fc.constantFrom("1d", "3d", "2w", "12h"),
    keepWithinDaily: fc.constantFrom("7d", "1m"),
    keepFull: count,
    keepDifferential: count,
  },
  { requiredKeys: [] },
);

export const written: fc.Arbitrary<Written> = fc
  .record({
    schedule: fc.array(fc.record({ level, at: fc.array(cron, { minLength: 1, maxLength: 2 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
    retention,
    timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
    maxChainLength: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    consolidate: fc.boolean(),
    maxChainAge: fc.option(fc.constantFrom("3d", "1w", "1m"), { nil: undefined }),
  })
  .map(({ maxChainLength, maxChainAge, ...rest }) => ({
    ...rest,
    ...(maxChainLength !== undefined && { maxChainLength }),
    ...(maxChainAge !== undefined && { maxChainAge }),
  }));

export const policy: fc.Arbitrary<Policy> = written.map(policyOf);

export const disks: fc.Arbitrary<readonly DomainDisk[]> = fc
  .array(fc.constantFrom("qcow2", "qcow2", "raw"), { minLength: 1, maxLength: 3 })
  .map((formats) => formats.map((format, index) => diskOf(`vd${"abc"[index]}`, format)));
