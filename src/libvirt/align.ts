import type { Backup, BackupDisk, BackupDiskYes } from "./backup.js";
import type { CheckpointDisk, CheckpointDocument } from "./checkpoint.js";
import type { Domain, DomainDisk } from "./domain.js";

/**
 * The checkpoint that libvirt makes from a document for a domain (checkpoint_conf.c:virDomainCheckpointAlignDisks):
 * every disk of the domain, in the domain's order and by its target. A disk that is not listed has a bitmap only if no
 * disk is listed. The bitmap has the checkpoint's name. If the document has no name, libvirt takes the time; here it
 * stays open.
 */
export function alignCheckpoint(checkpoint: CheckpointDocument, domain: Domain): CheckpointDocument {
  const { name, disks: listed } = checkpoint;
  const named = new Map(listed?.map((disk) => [diskOf(domain, disk.name)?.target ?? disk.name, disk]));
  return {
    ...checkpoint,
    disks: domain.disks.map((disk): CheckpointDisk => {
      const entry = named.get(disk.target);
      const kind = entry?.checkpoint ?? (listed === undefined && canBeWritten(disk) ? "bitmap" : "no");
      const bitmap = entry?.bitmap ?? name;
      return {
        name: disk.target,
        checkpoint: kind,
        ...(kind === "bitmap" && bitmap !== undefined && { bitmap }),
        ...(entry?.size !== undefined && { size: entry.size }),
      };
    }),
  };
}

/**
 * The backup that libvirt makes from a document for a domain (backup_conf.c:virDomainBackupAlignDisks, qemu_backup.c):
 * the listed disks in their order, then the others; for each its mode, base, qcow2, and in pull mode its export names.
 * @param suffix follows a source's path if libvirt generates the file's name: the checkpoint's name, or the time
 */
export function alignBackup(backup: Backup, domain: Domain, suffix?: string): Backup {
  const listed = new Set(backup.disks?.map(({ name }) => name));
  const others = domain.disks
    .filter((disk) => !listed.has(disk.target))
    .map((disk): BackupDisk => {
      if (backup.disks !== undefined || !canBeWritten(disk)) return { name: disk.target, backup: "no" };
      return {
        name: disk.target,
        backup: "yes",
        type: "file",
        // Of a volume the path is not known here, and of any other source libvirt makes none (TM423).
        ...(suffix !== undefined && disk.type === "file" && { store: { path: `${disk.source}.${suffix}` } }),
      };
    });
  return {
    ...backup,
    disks: [...(backup.disks ?? []), ...others].map((disk) =>
      disk.backup === "no" ? disk : fill(disk, backup),
    ),
  };
}

function fill(disk: BackupDiskYes, { mode, incremental: shared }: Backup): BackupDiskYes {
  const backupmode =
    disk.backupmode ?? (shared === undefined && disk.incremental === undefined ? "full" : "incremental");
  const base = disk.incremental ?? (backupmode === "incremental" ? shared : undefined);
  return {
    ...disk,
    backupmode,
    ...(base !== undefined && { incremental: base }),
    ...(mode === "pull" && {
      exportname: disk.exportname ?? disk.name,
      ...(base !== undefined && { exportbitmap: disk.exportbitmap ?? `backup-${disk.name}` }),
    }),
    driver: disk.driver ?? "qcow2",
  };
}

/** The disk with this target, or with this path as its source, as a checkpoint may name it. */
export function diskOf(domain: Domain, name: string): DomainDisk | undefined {
  return domain.disks.find((disk) => disk.target === name || (name.startsWith("/") && disk.source === name));
}

/** Whether libvirt would choose the disk itself: it has a medium and is not read-only. */
export function canBeWritten(disk: DomainDisk): boolean {
  return disk.source !== undefined && !disk.readonly;
}
