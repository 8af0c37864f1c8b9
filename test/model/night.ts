import type { Manifest } from "../../src/inventory/manifest.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../../src/plan/documents.js";
import type { DomainPlan, Run, RunDisk, Step } from "../../src/plan/plan.js";
import { manifestDisk, manifestOf } from "../support/plans.js";
import { bySlot, type Choice, chooseBases, chooseStoppedBases, slotOf } from "./bases.js";
import { finishFolding, finishPruning, fold, prune, retire } from "./deletions.js";
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
export type Outcome =
  | "done"
  | "skipped"
  | "refused"
  | "busy"
  | "failed"
  | "killed"
  | "terminated"
  | "unfinished";

class Ended extends Error {
  readonly how: Outcome;

  constructor(how: Outcome) {
    super(how);
    this.how = how;
  }
}

export interface NightOptions {
  readonly cuts: readonly Cut[];
  /** What the guest does as soon as the job runs. */
  readonly whileJobRuns: () => void;
  /** What the manifest says of it that no run of a plan says. */
  readonly manifest?: Partial<Manifest>;
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
      if (host.isRunning && host.isBusy) throw new Ended("busy");
      if (host.isRunning && host.checkpoints.includes(this.#run.point)) throw new Ended("refused");
      const choices = host.isRunning ? this.#online() : this.#offline();
      this.#act("verify the images");
      this.#act("write the manifest");
      this.#act("seal");
      host.catalog.set(this.#run.point, {
        ...settledManifest(this.#domain, this.#run, choices),
        ...this.#options.manifest,
      });
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
    if (this.#run.disks.some(({ base }) => base !== null)) this.#probe();
    const settled = chooseBases(this.#host, this.#domain, this.#run);
    if (settled === "refused") throw new Ended("refused");
    const { choices, fallback } = settled;
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

  /** A disk may be compared with its base, by a job without a restore point; what is left of it is undone like any other. */
  #probe(): void {
    this.#act();
    this.#host.journal = { point: "", images: [] };
    this.#act();
    this.#host.journal = undefined;
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
    const choices = chooseStoppedBases(host, this.#domain, this.#run);
    if (choices === "refused") throw new Ended("refused");
    this.#act();
    host.journal = { point: this.#run.point, images: [] };
    for (const { disk, base } of choices) {
      this.#act();
      host.journal = { point: this.#run.point, images: [...(host.journal?.images ?? []), disk.image] };
      this.#act();
      host.images.set(disk.image, { blocks: new Map(), backing: this.#backing(disk, base) });
      this.#act(`create ${disk.target}`);
      host.copyOffline(this.#run.point, disk.target, disk.image, base);
      this.#act(`copied ${disk.target} offline`);
    }
    return choices;
  }

  #afterManifest(step: Step): void {
    const host = this.#host;
    const act = (place?: string) => this.#act(place);
    // While a manifest cannot be read, nobody knows what builds on what.
    const isThere = (point: string) => host.damaged.size === 0 && host.catalog.has(point);
    if (step.do === "retire-checkpoints") {
      act("retire checkpoints");
      if (host.damaged.size === 0) retire(host, this.#run.point, step.keep, act);
    } else if (step.do === "consolidate") {
      act("consolidate");
      if (step.becauseOf.every(isThere) && isThere(step.into)) fold(host, step, act);
    } else if (step.do === "prune") {
      act("prune");
      if (step.becauseOf.every(isThere)) prune(host, step.points, act);
    }
  }

  #finishEarlier(): void {
    const host = this.#host;
    const act = (place?: string) => this.#act(place);
    finishFolding(host, act);
    finishPruning(host, act);
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
    for (const { name, made } of host.pending) {
      this.#act();
      host.deletePending(name, made);
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
    if (journal.point !== "") {
      if (host.isRunning) host.deleteCheckpoint(journal.point);
      else host.leaveCheckpoint(journal.point);
    }
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

/** The manifest of a run on the bases that were settled, in the order of its disks; images by their absolute paths. */
function settledManifest(domain: DomainPlan, run: Run, choices: readonly Choice[]): Manifest {
  return {
    ...manifestOf(domain, run),
    level: choices.every(({ base }) => base === null)
      ? "full"
      : (choices.find((each) => each.level)?.level ?? run.level),
    checkpoint: choices.some(({ bitmap }) => bitmap) ? { creationTime: Date.parse(run.slot) / 1000 } : null,
    targets: choices.map(({ disk }) => disk.target),
    disks: choices.map(({ disk, base, bitmap, level }) => ({
      ...manifestDisk(disk),
      level: base === null ? "full" : (level ?? disk.level),
      base,
      bitmap,
      image: disk.image,
    })),
  };
}
