import type { Checkpoint } from "../../libvirt/checkpoint.js";

/** One disk's image in one restore point; what it stands on changes when restore points are folded. */
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
  /** The full that the image stands on; null if it is one. */
  root: Link | null;
  below: Link | null;
}

/** What a link has by what it stands on. */
export function standingOn(below: Link | null): Pick<Link, "below" | "depth" | "root"> {
  return { below, depth: (below?.depth ?? 0) + 1, root: below === null ? null : (below.root ?? below) };
}

/** libvirt checks the bitmap, not the checkpoint's disk list (qemu_backup.c); the list is what can be known offline. */
export function covers(checkpoint: Checkpoint | undefined, target: string): boolean {
  return checkpoint?.disks.some((disk) => disk.name === target && disk.checkpoint === "bitmap") ?? false;
}
