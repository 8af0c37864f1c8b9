/** A `<domaincheckpoint>` document as libvirt dumps it (docs/formatcheckpoint). */
export interface Checkpoint {
  readonly name: string;
  readonly description?: string;
  readonly parent?: string;
  /** Seconds since 1970 UTC. */
  readonly creationTime?: number;
  readonly disks: readonly CheckpointDisk[];
}

export interface CheckpointDisk {
  readonly name: string;
  readonly checkpoint: "no" | "bitmap";
  /** Bitmap's name; libvirt demands that it is the checkpoint's. */
  readonly bitmap?: string;
  /** Bytes changed since, where the dump asked for them (`--size`). */
  readonly size?: number;
}
