import type { Manifest } from "../../src/inventory/manifest.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../../src/plan/documents.js";
import { afterFold } from "../../src/plan/fold.js";
import type { DomainPlan, Run, RunDisk, Step } from "../../src/plan/plan.js";
import { manifestDisk, manifestOf } from "../support/plans.js";
import type { Host } from "./host.js";

/*
 * What `templates/lib` does, in the order in which it does it, on a simulated host. Between any two actions a night can be
 * cut: it fails, and undoes itself, or is killed, and the next night finds what it left. Where the scripts have a place at which
 * they can be cut (`fault`, and the beginning of a step) it has its name here, so that both can be cut at the same one.
 */
export interface Cut {
  /** Number of the action before which it happens, or name of the place. */
  readonly at: number | string;
  readonly how: "fail" | "kill" | "term";
}

/** `unfinished`: it failed, and so did undoing it. */
export type Outcome = "done" | "skipped" | "refused" | "failed" | "killed" | "terminated" | "unfinished";

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

export interface NightOptions {
  readonly cuts: readonly Cut[];
  /** What the guest does as soon as the job runs. */
  readonly whileJobRuns: () => void;
  /** Told of each action that is reached: its number, and the scripts' name of the place. */
  readonly onAction?: (place: string | undefined) => void;
}

export function runNight(host: Host, domain: DomainPlan, run: Run, options: NightOptions): Outcome {
  return new Night(host, domain, run, options).live();
}

/** One run of a plan. */
class Night {
  readonly #host: Host;
  readonly #domain: DomainPlan;
  readonly #run: Run;
  readonly #options: NightOptions;
  #actions = 0;
  /** Undoing after a failure, in which no signal counts. */
  #undoing = false;
  #terminated = false;

  constructor(host: Host, domain: DomainPlan, run: Run, options: NightOptions) {
    this.#host = host;
    this.#domain = domain;
    this.#run = run;
    this.#options = options;
  }

  live(): Outcome {
    try {
      this.#goOn();
      return "done";
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      return this.#end(error.how);
    }
  }

  /** Everything that is one action on the host comes after an `#act`. */
  #act(place?: string): void {
    const { cuts, onAction } = this.#options;
    onAction?.(place);
    const cut = cuts.find(({ at }) => at === this.#actions || (place !== undefined && at === place));
    this.#actions += 1;
    if (cut === undefined) return;
    // What undoes a run has a shell of its own: a failure ends that, and a signal to the run waits for it.
    if (place === "undo" && cut.how !== "fail") {
      if (cut.how === "kill") throw new Ended("killed");
      this.#terminated ||= !this.#undoing;
      return;
    }
    throw new Ended(cut.how === "fail" ? "failed" : cut.how === "kill" ? "killed" : "terminated");
  }

