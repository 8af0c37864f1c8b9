import type { Level } from "../policy/policy.js";
import type { DomainPlan, RunDisk } from "./plan.js";
import { NAMED, replay } from "./replay.js";

/** How a restore point ends. */
export interface Deletion {
  /** Of the run that deletes it. */
  readonly slot: string;
  readonly becauseOf: readonly string[];
  /** The restore point that it is folded into. */
  readonly foldedInto?: string;
}

/** The restore points that a plan deletes, folded ones included. */
export function deletionsOf({ found, runs }: DomainPlan): ReadonlyMap<string, Deletion> {
  const deletions = new Map<string, Deletion>();
  for (const { run, changes } of replay(NAMED, { points: found, checkpoints: [] }, runs)) {
    const foldedInto = new Map<string, string>();
    for (const { step } of changes) {
      if (step.do === "consolidate") for (const point of step.of) foldedInto.set(point, step.into);
      if (step.do !== "prune") continue;
      for (const point of step.points) {
        const into = foldedInto.get(point);
        deletions.set(point, {
          slot: run.slot,
          becauseOf: step.becauseOf,
          ...(into !== undefined && { foldedInto: into }),
        });
      }
    }
  }
  return deletions;
}

/** A restore point from its creation to its deletion. */
export interface Life {
  readonly point: string;
  readonly slot: string;
  readonly localTime: string;
  readonly level: Level;
  /** Disks of the planned run; absent for a restore point of the catalog. */
  readonly disks?: readonly RunDisk[];
  /** Restore points that it builds on directly when it is made. */
  readonly buildsOn: readonly string[];
  /** Absent: it exists when the horizon ends. */
  readonly deletion?: Deletion & { readonly localTime: string };
  /** What keeps it then. */
  readonly reasons: readonly string[];
}

/** The lives of all restore points that a plan knows of, in the order in which they begin. */
export function livesOf(domain: DomainPlan): Life[] {
  const deletions = deletionsOf(domain);
  const clock = new Map(domain.runs.map(({ slot, localTime }) => [slot, localTime]));
  const reasons = new Map(domain.kept.map((kept) => [kept.point, kept.reasons]));
  const life = (point: string): Pick<Life, "point" | "deletion" | "reasons"> => {
    const deletion = deletions.get(point);
    return {
      point,
      reasons: reasons.get(point) ?? [],
      ...(deletion && { deletion: { ...deletion, localTime: clock.get(deletion.slot) ?? deletion.slot } }),
    };
  };
  return [
    ...domain.found.map(({ point, slot, localTime, level, needs }) => ({
      ...life(point),
      slot,
      localTime,
      level,
      buildsOn: needs,
    })),
    ...domain.runs.map(({ point, slot, localTime, level, disks }) => ({
      ...life(point),
      slot,
      localTime,
      level,
      disks,
      buildsOn: [...new Set(disks.flatMap(({ base }) => base ?? []))],
    })),
  ];
}
