import type { Compression, ImageFormat, Level, Mode } from "../policy/policy.js";

/** What a run leaves beside its images, written last: `schemas/manifest.schema.json`. */
export interface Manifest {
  readonly formatVersion: "2.0";
  readonly policy: string;
  /** The host that made it, where the policy names hosts. */
  readonly host?: string;
  readonly domain: string;
  readonly uuid: string;
  /** Name of the restore point, of its folder, and of its checkpoint if it has one: `<policy>-<YYYYMMDDTHHMMSSZ>`. */
  readonly point: string;
  /** The slot's instant, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly slot: string;
  readonly level: Level;
  readonly mode: Mode;
  /** The checkpoint that the run made; null when the domain was copied while stopped. */
  readonly checkpoint: { readonly creationTime: number } | null;
  /** The domain's QEMU while the run went on; null if there was none on the machine of the script. */
  readonly process: QemuProcess | null;
  /** The targets of `disks`, in their order. */
  readonly targets: readonly string[];
  readonly disks: readonly ManifestDisk[];
  /** What of the machine is not on its disks, in files beside the manifest; absent: an older version made it. */
  readonly machine?: readonly MachineFile[];
  /** Digest of the plan that ran, `sha256:…`. */
  readonly plan: string;
  /** When the manifest was written; an instant. */
  readonly finished: string;
  /** How long the run took until then, from the moment at which it had the domain; absent: an older version made it. */
  readonly seconds?: number;
  readonly tools: { readonly libvirt: string; readonly qemu: string };
  /** Why the run was not the planned one, if it was not: `base-missing`, `drift`. */
  readonly deviation?: string;
  /** Targets of disks that are not in the restore point: the plan did not know them, or the domain no longer had them. */
  readonly leftOut?: readonly string[];
  /** The level that the plan had, where the run made another. */
  readonly planned?: Level;
  /** Whether the guest's file systems were frozen; absent where the policy does not ask for it, or the domain did not run. */
  readonly frozen?: boolean;
  /** It was made outside of the schedule. */
  readonly onDemand?: boolean;
  /** It is kept whatever the rules say: for good, with a reason, or until an instant. */
  readonly pin?: Pin;
  /** The images went through these commands and are not here. */
  readonly stream?: { readonly receive: string; readonly delete?: string };
  /** When others were last folded into this one, and which, newest first. */
  readonly consolidated?: { readonly at: string; readonly of: readonly string[] };
  /** Domain XML at the time of the run: a file beside the manifest. */
  readonly domainXml: { readonly file: "domain.xml"; readonly sha256: string };
}

/** Why a restore point is kept for good, or until when (an instant). */
export type Pin =
  | { readonly reason: string; readonly until?: never }
  | { readonly until: string; readonly reason?: never };

/** A file with the firmware's variables (`nvram.*`), the TPM's state (`tpm*`), or the XML of the running domain (`active.xml`). */
export interface MachineFile {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** What tells one process of one boot from every other. */
export interface QemuProcess {
  /** The kernel's id of the boot. */
  readonly boot: string;
  readonly pid: number;
  /** Clock ticks after the boot. */
  readonly start: number;
}

/** One disk of a restore point, and the image that holds it. */
export interface ManifestDisk {
  readonly target: string;
  readonly level: Level;
  /** Restore point whose checkpoint the image reads changes since; null for a full. */
  readonly base: string | null;
  /** Whether the run's checkpoint has a bitmap on this disk, so that it can be a base. */
  readonly bitmap: boolean;
  readonly source: ManifestSource;
  /** Path of the image, relative to the manifest's folder (or absolute: block devices). */
  readonly image: string;
  readonly format: ImageFormat;
  /** How the image is compressed, and the bytes of data that it holds; absent: it is not. */
  readonly compression?: { readonly method: Compression; readonly data: number };
  /** Bytes. */
  readonly virtualSize: number;
  /** Length of the file in bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** What a disk was when it was backed up: the evidence that it still is the same one. */
export interface ManifestSource {
  /** Kind of the source, as libvirt calls it. */
  readonly type: string;
  /** As `DomainDisk.source` has it. */
  readonly name: string;
  /** The file's device and inode in decimal digits, as 64 bits are more than a number holds; null: no file that was seen. */
  readonly device: string | null;
  readonly inode: string | null;
  /** When the file was made, in seconds since 1970; null if its file system does not tell. */
  readonly birth: number | null;
  /** The number that libvirt gave to the source when it was opened; absent where it named none. */
  readonly node?: string;
  /** The sources below, the nearest first, as far as libvirt named them. */
  readonly backing: readonly string[];
  /** Of a stopped domain's disk, where all that it is read from are files: by which a later run knows that nobody has written. */
  readonly written?: {
    /** The kernel's id of the boot. */
    readonly boot: string;
    /** Of each file, the disk's own first: device, inode, bytes, and the seconds of its last write and change. */
    readonly files: readonly string[];
  };
}
