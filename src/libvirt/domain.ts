import type { Location } from "../diagnostics/diagnostic.js";
import type { OutsidePart } from "./outside.js";

/** Targets that can be part of a file's name, such as those of a bus that a later libvirt brings. */
export const PLAIN_TARGET = /^(?:ioemu:)?[a-zA-Z][a-zA-Z0-9_]*$/;

/** The parts of a `<domain>` document that planning needs (libvirt's formatdomain, devices/disk). */
export interface Domain {
  readonly name: string;
  readonly uuid: string;
  readonly title?: string;
  /** The elements of `<metadata>`, which each have a namespace of their own. */
  readonly metadata?: readonly DomainMetadata[];
  /** In the document's order, which is libvirt's order of the disks. */
  readonly disks: readonly DomainDisk[];
  /** Parts that no backup can hold; absent: none. */
  readonly outside?: readonly OutsidePart[];
}

/** An element of `<metadata>`, by which policies select domains. */
export interface DomainMetadata {
  readonly namespace: string;
  /** Attributes and texts by local name: the element's own text, and inner elements as `a` or `a/b`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A `<disk>` of the domain, as far as backups depend on it. */
export interface DomainDisk {
  /** `<target dev>`. */
  readonly target: string;
  readonly bus: string;
  readonly device: "disk" | "cdrom" | "floppy" | "lun";
  /** `<disk type>`: file, block, dir, network, volume, nvme, vhostuser, vhostvdpa. */
  readonly type: string;
  /** `<driver type>`; libvirt takes raw where it is absent. */
  readonly format: string;
  /** Path, device, or a readable form of a network or volume source; absent: no medium. */
  readonly source?: string;
  readonly readonly: boolean;
  readonly transient: boolean;
  readonly shareable: boolean;
  /** qcow2 metadata beside a raw data file (`<dataStore>`, libvirt 10.10). */
  readonly dataStore: boolean;
  /** LUKS, which QEMU opens for the guest and for the backup. */
  readonly encrypted?: true;
  /** A block job copies or commits the disk (`<mirror>` in a running domain's XML). */
  readonly mirror?: true;
  /**
   * The backing chain, nearest image first, as the dump of a running domain shows it; undefined in an inactive dump.
   */
  readonly backingChain?: readonly { readonly format: string; readonly source: string }[];
  readonly location?: Location;
}
