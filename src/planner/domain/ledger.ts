import { baseAfterFold, type Fold } from "../../plan/fold.js";
import type { Forecast } from "../../plan/plan.js";
import type { Change } from "../../plan/replay.js";
import { type Copy, copySeconds, type Limits } from "../calendar/limits.js";
import type { PlannedRun } from "./chain.js";
import { type DomainEstimate, imageBytes } from "./estimate.js";
import type { Point } from "./point.js";

/** Adds up the space that a domain's restore points are expected to need in the repository. */
export class Ledger {
  readonly #estimate: DomainEstimate["disks"];
  readonly #assumptions: DomainEstimate["assumptions"];
  /** Point → target → bytes. */
  readonly #images = new Map<string, Map<string, number>>();
  readonly #slots = new Map<string, number>();
  readonly #limits: Limits;
  #now = 0;
  #peak = 0;
  #copied = 0;
  #largest = 0;

  /** @param past existing restore points, with the sizes in their manifests */
  constructor({ disks, assumptions }: DomainEstimate, limits: Limits, past: readonly Point[]) {
    this.#limits = limits;
    this.#estimate = disks;
    this.#assumptions = assumptions;
    for (const { point, time, disks: images } of past)
      this.#put(point, time, new Map(images.map(({ target, size = 0 }) => [target, size])));
    this.#peak = this.#now;
  }

  /** Adds the images of a run: their bytes, and the seconds that they take if the run starts at an instant, in milliseconds. */
  run({ point, slot, disks }: PlannedRun): {
    readonly bytes: number;
    readonly seconds: (start: number) => number;
  } {
    const time = Date.parse(slot);
    const sizes = new Map<string, number>();
    let copied = 0;
    const copies: Copy[] = [];
    for (const { target, base } of disks) {
      const estimate = this.#estimate.get(target);
      if (estimate === undefined) continue;
      const bytes = imageBytes(estimate, time, base === null ? undefined : this.#slots.get(base));
      sizes.set(target, Math.round(bytes * estimate.left));
      copied += bytes;
      copies.push({ bytes, speed: estimate.speed });
    }
    this.#copied += copied;
    this.#largest = Math.max(this.#largest, copied);
    this.#put(point, time, sizes);
    this.#peak = Math.max(this.#peak, this.#now);
    return {
      bytes: copied,
      seconds: (start) => Math.max(60, Math.ceil(copySeconds(copies, this.#limits, start))),
    };
  }

  /** Applies the folds and deletions of a run. */
  follow({ step, before }: Change<Point>): void {
    if (step.do === "consolidate") this.#fold(before.points, step);
    else if (step.do === "prune") this.#delete(step.points);
  }

  /** During a fold the new images exist beside the old ones. */
  #fold(points: readonly Point[], { into, of }: Fold): void {
    const sizes = this.#images.get(into);
    const time = this.#slots.get(into);
    if (sizes === undefined || time === undefined) return;
    const folded = new Map(sizes);
    let meanwhile = 0;
    for (const { target, base } of points.find(({ point }) => point === into)?.disks ?? []) {
      const estimate = this.#estimate.get(target);
      const under = baseAfterFold(points, of, target, base);
      if (estimate === undefined || under === base) continue;
      const data = imageBytes(estimate, time, under === null ? undefined : this.#slots.get(under));
      const bytes = Math.round(data * estimate.left);
      folded.set(target, bytes);
      meanwhile += bytes;
    }
    this.#peak = Math.max(this.#peak, this.#now + meanwhile);
    this.#put(into, time, folded);
  }

  #delete(points: readonly string[]): void {
    for (const point of points) {
      this.#now -= sum(this.#images.get(point)?.values() ?? []);
      this.#images.delete(point);
    }
  }

  get forecast(): Forecast {
    return {
      copied: this.#copied,
      copiedByLargestRun: this.#largest,
      repositoryPeak: this.#peak,
      repositoryAtEnd: this.#now,
      assumptions: this.#assumptions,
    };
  }

  #put(point: string, time: number, sizes: Map<string, number>): void {
    this.#delete([point]);
    this.#images.set(point, sizes);
    this.#slots.set(point, time);
    this.#now += sum(sizes.values());
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
