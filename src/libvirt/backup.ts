/**
 * A complete `<domainbackup>` document (libvirt's docs/formatbackup and src/conf/backup_conf.c). A value that the
 * document leaves out is absent, except those that libvirt's reader fills in: the mode, `backup`, a disk's type, a
 * server's transport.
 */
export interface Backup {
  readonly mode: "push" | "pull";
  /** Base checkpoint of disks that name none. */
  readonly incremental?: string;
  /** Pull mode only, and required there. */
  readonly server?: NbdServer;
  /** Absent: all writable disks, with names that libvirt generates. */
  readonly disks?: readonly BackupDisk[];
}

/** The server of a plan. */
export type BackupServer =
  | { readonly transport: "unix"; readonly socket: string }
  | { readonly transport: "tcp"; readonly name: string; readonly port: number; readonly tls: boolean };

/** A `<server>` element. */
export type NbdServer =
  | { readonly transport: "unix"; readonly socket: string; readonly tls?: boolean }
  | {
      readonly transport: "tcp";
      readonly name: string;
      /** If it is absent, libvirt refuses the document at run time (qemu_backup.c:qemuBackupPrepare). */
      readonly port?: number;
      readonly tls?: boolean;
    }
  /** A socket that virsh passes by file descriptor (domainbackupxml2xmlin/backup-pull-fd.xml). */
  | { readonly transport: "fd"; readonly fdgroup: string; readonly tls?: boolean };

/** A `<disk>` of the document. */
export type BackupDisk = { readonly name: string; readonly backup: "no" } | BackupDiskYes;

/** A disk that is backed up. */
export interface BackupDiskYes {
  readonly name: string;
  readonly backup: "yes";
  readonly type: "file" | "block";
  readonly backupmode?: "full" | "incremental";
  /** Base checkpoint of this disk; absent: the document's. */
  readonly incremental?: string;
  readonly exportname?: string;
  readonly exportbitmap?: string;
  /** libvirt's index of the image in the running domain; only in documents that libvirt prints. */
  readonly index?: number;
  /** Format of the target (push) or scratch (pull); absent: qcow2. */
  readonly driver?: string;
  /** Target (push) or scratch (pull). */
  readonly store?: Store;
}

/** The target of a copy (push), or the scratch that keeps old blocks while the disk is read (pull). */
export interface Store {
  /** Absolute path of a file or of a block device. */
  readonly path: string;
  readonly seclabels?: readonly Seclabel[];
  readonly encryption?: Encryption;
}

/** A label of one image (domaincommon.rng, devSeclabel). */
export interface Seclabel {
  readonly model?: string;
  readonly relabel?: "yes" | "no";
  readonly labelskip?: "yes";
  readonly labels: readonly string[];
}

/** LUKS inside the image, opened by a secret that libvirt keeps (domainbackup.rng, backupEncryption). */
export interface Encryption {
  readonly format: "luks";
  readonly engine?: "qemu";
  readonly secret: { readonly uuid: string } | { readonly usage: string };
  readonly cipher?: {
    readonly name: string;
    readonly size: number;
    readonly mode?: string;
    readonly hash?: string;
  };
  readonly ivgen?: { readonly name: string; readonly hash?: string };
}
