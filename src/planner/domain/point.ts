import { afterFold } from "../../plan/fold.js";
import type { Run } from "../../plan/plan.js";
import type { PointKind } from "../../plan/replay.js";
import type { RetainablePoint } from "./retain.js";

/** A restore point as the planner sees it. */
export interface Point extends RetainablePoint {
  /** It was made outside of the schedule. */
  readonly onDemand?: boolean;
  readonly disks: readonly {
    readonly target: string;
    readonly base: string | null;
    /** Bytes, if a manifest gives them. */
    readonly size?: number;
  }[];
}

/** How a run makes a restore point for the planner, and how a fold changes it. */
export const POINTS: PointKind<Point> = {
  made: pointOf,
  folded: (points, fold) =>
    afterFold(points, fold).map((each) =>
      each.point === fold.into ? { ...each, needs: needsOf(each.disks) } : each,
    ),
};

/** The restore point that a run leaves. */
export function pointOf({
  point,
  slot,
  level,
  disks,
}: Pick<Run, "point" | "slot" | "level" | "disks">): Point {
  return { point, time: Date.parse(slot), level, needs: needsOf(disks), disks };
}

/** The restore points that the images build on directly. */
export function needsOf(disks: readonly { readonly base: string | null }[]): readonly string[] {
  return [...new Set(disks.flatMap(({ base }) => base ?? []))];
}
