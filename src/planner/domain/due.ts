import type { Fold } from "../../plan/fold.js";
import type { Run, Step } from "../../plan/plan.js";
import type { DomainState } from "../../plan/replay.js";
import { foldsDue } from "./fold.js";
import type { DomainPaths } from "./paths.js";
import type { Point } from "./point.js";
import type { Retainer } from "./retain.js";

/** What a run deletes after it has written its manifest. */
export interface Due {
  readonly folds: readonly Fold[];
  /** Newest first, so that an interrupted deletion leaves usable chains. */
  readonly points: readonly string[];
  /** Restore points that a rule keeps. While one of them is missing, nothing is folded or deleted. */
  readonly becauseOf: readonly string[];
  readonly checkpoints: readonly string[];
  readonly keptCheckpoints: readonly string[];
}

/** @param bases restore points whose checkpoints are bases of coming runs */
export function dueAfter(
  retain: Retainer,
  consolidate: boolean,
  { points, checkpoints }: DomainState<Point>,
  run: Pick<Run, "point" | "checkpoint">,
  bases: readonly string[],
): Due {
  const verdicts = retain(points);
  const folds = consolidate ? foldsDue(points, verdicts) : [];
  const kept = new Set(verdicts.flatMap((verdict) => (verdict.kept ? verdict.point : [])));
  for (const { of } of folds) for (const point of of) kept.delete(point);
  const keptCheckpoints = run.checkpoint ? [...new Set([...bases, run.point])].sort() : [];
  return {
    folds,
    points: points.flatMap(({ point }) => (kept.has(point) ? [] : point)).reverse(),
    becauseOf: verdicts.flatMap((verdict) => (verdict.rules.length > 0 ? verdict.point : [])),
    checkpoints: checkpoints.filter((name) => !keptCheckpoints.includes(name)),
    keptCheckpoints,
  };
}

/**
 * The steps of a run, in order.
 * @param due undefined where nothing may be deleted
 */
export function stepsOf(
  run: Pick<Run, "level" | "checkpoint">,
  paths: DomainPaths,
  freeze: boolean,
  due: Due | undefined,
): readonly Step[] {
  return [
    { do: "check-host" },
    { do: "create-images" },
    ...(freeze ? [{ do: "freeze" } as const] : []),
    { do: "begin" },
    ...(freeze ? [{ do: "thaw" } as const] : []),
    { do: paths.mode === "push" ? "wait" : "copy" },
    ...(compressesAfterJob(paths) ? [{ do: "compress" } as const] : []),
    { do: "verify" },
    { do: "write-manifest" },
    ...(due === undefined ? [] : deletions(run, due)),
  ];
}

/** A pull run compresses what it copies. */
function compressesAfterJob({ mode, disks }: DomainPaths): boolean {
  return mode === "push" && disks.some(({ compress }) => compress !== undefined);
}

function deletions(
  run: Pick<Run, "checkpoint">,
  { folds, points, becauseOf, checkpoints, keptCheckpoints }: Due,
): readonly Step[] {
  return [
    ...(run.checkpoint || checkpoints.length > 0
      ? [{ do: "retire-checkpoints", delete: checkpoints, keep: keptCheckpoints } as const]
      : []),
    ...folds.map((fold) => ({ do: "consolidate", ...fold, becauseOf }) as const),
    ...(points.length > 0 ? [{ do: "prune", points, becauseOf } as const] : []),
  ];
}
