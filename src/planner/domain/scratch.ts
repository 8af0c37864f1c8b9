import type { Scratch } from "../../plan/plan.js";
import type { DomainEstimate } from "./estimate.js";

const DAY = 86_400;

/** What the scratch files of a domain's runs come to hold: what a guest overwrites while a run copies. */
export class ScratchForecast {
  readonly #disks: DomainEstimate["disks"];
  readonly #whole = new Set<string>();
  #evenly = 0;
  #atOnce = 0;
  #longest = 0;

  constructor({ disks }: DomainEstimate) {
    this.#disks = disks;
  }

  /** Adds a run by its disks and the seconds that it copies: a scratch file is there until all disks are copied. */
  run(targets: readonly string[], seconds: number): void {
    let [evenly, atOnce] = [0, 0];
    for (const target of targets) {
      const disk = this.#disks.get(target);
      if (disk === undefined) continue;
      // Where each image is a full, nobody knows what changes, and all of it may.
      const { size, changedPerDay = size } = disk;
      const written = Math.round((changedPerDay * seconds) / DAY);
      if (written >= size && disk.changedPerDay !== undefined) {
        this.#whole.add(target);
        this.#longest = Math.max(this.#longest, seconds);
      }
      evenly += Math.min(size, written);
      atOnce += Math.min(size, changedPerDay * Math.max(1, Math.ceil(seconds / DAY)));
    }
    this.#evenly = Math.max(this.#evenly, evenly);
    this.#atOnce = Math.max(this.#atOnce, atOnce);
  }

  get forecast(): Scratch {
    return { evenly: this.#evenly, atOnce: Math.round(this.#atOnce) };
  }

  /** Disks of which the guest writes at least as much as they hold while a run copies, and the seconds that the longest such run takes. */
  get outrun(): { readonly targets: readonly string[]; readonly seconds: number } {
    return { targets: [...this.#whole], seconds: this.#longest };
  }
}
