import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import type { Checkpoint } from "../libvirt/checkpoint.js";
import type { Domain } from "../libvirt/domain.js";
import type { Compression } from "../policy/policy.js";
import type { BrokenImage } from "./damage.js";
import type { DiskSize } from "./disk-size.js";
import type { Evidence } from "./evidence.js";
import type { Manifest } from "./manifest.js";

/** What the host has, according to the files of the inventory. */
export interface Inventory {
  readonly host: Host;
  /** Sorted by name. */
  readonly domains: readonly DomainFacts[];
  /** Manifests of domains that the inventory does not have, such as a domain that has moved; oldest slot first. */
  readonly strays?: readonly Manifest[];
}

/** The host that the domains run on. */
export interface Host {
  /** Version of libvirt, such as `9.0.0`. */
  readonly libvirt: string;
  /** Version of QEMU, such as `7.2.22`. */
  readonly qemu: string;
  /** Methods by which the host's qemu-img compresses; absent where nobody asked it. */
  readonly compression?: readonly ("zlib" | Compression)[];
  readonly uri?: string;
}

/** A domain with what is known of its checkpoints and restore points. */
export interface DomainFacts {
  readonly domain: Domain;
  /** Location of the name in the domain's XML. */
  readonly location?: Location;
  /** Names that scripts and files cannot carry; a policy that backs up the domain is refused with these diagnostics. */
  readonly refused?: readonly Diagnostic[];
  /** What tells its disks from others of the same names; undefined where nobody looked on the host. */
  readonly evidence?: Evidence;
  /** How large its disks are, by target; undefined where nobody could tell. */
  readonly sizes?: Readonly<Record<string, DiskSize>>;
  /** Parents before children; siblings by creation time, then name. */
  readonly checkpoints: readonly Checkpoint[];
  /** Name of the newest leaf, which libvirt would make the parent of a new checkpoint. */
  readonly currentCheckpoint?: string;
  /** The verified restore points, oldest slot first; undefined when the inventory has no catalog at all. */
  readonly catalog?: readonly Manifest[];
  /** Manifests that are damage, as they are shown: nobody knows what they build on, so nothing of the domain is deleted. */
  readonly damaged?: readonly string[];
  /** Images of the catalog that are missing or cut short. */
  readonly broken?: readonly BrokenImage[];
  /** A restore point of another domain that lies in this one's folder of the repository. */
  readonly stranger?: Manifest;
  /** The newest restore point was made on another host of the fleet. */
  readonly moved?: Move;
}

export interface Move {
  /** The host's name. */
  readonly from: string;
  /** Slot of the newest restore point made there. */
  readonly last: string;
  /** Whether its restore points stayed on the other host, because the hosts have different repositories. */
  readonly leftBehind: boolean;
}
