import { type Deletion, deletionsOf } from "../plan/lives.js";
import type { DomainPlan, RunDisk } from "../plan/plan.js";
import { replay } from "../plan/replay.js";
import type { Level } from "../policy/policy.js";
import { slotAt } from "./calendar/schedule.js";
import { POINTS, type Point, pointOf } from "./domain/point.js";
import type { Retainer } from "./domain/retain.js";

/** The life of one restore point in a plan, with the reasons. */
export interface Explanation {
  readonly point: string;
  /** The slot, an instant; `localTime` is the same in the policy's zone. */
  readonly slot: string;
  readonly localTime: string;
  readonly level: Level;
  /** Level and base of each disk with their reasons; absent for a restore point of the catalog. */
  readonly disks?: readonly RunDisk[];
  readonly buildsOn: readonly string[];
  /** Restore points that build on it directly. */
  readonly neededBy: readonly string[];
  /** Reasons to keep it, in the order in which they end; `until` is the last run after which the reason still holds. */
  readonly keptBy: readonly { readonly reason: string; readonly until: string }[];
  /** Folds into it, each with its run. */
  readonly foldedIn: readonly { readonly slot: string; readonly of: readonly string[] }[];
  /** The run that deletes it, and the restore point that it is folded into; absent: it exists when the horizon ends. */
  readonly deletedBy?: Deletion;
}

/**
 * Applies the rules again after each run, for the reasons to keep each restore point. The deletions are those of the
 * plan.
 * @param past restore points of the catalog, oldest first
 */
export function explain(
  plan: DomainPlan,
  past: readonly Point[],
  retain: Retainer,
  timezone: string,
): Explanation[] {
  const all: readonly Point[] = [...past, ...plan.runs.map(pointOf)];
  const kept = new Map<string, Map<string, string>>(all.map(({ point }) => [point, new Map()]));
  const deleted = deletionsOf(plan);
  const foldedIn = new Map<string, { slot: string; of: readonly string[] }[]>();
  for (const { run, made, changes } of replay(POINTS, { points: past, checkpoints: [] }, plan.runs)) {
    for (const verdict of retain(made.points)) {
      const reasons = [...verdict.rules, ...verdict.neededBy.map((name) => `needed by ${name}`)];
      for (const reason of reasons) {
        // Removed and added again, so that the reasons are in the order in which they end.
        kept.get(verdict.point)?.delete(reason);
        kept.get(verdict.point)?.set(reason, run.slot);
      }
    }
    for (const { step } of changes) {
      if (step.do !== "consolidate") continue;
      foldedIn.set(step.into, [...(foldedIn.get(step.into) ?? []), { slot: run.slot, of: step.of }]);
    }
  }
  const planned = new Map(plan.runs.map((run) => [run.point, run]));
  return all.map(({ point, time, level, needs }): Explanation => {
    const slot = slotAt(time, level, timezone);
    const disks = planned.get(point)?.disks;
    const deletedBy = deleted.get(point);
    return {
      point,
      slot: slot.utc,
      localTime: slot.local,
      level,
      ...(disks && { disks }),
      buildsOn: needs,
      neededBy: all.flatMap((other) => (other.needs.includes(point) ? other.point : [])),
      keptBy: [...(kept.get(point) ?? [])].map(([reason, until]) => ({ reason, until })),
      foldedIn: foldedIn.get(point) ?? [],
      ...(deletedBy && { deletedBy }),
    };
  });
}