  #goOn(): void {
    const host = this.#host;
    this.#finishEarlier();
    if (!host.catalog.has(this.#run.point)) {
      const newest = [...host.catalog.keys()].sort(bySlot).at(-1);
      if (newest !== undefined && slotOf(newest) > slotOf(this.#run.point)) throw new Ended("refused");
      this.#act("check the host");
      const choices = host.isRunning ? this.#online() : this.#offline();
      this.#act("verify the images");
      this.#act("write the manifest");
      this.#act("seal");
      host.catalog.set(this.#run.point, settledManifest(this.#domain, this.#run, choices));
      this.#act("sealed");
    }
    for (const step of this.#run.steps) this.#afterManifest(step);
    this.#act();
    host.journal = undefined;
    this.#act();
  }

  #end(how: Outcome): Outcome {
    const { journal, catalog } = this.#host;
    if (!/^(?:failed|terminated)$/.test(how) || journal === undefined || catalog.has(journal.point))
      return how;
    this.#undoing = true;
    try {
      this.#rollBack();
      return how;
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      return error.how === "killed" ? "killed" : "unfinished";
    }
  }

  #online(): readonly Choice[] {
    const { choices, fallback } = this.#chooseBases();
    const steps: Partial<Record<Step["do"], () => void>> = {
      "create-images": () => this.#create(choices),
      freeze: () => {
        this.#act("freeze the guest");
        this.#host.isFrozen = true;
        this.#act();
      },
      begin: () => this.#begin(choices, fallback),
      thaw: () => {
        this.#act("thaw the guest");
        this.#host.isFrozen = false;
      },
      wait: () => this.#wait(choices),
      copy: () => this.#copy(choices),
    };
    for (const step of this.#run.steps) steps[step.do]?.();
    return choices;
  }

  #create(choices: readonly Choice[]): void {
    const host = this.#host;
    this.#act("create the images");
    host.journal = { point: this.#run.point, images: [] };
    for (const { disk, base } of choices) {
      this.#act();
      host.journal = { ...host.journal, images: [...host.journal.images, disk.image] };
      this.#act();
      host.images.set(disk.image, { blocks: new Map(), backing: this.#backing(disk, base) });
      this.#act(`create ${disk.target}`);
    }
  }

  #begin(choices: readonly Choice[], fallback: boolean): void {
    this.#act("begin the backup");
    this.#act("job");
    const planned = fallback
      ? fallbackDocument(this.#domain, this.#run)
      : backupDocument(this.#domain, this.#run);
    const bases = new Map(choices.map(({ disk, base }) => [disk.target, base]));
    this.#host.begin(
      this.#run.point,
      {
        ...planned,
        disks: planned.disks.map((disk) => {
          const base = bases.get(disk.name);
          return disk.backup === "yes" && typeof base === "string" ? { ...disk, incremental: base } : disk;
        }),
      },
      checkpointDocument(this.#domain, this.#run),
    );
    this.#options.whileJobRuns();
    this.#act("begun");
  }

  #wait(choices: readonly Choice[]): void {
    this.#act("wait for the job");
    this.#act("wait");
    for (const choice of choices) this.#fill(choice);
    this.#host.job = undefined;
    this.#act("waited");
  }

  #copy(choices: readonly Choice[]): void {
    this.#act("copy the disks");
    for (const choice of choices) {
      this.#act();
      this.#fill(choice);
      this.#act(`copied ${choice.disk.target}`);
    }
    this.#act();
    this.#host.job = undefined;
    this.#act("copied");
  }

  #fill({ disk, base }: Choice): void {
    const { job, images } = this.#host;
    images.set(disk.image, {
      blocks: job?.get(disk.target) ?? new Map(),
      backing: this.#backing(disk, base),
    });
  }

  #backing({ target }: RunDisk, base: string | null): string | null {
    return base === null ? null : (this.#host.imageOf(base, target) ?? null);
  }

  #offline(): readonly Choice[] {
    const host = this.#host;
    if (this.#domain.onStopped === "skip") {
      host.journal = undefined;
      throw new Ended("skipped");
    }
    if (this.#domain.onStopped === "fail") throw new Ended("refused");
    this.#act();
    host.journal = { point: this.#run.point, images: [] };
    return this.#run.disks.map((disk): Choice => {
      this.#act();
      host.journal = { point: this.#run.point, images: [...(host.journal?.images ?? []), disk.image] };
      this.#act();
      host.copyOffline(this.#run.point, disk.target, disk.image);
      return { disk, base: null, bitmap: false };
    });
  }

  /** `choose_bases`, with the policy's answers. */
  #chooseBases(): { choices: readonly Choice[]; fallback: boolean } {
    const choices: Choice[] = [];
    let isBroken = false;
    for (const disk of this.#run.disks) {
      const found = this.#baseOf(disk);
      if (found === "full") return this.#fallback(isBroken);
      if (found === "broken") isBroken = true;
      choices.push({ disk, base: found === "broken" ? disk.base : found, bitmap: disk.bitmap });
    }
    return isBroken ? this.#fallback(isBroken) : { choices, fallback: false };
  }

  /** A base that was verified and is broken is drift; the policy says what is done of that. */
  #fallback(isBroken: boolean): { choices: readonly Choice[]; fallback: boolean } {
    if (isBroken && this.#domain.onDrift === "fail") throw new Ended("refused");
    return {
      choices: this.#run.disks.map((disk) => ({ disk, base: null, bitmap: disk.bitmap })),
      fallback: true,
    };
  }

  #baseOf({ target, base }: RunDisk): string | null | "broken" | "full" {
    const host = this.#host;
    if (base === null) return base;
    if (this.#isWhole(base, target) && hasBitmap(host, base, target)) {
      return host.bitmap(base, target) === undefined ? "broken" : base;
    }
    if (this.#domain.onMissingBase === "fail") throw new Ended("refused");
    if (this.#domain.onMissingBase === "full") return "full";
    const found = [...host.catalog.keys()]
      .filter((point) => slotOf(point) < slotOf(this.#run.point))
      .sort(bySlot)
      .findLast(
        (point) =>
          hasBitmap(host, point, target) &&
          host.bitmap(point, target) !== undefined &&
          this.#isWhole(point, target),
      );
    return found ?? "full";
  }

  /** Whether all that a restore of the disk would look for is there. */
  #isWhole(point: string, target: string): boolean {
    for (let at: string | null = point; at !== null; ) {
      const disk: Manifest["disks"][number] | undefined = this.#host.catalog
        .get(at)
        ?.disks.find((each) => each.target === target);
      if (disk === undefined || !this.#host.images.has(disk.image)) return false;
      at = disk.base;
    }
    return true;
  }

  #afterManifest(step: Step): void {
    const isThere = (point: string) => this.#host.catalog.has(point);
    if (step.do === "retire-checkpoints") this.#retire(step.keep);
    else if (step.do === "consolidate") {
      this.#act("consolidate");
      if (step.becauseOf.every(isThere) && isThere(step.into)) this.#fold(step);
    } else if (step.do === "prune") {
      this.#act("prune");
      if (step.becauseOf.every(isThere)) this.#prune(step.points);
    }
  }

  #retire(keep: readonly string[]): void {
    const host = this.#host;
    this.#act("retire checkpoints");
    if (!host.isRunning) return;
    // A run that was to make one and could not: the next reads changes since an older one.
    if (keep.includes(this.#run.point) && !host.checkpoints.includes(this.#run.point)) return;
    for (const name of host.checkpoints) {
      if (slotOf(name) >= slotOf(this.#run.point) || keep.includes(name)) continue;
      this.#act();
      host.deleteCheckpoint(name);
      this.#act("retired");
    }
  }

  #prune(points: readonly string[]): void {
    const host = this.#host;
    for (const point of points) {
      const manifest = host.catalog.get(point);
      if (manifest === undefined || standsOn(host, point)) continue;
      this.#act();
      host.catalog.delete(point);
      // Which is the order in which their folders are deleted.
      host.moved = [...host.moved, manifest].sort((a, b) => (a.point < b.point ? -1 : 1));
      this.#act("pruned");
    }
    this.#finishPruning();
  }

  #fold({ into, of }: { into: string; of: readonly string[] }): void {
    const host = this.#host;
    const manifest = host.catalog.get(into) as Manifest;
    const after = afterFold([...host.catalog.values()], { into, of }).find(({ point }) => point === into);
    const changed = manifest.disks.filter(
      ({ target, base }) => after?.disks.find((disk) => disk.target === target)?.base !== base,
    );
    if (after === undefined || changed.length === 0) return;
    this.#act();
    host.folding = { into, images: new Map() };
    for (const { target } of changed) {
      this.#act();
      host.foldImage(target, manifest, of);
      this.#act("folded an image");
    }
    this.#act();
    host.folding.manifest = after;
    this.#act("folded the manifest");
    this.#finishFolding();
  }

  #finishFolding(): void {
    const host = this.#host;
    const { folding } = host;
    if (folding === undefined) return;
    if (folding.manifest !== undefined) {
      for (const [path, image] of folding.images) {
        this.#act();
        host.images.set(path, image);
        folding.images.delete(path);
        this.#act("renamed an image");
      }
      this.#act("renamed all");
      host.catalog.set(folding.into, folding.manifest);
    }
    this.#act();
    host.folding = undefined;
    this.#act("folded");
  }

  #finishPruning(): void {
    const host = this.#host;
    while (host.moved[0] !== undefined) {
      this.#act();
      for (const { image } of host.moved[0].disks) host.images.delete(image);
      host.moved = host.moved.slice(1);
    }
  }

  #finishEarlier(): void {
    const host = this.#host;
    this.#finishFolding();
    this.#finishPruning();
    this.#deletePending();
    if (host.journal === undefined) return;
    if (host.catalog.has(host.journal.point)) {
      if (host.journal.point !== this.#run.point) host.journal = undefined;
      return;
    }
    try {
      this.#rollBack();
    } catch (error) {
      if (error instanceof Ended && error.how === "failed") throw new Ended("unfinished");
      throw error;
    }
    if (this.#terminated) throw new Ended("terminated");
  }

  #deletePending(): void {
    const host = this.#host;
    if (!host.isRunning || host.pending.length === 0) return;
    for (const name of host.pending) {
      this.#act();
      if (!host.catalog.has(name)) host.deleteCheckpoint(name);
    }
    this.#act();
    host.pending = [];
  }

  #rollBack(): void {
    const host = this.#host;
    const { journal } = host;
    if (journal === undefined) return;
    this.#act();
    host.isFrozen = false;
    let killed: Ended | undefined;
    try {
      this.#act("undo");
    } catch (error) {
      // The shell that undoes outlives the one that is killed.
      if (!(error instanceof Ended && error.how === "killed") || !this.#isNamed("undo")) throw error;
      killed = error;
    }
    this.#act();
    host.job = undefined;
    this.#act();
    if (host.isRunning) host.deleteCheckpoint(journal.point);
    else if (host.checkpoints.includes(journal.point)) host.pending = [...host.pending, journal.point];
    for (const image of journal.images) {
      this.#act();
      host.images.delete(image);
    }
    this.#act();
    host.journal = undefined;
    if (killed !== undefined) throw killed;
  }

  #isNamed(place: string): boolean {
    return this.#options.cuts.some(({ at }) => at === place);
  }
}

function hasBitmap(host: Host, point: string, target: string): boolean {
  return host.catalog.get(point)?.disks.find((disk) => disk.target === target)?.bitmap === true;
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
