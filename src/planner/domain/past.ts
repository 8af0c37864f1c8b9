import type { Missing } from "../../diagnostics/diagnostic.js";
import type { Link } from "./link.js";
import type { Point } from "./point.js";

/** What earlier runs of this policy left; the planner carries on from here. */
export interface History {
  /** Verified restore points, oldest first. */
  readonly points: readonly Point[];
  /** Per disk: the newest restore point of the current chain that can be a base, or why there is none. */
  readonly base: ReadonlyMap<string, Link | Missing>;
  /** Per disk: the images of the current chain, oldest first. */
  readonly chains: ReadonlyMap<string, readonly Link[]>;
  /** Per disk: the current chain's full, if that can be a base. */
  readonly full: ReadonlyMap<string, Link | Missing>;
  /** The most images that restoring one disk reads. */
  readonly deepest: number;
  /** This policy's checkpoints on the host, verified or not, oldest first. */
  readonly ownCheckpoints: readonly string[];
  /** Slot of the newest verified run, in milliseconds. */
  readonly newest?: number;
  /** What the domain was called then, if it has been renamed: what was made is in the folder of that name, and stays there. */
  readonly formerName?: string;
}
