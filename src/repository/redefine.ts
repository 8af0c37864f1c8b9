import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { checkCall } from "../libvirt/check-call.js";
import type { Checkpoint } from "../libvirt/checkpoint.js";
import type { Domain } from "../libvirt/domain.js";
import type { StoredDomain } from "./repository.js";

/** A checkpoint that libvirt may have lost, from its manifest. */
export interface LostCheckpoint {
  readonly checkpoint: Checkpoint;
  /**
   * Images that must have its bitmap: the current sources of the disks that it covers, each with the source that the disk had when the
   * bitmap was begun. That may be an image below it by now.
   */
  readonly images: readonly { readonly target: string; readonly path: string; readonly begun: string }[];
}

/**
 * The checkpoints of a domain's restore points, oldest first and each with the one before as its parent, as documents
 * for `checkpoint-create --redefine` (checkpoint_conf.c:virDomainCheckpointRedefinePrep). Whether their bitmaps are
 * still there, only the host knows. The creation time is the one that the manifest has: a checkpoint of another is not
 * taken for the same.
 * @param existing checkpoints that libvirt still has; they may be parents
 */
export function lostCheckpoints(
  stored: StoredDomain,
  domain: Domain,
  existing: readonly Checkpoint[],
): { lost: readonly LostCheckpoint[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const sources = new Map(domain.disks.map(({ target, source }) => [target, source]));
  const lost: LostCheckpoint[] = [];
  const there = [...existing];
  let parent: string | undefined;
  for (const { manifest } of stored.points) {
    const covered = new Map(
      manifest.disks.flatMap(({ target, bitmap, source }) =>
        bitmap ? [[target, source.name] as const] : [],
      ),
    );
    if (manifest.checkpoint === null || covered.size === 0) continue;
    const images = [...covered].flatMap(([target, begun]) => {
      const path = sources.get(target);
      return path?.startsWith("/") ? { target, path, begun } : [];
    });
    if (images.length < covered.size) {
      diagnostics.push({
        code: "TM509",
        severity: "warning",
        message: `the checkpoint of ${manifest.point} covers ${[...covered.keys()].join(", ")}, but the domain no longer has all of these disks as files`,
        hint: "the checkpoint is not defined; a disk that was replaced begins with a full",
      });
      continue;
    }
    const checkpoint: Checkpoint = {
      name: manifest.point,
      ...(parent !== undefined && { parent }),
      creationTime: manifest.checkpoint.creationTime,
      disks: domain.disks.map(({ target }) =>
        covered.has(target)
          ? { name: target, checkpoint: "bitmap", bitmap: manifest.point }
          : { name: target, checkpoint: "no" },
      ),
    };
    if (!existing.some(({ name }) => name === manifest.point)) {
      for (const { rule, message, hint } of checkCall({ checkpoint, redefine: true }, domain, there))
        diagnostics.push({ code: rule.code, severity: "error", message, hint });
      lost.push({ checkpoint, images });
      there.push(checkpoint);
    }
    parent = manifest.point;
  }
  return { lost, diagnostics };
}
