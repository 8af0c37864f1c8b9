import type { Fold } from "../../plan/fold.js";
import type { Point } from "./point.js";
import type { Verdict } from "./retain.js";

/**
 * Folds away what is kept only because one later restore point, itself kept by a rule, stands on it. What several stand on
 * stays: folded into each it would be there several times.
 * @param points oldest first
 */
export function foldsDue(points: readonly Point[], verdicts: readonly Verdict[]): readonly Fold[] {
  const dependants = new Map(verdicts.map(({ point, neededBy }) => [point, neededBy]));
  const dead = new Set(
    verdicts.flatMap(({ point, rules, kept }) => (kept && rules.length === 0 ? point : [])),
  );
  const folds: Fold[] = [];
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
    if (of.length > 0) folds.push({ into: point, of });
  }
  return folds;
}
