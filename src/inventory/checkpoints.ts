import { compareText } from "../diagnostics/diagnostic.js";
import type { Checkpoint } from "../libvirt/checkpoint.js";

/** Two dumps of one checkpoint, of which one may know sizes; undefined if they contradict each other. */
export function mergeDumps(a: Checkpoint, b: Checkpoint): Checkpoint | undefined {
  const agree =
    a.parent === b.parent &&
    a.creationTime === b.creationTime &&
    a.disks.length === b.disks.length &&
    a.disks.every((disk, index) => {
      const other = b.disks[index];
      return (
        disk.name === other?.name && disk.checkpoint === other.checkpoint && disk.bitmap === other.bitmap
      );
    });
  if (!agree) return undefined;
  return { ...a, ...b, disks: a.disks.map((disk, index) => ({ ...disk, ...b.disks[index] })) };
}

/** Parents before children, siblings by creation time and name; a checkpoint whose parent is not listed is a root. */
export function inTreeOrder(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  const names = new Set(checkpoints.map(({ name }) => name));
  const sorted = [...checkpoints].sort(byAge);
  const ordered = new Set<Checkpoint>();
  const add = (parent: string | undefined): void => {
    for (const checkpoint of sorted) {
      const ownParent =
        checkpoint.parent !== undefined && names.has(checkpoint.parent) ? checkpoint.parent : undefined;
      if (ownParent !== parent || ordered.has(checkpoint)) continue;
      ordered.add(checkpoint);
      add(checkpoint.name);
    }
  };
  add(undefined);
  // The rest is in a cycle, which libvirt never writes; it is kept, in order of age.
  for (const checkpoint of sorted) ordered.add(checkpoint);
  return [...ordered];
}

/** The newest checkpoint that no other has as its parent. */
export function currentOf(checkpoints: readonly Checkpoint[]): string | undefined {
  const parents = new Set(checkpoints.map(({ parent }) => parent));
  return [...checkpoints].sort(byAge).findLast(({ name }) => !parents.has(name))?.name;
}

function byAge(a: Checkpoint, b: Checkpoint): number {
  return (a.creationTime ?? 0) - (b.creationTime ?? 0) || compareText(a.name, b.name);
}
