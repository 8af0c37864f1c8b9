import { closeSync, existsSync, openSync, readFileSync, readSync, statSync, writeSync } from "node:fs";
import { CLUSTER, Qcow2 } from "./qcow2.js";

/** A disk as the domain's XML has it. */
export interface GuestDisk {
  readonly target: string;
  readonly format: "qcow2" | "raw";
  readonly source: string;
}

/** What a guest has written to a cluster: the number of the write. 0: nothing. */
export type Content = readonly number[];

/** A cluster that holds a write's number. */
export function clusterOf(version: number): Buffer {
  const bytes = Buffer.alloc(CLUSTER);
  if (version > 0) bytes.write(`write ${version}\n`);
  return bytes;
}

/** The number of the write that a cluster holds. @throws where it holds anything else */
export function versionOf(bytes: Buffer): number {
  const end = bytes.indexOf(0);
  const text = bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
  const version = text === "" ? 0 : Number(/^write (\d+)\n$/.exec(text)?.[1]);
  if (Number.isNaN(version) || !bytes.equals(clusterOf(version)))
    throw new Error("a cluster holds what nobody wrote");
  return version;
}

/** A dirty bitmap in memory. One that cannot be trusted is listed, and of no use. */
export interface Bitmap {
  readonly dirty: Set<number>;
  readonly usable: boolean;
}

/** A disk that a QEMU has open, by the file it opened: whatever lies at its path meanwhile, it reads and writes that. */
export class Drive {
  readonly disk: GuestDisk;
  readonly bitmaps = new Map<string, Bitmap>();
  readonly #qcow2: Qcow2 | undefined;
  readonly #raw: number | undefined;
  readonly #size: number;

  constructor(disk: GuestDisk) {
    this.disk = disk;
    if (disk.format === "raw") {
      this.#raw = openSync(disk.source, "r+");
      this.#size = statSync(disk.source).size;
      return;
    }
    this.#qcow2 = new Qcow2(disk.source, "r+");
    this.#size = this.#qcow2.size;
    const stored = this.#qcow2.bitmaps;
    for (const { name, dirty, inUse } of stored)
      this.bitmaps.set(name, { dirty: new Set(dirty), usable: !inUse });
    // Until it is closed the image says that its bitmaps are behind.
    if (stored.length > 0) this.#qcow2.storeBitmaps(stored.map((each) => ({ ...each, inUse: true })));
  }

  get size(): number {
    return this.#size;
  }

  get clusters(): number {
    return Math.ceil(this.#size / CLUSTER);
  }

  get content(): number[] {
    return Array.from({ length: this.clusters }, (_, cluster) => versionOf(this.read(cluster)));
  }

  read(cluster: number): Buffer {
    if (this.#qcow2 !== undefined) return this.#qcow2.read(cluster) ?? Buffer.alloc(CLUSTER);
    const bytes = Buffer.alloc(CLUSTER);
    readSync(this.#raw as number, bytes, 0, CLUSTER, cluster * CLUSTER);
    return bytes;
  }

  write(cluster: number, version: number): void {
    const bytes = clusterOf(version);
    if (this.#qcow2 === undefined) writeSync(this.#raw as number, bytes, 0, CLUSTER, cluster * CLUSTER);
    else this.#qcow2.write(cluster, bytes);
    for (const { dirty } of this.bitmaps.values()) dirty.add(cluster);
  }

  /** @param clean false: QEMU was killed, and no bitmap has reached the image */
  close(clean: boolean): void {
    if (clean) {
      this.#qcow2?.storeBitmaps(
        [...this.bitmaps].map(([name, { dirty, usable }]) => ({ name, dirty: [...dirty], inUse: !usable })),
      );
    }
    this.#qcow2?.close();
    if (this.#raw !== undefined) closeSync(this.#raw);
  }
}

/** What a disk holds that no QEMU has open; its file is not touched. */
export function lyingContent({ source, format }: GuestDisk): number[] {
  if (format === "raw") {
    const bytes = readFileSync(source);
    return Array.from({ length: Math.ceil(bytes.length / CLUSTER) }, (_, cluster) =>
      versionOf(bytes.subarray(cluster * CLUSTER, (cluster + 1) * CLUSTER)),
    );
  }
  const image = new Qcow2(source, "r");
  try {
    return Array.from({ length: Math.ceil(image.size / CLUSTER) }, (_, cluster) =>
      versionOf(image.read(cluster) ?? Buffer.alloc(CLUSTER)),
    );
  } finally {
    image.close();
  }
}

/** Where a push backup writes a disk to: an image that is there, or a new one. */
export class Target {
  readonly #qcow2: Qcow2 | undefined;
  readonly #raw: number | undefined;

  /** @throws where there is none */
  constructor(path: string, format: string) {
    if (!existsSync(path)) throw new Error(`there is no ${path}`);
    if (format === "qcow2") this.#qcow2 = new Qcow2(path, "r+");
    else this.#raw = openSync(path, "r+");
  }

  get size(): number | undefined {
    return this.#qcow2?.size;
  }

  write(cluster: number, bytes: Buffer): void {
    if (this.#qcow2 !== undefined) this.#qcow2.write(cluster, bytes);
    else writeSync(this.#raw as number, bytes, 0, CLUSTER, cluster * CLUSTER);
  }

  close(): void {
    this.#qcow2?.close();
    if (this.#raw !== undefined) closeSync(this.#raw);
  }
}
