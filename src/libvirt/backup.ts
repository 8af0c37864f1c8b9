/** A `<domainbackup>` document (docs/formatbackup). Paths are absolute. */
export interface Backup {
  readonly mode: "push" | "pull";
  /** Base checkpoint of the disks that name none themselves. */
  readonly incremental?: string;
  /** Pull mode only, and required there. */
  readonly server?: BackupServer;
  readonly disks: readonly BackupDisk[];
}

export type BackupServer =
  | { readonly transport: "unix"; readonly socket: string }
  | { readonly transport: "tcp"; readonly name: string; readonly port: number; readonly tls: boolean };

export type BackupDisk = { readonly name: string; readonly backup: "no" } | BackupDiskYes;

export interface BackupDiskYes {
  readonly name: string;
  readonly backup: "yes";
  readonly type: "file" | "block";
  readonly backupmode: "full" | "incremental";
  /** Base checkpoint of this disk; absent: the document's. */
  readonly incremental?: string;
  readonly exportname?: string;
  readonly exportbitmap?: string;
  /** Format of the target (push) or scratch (pull). */
  readonly driver: "qcow2" | "raw";
  /** Target (push) or scratch (pull): a file's path or a block device's. */
  readonly path: string;
}
