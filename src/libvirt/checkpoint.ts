import type { XmlElement } from "./xml.js";

/** A complete `<domaincheckpoint>` document (libvirt's docs/formatcheckpoint and src/conf/checkpoint_conf.c). */
export interface Checkpoint {
  readonly name: string;
  readonly description?: string;
  /** Ignored when a checkpoint is made, used when it is defined again. */
  readonly parent?: string;
  /** Seconds since 1970 UTC. */
  readonly creationTime?: number;
  readonly disks: readonly CheckpointDisk[];
  /** The domain at that time, which libvirt only prints; it is kept unchanged. */
  readonly domain?: XmlElement;
}

/** A checkpoint whose name and disks may be left to libvirt. */
export type CheckpointDocument = Omit<Checkpoint, "name" | "disks"> & {
  readonly name?: string;
  readonly disks?: readonly CheckpointDisk[];
};

/** A `<disk>` of the document: whether the checkpoint covers it. */
export interface CheckpointDisk {
  /** Target, or in a document the absolute path of the disk's source. */
  readonly name: string;
  readonly checkpoint: "no" | "bitmap";
  /** Name of the bitmap, which must be the checkpoint's. */
  readonly bitmap?: string;
  /** Bytes that have changed since, if the dump asked for them (`--size`). */
  readonly size?: number;
}
