import { coarselyUp } from "./coarse.js";

/** How large the disks of a domain are, by target: `sizes/<segment>.json` (`schemas/sizes.schema.json`). */
export interface Sizes {
  readonly formatVersion: "1.0";
  readonly disks: Readonly<Record<string, DiskSize>>;
}

/** In bytes. */
export interface DiskSize {
  /** What the guest sees. */
  readonly capacity: number;
  /**
   * What the disk takes on its host, rounded up coarsely, and at least 16 MiB: about what a full copies. Absent where that is not known, as of an image with
   * a backing file, whose own file has only a part of the data.
   */
  readonly allocation?: number;
}

/** A small disk takes more or less with each bitmap that is written to it, and no forecast depends on that. */
const LEAST = 16 << 20;

/** The allocation that is captured of one that was measured. */
export function roughAllocation(bytes: number): number {
  return coarselyUp(Math.max(bytes, LEAST));
}
