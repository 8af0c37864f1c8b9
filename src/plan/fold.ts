import type { Level } from "../policy/policy.js";

/** A fold, as in a `consolidate` step. */
export interface Fold {
  readonly into: string;
  readonly of: readonly string[];
}

/** The part of a restore point or manifest that a fold changes. */
export interface Foldable {
  readonly point: string;
  readonly level: Level;
  readonly disks: readonly { readonly target: string; readonly base: string | null }[];
}

/** The base of a disk after those of `of` that it builds on are folded into it; null if it is a full then. */
export function baseAfterFold(
  points: readonly Foldable[],
  of: readonly string[],
  target: string,
  base: string | null,
): string | null {
  let under = base;
  while (under !== null && of.includes(under)) {
    const name: string = under;
    under =
      points.find(({ point }) => point === name)?.disks.find((disk) => disk.target === target)?.base ?? null;
  }
  return under;
}

/**
 * The restore points after a fold, before the folded ones are deleted. The one into which they are folded is a full if
 * it builds on none.
 */
export function afterFold<T extends Foldable>(points: readonly T[], { into, of }: Fold): T[] {
  return points.map((each) => {
    if (each.point !== into) return each;
    const disks = each.disks.map((disk) => {
      const base = baseAfterFold(points, of, disk.target, disk.base);
      return base === null ? { ...disk, base, level: "full" } : { ...disk, base };
    });
    return { ...each, level: disks.every((disk) => disk.base === null) ? "full" : each.level, disks };
  });
}
