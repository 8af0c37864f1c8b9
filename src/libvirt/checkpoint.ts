import type { XmlElement } from "./xml.js";

/** A `<domaincheckpoint>` document, all of it (libvirt's docs/formatcheckpoint and src/conf/checkpoint_conf.c). */
export interface Checkpoint {
  readonly name: string;
  readonly description?: string;
  /** Ignored when a checkpoint is made, used when it is defined again. */
  readonly parent?: string;
  /** Seconds since 1970 UTC. */
  readonly creationTime?: number;
  readonly disks: readonly CheckpointDisk[];
  /** The domain as it was, which libvirt only prints; read back as it stands. */
  readonly domain?: XmlElement;
}

/** What a document may leave to libvirt: the name, and which disks. */
export type CheckpointDocument = Omit<Checkpoint, "name" | "disks"> & {
  readonly name?: string;
  readonly disks?: readonly CheckpointDisk[];
};

/** A `<disk>` of the document: whether the checkpoint covers it. */
export interface CheckpointDisk {
  /** Target, or in a document the absolute path of the disk's source. */
  readonly name: string;
  readonly checkpoint: "no" | "bitmap";
  /** Bitmap's name; libvirt demands that it is the checkpoint's. */
  readonly bitmap?: string;
  /** Bytes changed since, where the dump asked for them (`--size`). */
  readonly size?: number;
}
