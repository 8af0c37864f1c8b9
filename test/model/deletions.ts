import type { Manifest } from "../../src/inventory/manifest.js";
import { afterFold } from "../../src/plan/fold.js";
import { slotOf } from "./bases.js";
import type { Host } from "./host.js";

/** An action is about to be done; at some a night is cut. */
type Act = (place?: string) => void;

/** Deletes checkpoints that no coming run reads from. */
export function retire(host: Host, point: string, keep: readonly string[], act: Act): void {
  if (!host.isRunning) return;
  // A run that was to make one and could not: the next reads changes since an older one.
  if (keep.includes(point) && !host.checkpoints.includes(point)) return;
  for (const name of host.checkpoints) {
    if (slotOf(name) >= slotOf(point) || keep.includes(name) || !host.isRecorded(name)) continue;
    act();
    host.deleteCheckpoint(name);
    act("retired");
  }
}

/** Takes restore points out of the catalog, newest first, but for those that others build on. */
export function prune(host: Host, points: readonly string[], act: Act): void {
  for (const point of points) {
    const manifest = host.catalog.get(point);
    if (manifest === undefined || manifest.pin !== undefined || standsOn(host, point)) continue;
    act();
    if (host.isRecorded(point)) host.leaveCheckpoint(point);
    act();
    host.catalog.delete(point);
    // Which is the order in which their folders are deleted.
    host.moved = [...host.moved, manifest].sort((a, b) => (a.point < b.point ? -1 : 1));
    act("pruned");
  }
  finishPruning(host, act);
}

/** Lets a restore point take in those that only it builds on. */
export function fold(host: Host, { into, of }: { into: string; of: readonly string[] }, act: Act): void {
  const manifest = host.catalog.get(into) as Manifest;
  const after = afterFold([...host.catalog.values()], { into, of }).find(({ point }) => point === into);
  const changed = manifest.disks.filter(
    ({ target, base }) => after?.disks.find((disk) => disk.target === target)?.base !== base,
  );
  if (after === undefined || changed.length === 0) return;
  act();
  host.folding = { into, images: new Map() };
  for (const { target } of changed) {
    act();
    host.foldImage(target, manifest, of);
    act("folded an image");
  }
  act();
  host.folding.manifest = after;
  act("folded the manifest");
  finishFolding(host, act);
}

/** What a fold comes to, whenever it was cut. */
export function finishFolding(host: Host, act: Act): void {
  const { folding } = host;
  if (folding === undefined) return;
  if (folding.manifest !== undefined) {
    for (const [path, image] of folding.images) {
      act();
      host.images.set(path, image);
      folding.images.delete(path);
      act("renamed an image");
    }
    act("renamed all");
    host.catalog.set(folding.into, folding.manifest);
    host.folding = { into: folding.into, images: new Map() };
  }
  act();
  host.folding = undefined;
  act("folded");
}

/** Deletes the images of what was taken out of the catalog. */
export function finishPruning(host: Host, act: Act): void {
  while (host.moved[0] !== undefined) {
    act();
    for (const { image } of host.moved[0].disks) host.images.delete(image);
    host.moved = host.moved.slice(1);
  }
}

function standsOn(host: Host, point: string): boolean {
  return [...host.catalog.values()].some(({ disks }) => disks.some(({ base }) => base === point));
}
