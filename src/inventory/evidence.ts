import type { QemuProcess } from "./manifest.js";

/**
 * What tells a domain's disks from others of the same names: `domains/<segment>.json` beside its XML
 * (`schemas/evidence.schema.json`). A capture writes it where libvirt is on the host that it runs on.
 */
export interface Evidence {
  readonly formatVersion: "1.0";
  /** The domain's QEMU; null: it does not run. */
  readonly process: QemuProcess | null;
  /** By target: the files of disks that are files. */
  readonly files: Readonly<Record<string, FileEvidence>>;
  /** Targets of disks whose image has version 2 of qcow2, which keeps no bitmap; absent: none. */
  readonly qcow2Version2?: readonly string[];
}

/** What tells a file from another of the same name. */
export interface FileEvidence {
  /** Device and inode in decimal digits, as 64 bits are more than a number holds. */
  readonly device: string;
  readonly inode: string;
  /** When it was made, in seconds since 1970; null if its file system does not tell. */
  readonly birth: number | null;
}

/** Whether two are one file. A device's number may change when it is mounted again, so a time of birth counts for more. */
export function isSameFile(
  a: { readonly [key in keyof FileEvidence]: FileEvidence[key] | null },
  b: FileEvidence,
): boolean {
  if (a.inode !== b.inode) return false;
  return a.birth === null || b.birth === null ? a.device === b.device : a.birth === b.birth;
}
