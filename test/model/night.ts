import type { Manifest } from "../../src/inventory/manifest.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../../src/plan/documents.js";
import { afterFold } from "../../src/plan/fold.js";
import type { DomainPlan, Run, RunDisk } from "../../src/plan/plan.js";
import { manifestDisk, manifestOf } from "../support/plans.js";
import type { Host } from "./host.js";

/*
 * What `templates/lib` does, in the order in which it does it, on a simulated host. Between any two actions a night can be
 * cut: it fails, and undoes itself, or is killed, and the next night finds what it left.
 */
export interface Cut {
  /** Number of the action before which it happens. */
  readonly at: number;
  readonly how: "fail" | "kill";
}

export type Outcome = "done" | "refused" | "skipped" | "failed" | "killed";

class Ended extends Error {
  readonly how: Outcome;

  constructor(how: Outcome) {
    super(how);
    this.how = how;
  }
}

interface Choice {
  readonly disk: RunDisk;
  readonly base: string | null;
  readonly bitmap: boolean;
}

export function runNight(
  host: Host,
  domain: DomainPlan,
  run: Run,
  { cuts, stopped, whileJobRuns }: { cuts: readonly Cut[]; stopped: boolean; whileJobRuns: () => void },
): Outcome {
  let actions = 0;
  /** Everything that is one action on the host comes after an `act`. */
  const act = () => {
    const cut = cuts.find(({ at }) => at === actions);
    actions += 1;
    if (cut !== undefined) throw new Ended(cut.how === "kill" ? "killed" : "failed");
  };
  try {
    finishEarlier(host, act);
    if (host.catalog.has(run.point)) afterManifest(host, run, act);
    else {
      const newest = [...host.catalog.keys()].sort(bySlot).at(-1);
      if (newest !== undefined && slotOf(newest) > slotOf(run.point)) throw new Ended("refused");
      const choices = stopped
        ? offline(host, domain, run, act)
        : online(host, domain, run, act, whileJobRuns);
      act();
      host.catalog.set(run.point, settledManifest(domain, run, choices));
      afterManifest(host, run, act);
    }
    act();
    host.journal = undefined;
    return "done";
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    const { how } = error;
    if (how === "failed" && host.journal !== undefined && !host.catalog.has(host.journal.point)) {
      try {
        rollBack(host, act);
      } catch (second) {
        if (!(second instanceof Ended)) throw second;
        return "killed";
      }
    }
    return how;
  }
}

function online(
  host: Host,
  domain: DomainPlan,
  run: Run,
  act: () => void,
  whileJobRuns: () => void,
): readonly Choice[] {
  const { choices, fallback } = chooseBases(host, domain, run);
  act();
  host.journal = { point: run.point, images: [] };
  for (const { disk, base } of choices) {
    act();
    host.journal.images.push(disk.image);
    act();
    const backing = base === null ? null : (host.imageOf(base, disk.target) ?? null);
    host.images.set(disk.image, { blocks: new Map(), backing });
  }
  act();
  const planned = fallback ? fallbackDocument(domain, run) : backupDocument(domain, run);
  const bases = new Map(choices.map(({ disk, base }) => [disk.target, base]));
  host.begin(
    run.point,
    {
      ...planned,
      disks: planned.disks.map((disk) => {
        const base = bases.get(disk.name);
        return disk.backup === "yes" && typeof base === "string" ? { ...disk, incremental: base } : disk;
      }),
    },
    checkpointDocument(domain, run),
  );
  act();
  whileJobRuns();
  for (const { disk, base } of choices) {
    act();
    const backing = base === null ? null : (host.imageOf(base, disk.target) ?? null);
    host.images.set(disk.image, { blocks: host.job?.get(disk.target) ?? new Map(), backing });
  }
  act();
  host.job = undefined;
  return choices;
}

function offline(host: Host, domain: DomainPlan, run: Run, act: () => void): readonly Choice[] {
  if (domain.onStopped === "skip") throw new Ended("skipped");
  if (domain.onStopped === "fail") throw new Ended("refused");
  act();
  host.journal = { point: run.point, images: [] };
  return run.disks.map((disk): Choice => {
    act();
    host.journal?.images.push(disk.image);
    act();
    host.copyOffline(run.point, disk.target, disk.image);
    return { disk, base: null, bitmap: false };
  });
}

