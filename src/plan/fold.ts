import type { Level } from "../policy/policy.js";

/** What a `consolidate` step says. */
export interface Fold {
  readonly into: string;
  readonly of: readonly string[];
}

/** A restore point, or its manifest, as far as folding changes it. */
export interface Foldable {
  readonly point: string;
  readonly level: Level;
  readonly disks: readonly { readonly target: string; readonly base: string | null }[];
}

/** The base that a disk has once those of `of` that it stands on are folded into it; null if it stands alone then. */
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

/** The restore points after a fold, before those folded in are deleted; the one folded into is a full if nothing is under it. */
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
