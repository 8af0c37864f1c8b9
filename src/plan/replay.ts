import type { Fold } from "./fold.js";
import type { Run, Step } from "./plan.js";

/** What a host and its repository hold of one domain at one moment. */
export interface DomainState<Point> {
  /** Restore points with a manifest, oldest first. */
  readonly points: readonly Point[];
  /** Names of the checkpoints on the host, oldest first. */
  readonly checkpoints: readonly string[];
}

/** What a reader of the plan keeps of each restore point: how a run makes one, and what becomes of them by a fold. */
export interface PointKind<Point> {
  readonly made: (run: Run) => Point;
  readonly folded: (points: readonly Point[], fold: Fold) => readonly Point[];
}

/** A step that changes the state, with the state around it. */
export interface Change<Point> {
  readonly step: Extract<Step, { do: "retire-checkpoints" | "consolidate" | "prune" }>;
  readonly before: DomainState<Point>;
  readonly after: DomainState<Point>;
}

/** One run that went as planned, and the states that it leads through. */
export interface Replayed<Point> {
  readonly run: Run;
  readonly before: DomainState<Point>;
  /** The manifest is written; nothing is retired, folded or deleted yet. */
  readonly made: DomainState<Point>;
  readonly changes: readonly Change<Point>[];
  readonly after: DomainState<Point>;
}

/**
 * Carries out the runs of a plan one after the other, all of them well. Every reader that asks what is there after a run asks here.
 * @param before what is there before the first run
 */
export function* replay<Point extends { readonly point: string }>(
  kind: PointKind<Point>,
  before: DomainState<Point>,
  runs: Iterable<Run>,
): Generator<Replayed<Point>> {
  let there = before;
  for (const run of runs) {
    const made = afterManifest(there, kind.made(run), run.checkpoint);
    const changes = afterSteps(kind, made, run.steps);
    const after = changes.at(-1)?.after ?? made;
    yield { run, before: there, made, changes, after };
    there = after;
  }
}

/** The state once a run has written the manifest of its restore point. */
export function afterManifest<Point extends { readonly point: string }>(
  { points, checkpoints }: DomainState<Point>,
  point: Point,
  checkpoint: boolean,
): DomainState<Point> {
  return {
    points: [...points, point],
    checkpoints: checkpoint ? [...checkpoints, point.point] : checkpoints,
  };
}

/** The steps that follow a manifest, each with what it changes. */
export function afterSteps<Point extends { readonly point: string }>(
  kind: PointKind<Point>,
  made: DomainState<Point>,
  steps: readonly Step[],
): Change<Point>[] {
  const changes: Change<Point>[] = [];
  let before = made;
  for (const step of steps) {
    if (step.do !== "retire-checkpoints" && step.do !== "consolidate" && step.do !== "prune") continue;
    const after = afterStep(kind, before, step);
    changes.push({ step, before, after });
    before = after;
  }
  return changes;
}

function afterStep<Point extends { readonly point: string }>(
  kind: PointKind<Point>,
  { points, checkpoints }: DomainState<Point>,
  step: Change<Point>["step"],
): DomainState<Point> {
  switch (step.do) {
    case "retire-checkpoints":
      return { points, checkpoints: checkpoints.filter((name) => !step.delete.includes(name)) };
    case "consolidate":
      return { points: kind.folded(points, step), checkpoints };
    case "prune":
      return { points: points.filter(({ point }) => !step.points.includes(point)), checkpoints };
  }
}

/** For who asks only which restore points there are. */
export const NAMED: PointKind<{ readonly point: string }> = {
  made: ({ point }) => ({ point }),
  folded: (points) => points,
};