/** `choose_bases`, with the policy's answers. */
function chooseBases(
  host: Host,
  domain: DomainPlan,
  run: Run,
): { choices: readonly Choice[]; fallback: boolean } {
  let fallback = false;
  const choices = run.disks.map((disk): Choice => {
    const { base, bitmap } = disk;
    if (base === null) return { disk, base, bitmap };
    if (hasBitmap(host, base, disk.target)) {
      if (host.bitmap(base, disk.target) !== undefined) return { disk, base, bitmap };
      if (domain.onDrift === "fail") throw new Ended("refused");
      fallback = true;
    } else if (domain.onMissingBase === "fail") throw new Ended("refused");
    else if (domain.onMissingBase === "last-verified") {
      const found = [...host.catalog.keys()]
        .sort(bySlot)
        .findLast(
          (point) => hasBitmap(host, point, disk.target) && host.bitmap(point, disk.target) !== undefined,
        );
      if (found !== undefined) return { disk, base: found, bitmap };
      fallback = true;
    } else fallback = true;
    return { disk, base: null, bitmap };
  });
  return { choices: fallback ? choices.map((choice) => ({ ...choice, base: null })) : choices, fallback };
}

function hasBitmap(host: Host, point: string, target: string): boolean {
  return host.catalog.get(point)?.disks.find((disk) => disk.target === target)?.bitmap === true;
}

function afterManifest(host: Host, run: Run, act: () => void): void {
  const isThere = (point: string) => host.catalog.has(point);
  for (const step of run.steps) {
    if (step.do === "retire-checkpoints") {
      for (const name of host.checkpoints) {
        if (slotOf(name) >= slotOf(run.point) || step.keep.includes(name)) continue;
        act();
        host.deleteCheckpoint(name);
      }
    } else if (step.do === "consolidate") {
      if (step.becauseOf.every(isThere) && isThere(step.into)) fold(host, step, act);
    } else if (step.do === "prune") {
      if (!step.becauseOf.every(isThere)) continue;
      for (const point of step.points) {
        const manifest = host.catalog.get(point);
        if (manifest === undefined || standsOn(host, point)) continue;
        act();
        host.catalog.delete(point);
        host.moved.push(manifest);
      }
      finishPruning(host, act);
    }
  }
}

function fold(host: Host, { into, of }: { into: string; of: readonly string[] }, act: () => void): void {
  const manifest = host.catalog.get(into) as Manifest;
  const after = afterFold([...host.catalog.values()], { into, of }).find(({ point }) => point === into);
  const changed = manifest.disks.filter(
    ({ target, base }) => after?.disks.find((disk) => disk.target === target)?.base !== base,
  );
  if (after === undefined || changed.length === 0) return;
  act();
  host.folding = { into, images: new Map() };
  for (const { target } of changed) {
    act();
    host.foldImage(target, manifest, of);
  }
  act();
  host.folding.manifest = after;
  finishFolding(host, act);
}

function finishFolding(host: Host, act: () => void): void {
  const { folding } = host;
  if (folding === undefined) return;
  if (folding.manifest !== undefined) {
    for (const [path, image] of folding.images) {
      act();
      host.images.set(path, image);
      folding.images.delete(path);
    }
    act();
    host.catalog.set(folding.into, folding.manifest);
  }
  host.folding = undefined;
}

function finishPruning(host: Host, act: () => void): void {
  while (host.moved[0] !== undefined) {
    act();
    for (const { image } of host.moved[0].disks) host.images.delete(image);
    host.moved.shift();
  }
}

function finishEarlier(host: Host, act: () => void): void {
  finishFolding(host, act);
  finishPruning(host, act);
  if (host.journal === undefined) return;
  if (host.catalog.has(host.journal.point)) host.journal = undefined;
  else rollBack(host, act);
}

function rollBack(host: Host, act: () => void): void {
  const { journal } = host;
  if (journal === undefined) return;
  act();
  host.job = undefined;
  act();
  host.deleteCheckpoint(journal.point);
  for (const image of journal.images) {
    act();
    host.images.delete(image);
  }
  act();
  host.journal = undefined;
}

function standsOn(host: Host, point: string): boolean {
  return [...host.catalog.values()].some(({ disks }) => disks.some(({ base }) => base === point));
}

/** The manifest of a run on the bases that were settled, in the order of its disks; images by their absolute paths. */
function settledManifest(domain: DomainPlan, run: Run, choices: readonly Choice[]): Manifest {
  return {
    ...manifestOf(domain, run),
    level: choices.every(({ base }) => base === null) ? "full" : run.level,
    checkpoint: choices.some(({ bitmap }) => bitmap) ? { creationTime: Date.parse(run.slot) / 1000 } : null,
    targets: choices.map(({ disk }) => disk.target),
    disks: choices.map(({ disk, base, bitmap }) => ({
      ...manifestDisk(disk),
      level: base === null ? "full" : disk.level,
      base,
      bitmap,
      image: disk.image,
    })),
  };
}

function slotOf(point: string): string {
  return point.slice(-16);
}

function bySlot(a: string, b: string): number {
  return slotOf(a) < slotOf(b) ? -1 : 1;
}
