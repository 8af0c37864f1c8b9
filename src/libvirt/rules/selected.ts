import { diskOf } from "../align.js";
import type { BackupDiskYes } from "../backup.js";
import type { DomainDisk } from "../domain.js";
import type { Call } from "../rule.js";

/** A disk of the domain that a call is about. */
export interface Selected {
  readonly disk: DomainDisk;
  /** The disk in the backup; absent if only the checkpoint covers it. */
  readonly backup?: BackupDiskYes;
  readonly hasBitmap: boolean;
}

const known = new WeakMap<Call, readonly Selected[]>();

/** The disks of the domain that are backed up or get a bitmap, in the domain's order. Most rules need them. */
export function selected(call: Call): readonly Selected[] {
  const disks = known.get(call) ?? select(call);
  known.set(call, disks);
  return disks;
}

function select({ domain, backup, checkpoint }: Call): Selected[] {
  const backups = new Map(
    backup?.whole.disks?.flatMap((disk) => (disk.backup === "yes" ? [[disk.name, disk] as const] : [])),
  );
  const covered = new Set(
    checkpoint?.whole.disks?.flatMap(({ name, checkpoint: kind }) => (kind === "bitmap" ? name : [])),
  );
  return domain.disks.flatMap((disk) => {
    const backup = backups.get(disk.target);
    const hasBitmap = covered.has(disk.target);
    return backup === undefined && !hasBitmap ? [] : { disk, ...(backup && { backup }), hasBitmap };
  });
}

/** The names of disks that a call lists, by document, as written. */
export function listed({ backup, checkpoint }: Call): { name: string; in: "backup" | "checkpoint" }[] {
  return [
    ...(backup?.given.disks ?? []).map(({ name }) => ({ name, in: "backup" as const })),
    ...(checkpoint?.given.disks ?? []).map(({ name }) => ({ name, in: "checkpoint" as const })),
  ];
}

/** The target of a listed name; only a checkpoint may name a disk by its source's path. */
export function targetOf(
  { domain }: Call,
  one: { name: string; in: "backup" | "checkpoint" },
): string | undefined {
  const disk = diskOf(domain, one.name);
  return disk === undefined || (one.in === "backup" && disk.target !== one.name) ? undefined : disk.target;
}

/** The name of a disk in messages. */
export function nameOf({ domain }: Call, target: string): string {
  return `disk "${target}" of "${domain.name}"`;
}
