import type { Backup, BackupDisk, Store } from "../libvirt/backup.js";
import type { Checkpoint } from "../libvirt/checkpoint.js";
import type { DomainPlan, PlannedDisk, Run, RunDisk } from "./plan.js";

/** A backup that lists its disks, as all our documents do. */
export type ExplicitBackup = Backup & { readonly disks: readonly BackupDisk[] };

/**
 * The run's checkpoint; undefined if it makes none. Every disk of the domain is listed, so that libvirt chooses
 * nothing.
 */
export function checkpointDocument(domain: DomainPlan, run: Run): Checkpoint | undefined {
  if (!run.checkpoint) return undefined;
  const covered = new Set(run.disks.filter((disk) => disk.bitmap).map((disk) => disk.target));
  return {
    name: run.point,
    ...(domain.description !== undefined && { description: domain.description }),
    disks: domain.disks.map(({ target }) =>
      covered.has(target)
        ? { name: target, checkpoint: "bitmap", bitmap: run.point }
        : { name: target, checkpoint: "no" },
    ),
  };
}

/**
 * The run's backup. Every disk of the domain is listed with its base. If all disks share a base, it is also at the top,
 * as libvirt dumps it.
 */
export function backupDocument(domain: DomainPlan, run: Run): ExplicitBackup {
  const bases = new Set(run.disks.map((disk) => disk.base));
  const [only] = bases;
  const shared = bases.size === 1 && typeof only === "string" ? only : undefined;
  return backup(domain, run, (disk) => disk.base, shared);
}

/** The same backup with a full of every disk, which a run takes if its base is missing. */
export function fallbackDocument(domain: DomainPlan, run: Run): ExplicitBackup {
  return backup(domain, run, () => null, undefined);
}

function backup(
  domain: DomainPlan,
  run: Run,
  baseOf: (disk: RunDisk) => string | null,
  shared: string | undefined,
): ExplicitBackup {
  const backedUp = new Map(run.disks.map((disk) => [disk.target, disk]));
  return {
    mode: domain.mode,
    ...(shared !== undefined && { incremental: shared }),
    ...(domain.server && { server: domain.server }),
    disks: domain.disks.map((planned): BackupDisk => {
      const { target } = planned;
      const disk = backedUp.get(target);
      if (disk === undefined) return { name: target, backup: "no" };
      const base = baseOf(disk);
      return {
        name: target,
        backup: "yes",
        ...(!domain.withoutDiskLevels && { backupmode: base === null ? "full" : "incremental" }),
        ...(base !== null && { incremental: base }),
        ...(disk.pull
          ? {
              exportname: disk.pull.exportName,
              ...(base !== null && disk.pull.exportBitmap && { exportbitmap: disk.pull.exportBitmap }),
              type: disk.pull.scratchType,
              driver: "qcow2",
              store: store(planned, disk.pull.scratch),
            }
          : { type: disk.imageType, driver: disk.format, store: store(planned, disk.image) }),
      };
    }),
  };
}

function store({ seclabels, scratchSecret }: PlannedDisk, path: string): Store {
  return {
    path,
    ...(seclabels && {
      seclabels: seclabels.map((setting) =>
        "label" in setting
          ? { model: setting.model, relabel: "yes", labels: [setting.label] }
          : { model: setting.model, relabel: "no", labels: [] },
      ),
    }),
    ...(scratchSecret && { encryption: { format: "luks", secret: scratchSecret } }),
  };
}
