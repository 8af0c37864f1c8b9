import type { Fold } from "../../plan/fold.js";
import type { Point } from "./point.js";
import type { Verdict } from "./retain.js";

/**
 * The folds after a run: each restore point that is kept only because one later one needs it, which a rule keeps, is
 * folded into that one. A restore point on which several build stays, because folding would copy it into each of them.
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
    // A restore point is older than those that need it, so this goes back in time and meets it after them.
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
