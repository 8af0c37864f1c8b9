import type { Checkpoint } from "../../libvirt/checkpoint.js";

/** One disk's image in one restore point. `depth`, `root` and `base` change when restore points are folded. */
export interface Link {
  readonly point: string;
  /** The slot, in milliseconds. */
  readonly time: number;
  /** Whether the image went through a command and is not here. */
  readonly streamed: boolean;
  /** The other host that made it, if the domain has moved since. */
  readonly madeOn?: string;
  /** Images that a restore reads, this one included. */
  depth: number;
  /** The full of the chain; null if the image is that full. */
  root: Link | null;
  /** The image that this one builds on; null if it is a full. */
  base: Link | null;
}

/** The parts of a link that follow from its base. */
export function buildingOn(base: Link | null): Pick<Link, "base" | "depth" | "root"> {
  return { base, depth: (base?.depth ?? 0) + 1, root: base === null ? null : (base.root ?? base) };
}

/** libvirt checks the bitmap, not the checkpoint's disk list (qemu_backup.c); the list is what can be known offline. */
export function covers(checkpoint: Checkpoint | undefined, target: string): boolean {
  return checkpoint?.disks.some((disk) => disk.name === target && disk.checkpoint === "bitmap") ?? false;
}
