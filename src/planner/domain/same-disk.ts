import { isSameFile } from "../../inventory/evidence.js";
import type { DomainFacts } from "../../inventory/inventory.js";
import type { Manifest, ManifestDisk, QemuProcess } from "../../inventory/manifest.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";

/**
 * Why a disk of the domain is not the one that a restore point was made of; undefined if it is, or if nothing speaks against it.
 * A source that has changed is explained where its file was only renamed, or where libvirt itself has moved the disk: a snapshot
 * put an image on it, a commit merged it down, a copy took its place while QEMU ran on.
 */
export function whyAnother(manifest: Manifest, then: ManifestDisk, facts: DomainFacts): string | undefined {
  const now = facts.domain.disks.find(({ target }) => target === then.target);
  // What has no source has no bitmap either.
  if (now?.source === undefined) return undefined;
  const file = facts.evidence?.files[then.target];
  const seen = then.source.inode !== null && file !== undefined;
  const isSame = seen && isSameFile(then.source, file);
  const isNamed = then.source.name === now.source;
  if (!isSame) {
    const other = manifest.disks.find(
      ({ target, source }) =>
        target !== then.target &&
        ((!isNamed && source.name === now.source) || (file !== undefined && isSameFile(source, file))),
    );
    if (other !== undefined) return `it is what the disk "${other.target}" was then`;
  }
  if (isNamed) {
    return seen && !isSame ? `its file ${now.source} has been exchanged for another` : undefined;
  }
  const isExplained =
    isSame ||
    (now.backingChain ?? []).some(({ source }) => source === then.source.name) ||
    then.source.backing.includes(now.source) ||
    isSameProcess(manifest.process, facts.evidence?.process ?? null);
  return isExplained ? undefined : `it was ${then.source.name} then, and is ${now.source} now`;
}

function isSameProcess(a: QemuProcess | null, b: QemuProcess | null): boolean {
  return a !== null && b !== null && a.boot === b.boot && a.pid === b.pid && a.start === b.start;
}

/** Whether a checkpoint is the one that the run made, and not another of its name; one that does not tell its time may be. */
export function isRecorded({ checkpoint }: Manifest, existing: Checkpoint): boolean {
  return existing.creationTime === undefined || existing.creationTime === checkpoint?.creationTime;
}
