import type { Fold } from "./fold.js";
import type { Run, Step } from "./plan.js";

/** What a host and its repository hold of one domain at one moment. */
export interface DomainState<Point> {
  /** Restore points with a manifest, oldest first. */
  readonly points: readonly Point[];
  /** Names of the checkpoints on the host, oldest first. */
  readonly checkpoints: readonly string[];
}

/** What a reader of the plan records for each restore point: how a run makes one, and how a fold changes them. */
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

/** One run that goes as planned, and the states during it. */
export interface Replayed<Point> {
  readonly run: Run;
  readonly before: DomainState<Point>;
  /** The state when the manifest is written and nothing is retired, folded or deleted yet. */
  readonly made: DomainState<Point>;
  readonly changes: readonly Change<Point>[];
  readonly after: DomainState<Point>;
}

/**
 * Replays the runs of a plan, all of them successful. Every reader that needs the state after a run uses this.
 * @param before the state before the first run
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

/** The state when a run has written the manifest of its restore point. */
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

/** The steps after the manifest, each with the change that it makes. */
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

/** For readers that need only the names of the restore points. */
export const NAMED: PointKind<{ readonly point: string }> = {
  made: ({ point }) => ({ point }),
  folded: (points) => points,
};
