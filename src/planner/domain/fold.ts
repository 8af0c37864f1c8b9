import { afterFold, type Fold } from "../../plan/fold.js";
import type { Point } from "./history.js";
import type { Verdict } from "./retain.js";

/**
 * Folds away what is kept only because one later restore point, itself kept by a rule, stands on it. What several stand on
 * stays: folded into each it would be there several times.
 * @param points oldest first
 * @returns the folds, and the restore points after them, without those folded in
 */
export function fold(
  points: readonly Point[],
  verdicts: readonly Verdict[],
): { folds: readonly Fold[]; left: readonly Point[] } {
  const dependants = new Map(verdicts.map(({ point, neededBy }) => [point, neededBy]));
  const dead = new Set(
    verdicts.flatMap(({ point, rules, kept }) => (kept && rules.length === 0 ? point : [])),
  );
  const folds: Fold[] = [];
  let left: readonly Point[] = points;
  for (const [index, { point, needs }] of points.entries()) {
    if (verdicts[index]?.rules.length === 0 || !needs.some((base) => dead.has(base))) continue;
    const inside = new Set([point]);
    const of: string[] = [];
    // Dependants are younger, so that going back in time meets each after all that stand on it.
    for (let older = index - 1; older >= 0; older--) {
      const name = points[older]?.point ?? "";
      if (!dead.has(name) || !dependants.get(name)?.every((each) => inside.has(each))) continue;
      inside.add(name);
      of.push(name);
    }
    if (of.length === 0) continue;
    folds.push({ into: point, of });
    left = foldPoints(left, { into: point, of });
  }
  const folded = new Set(folds.flatMap(({ of }) => of));
  return {
    folds,
    left: left.filter(({ point }) => !folded.has(point)),
  };
}

/** The restore points after a fold; those folded in are still among them. */
export function foldPoints(points: readonly Point[], fold: Fold): readonly Point[] {
  return afterFold(points, fold).map((each) =>
    each.point === fold.into ? { ...each, needs: needsOf(each.disks) } : each,
  );
}

/** The restore points that images stand on directly. */
export function needsOf(disks: readonly { readonly base: string | null }[]): readonly string[] {
  return [...new Set(disks.flatMap(({ base }) => base ?? []))];
}
