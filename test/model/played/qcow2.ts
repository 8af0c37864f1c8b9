import { spawnSync } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

/*
 * As much of qcow2 (QEMU's docs/interop/qcow2.txt) as a QEMU does to a disk of a few clusters: reads and writes clusters, and keeps
 * bitmaps. The images are real ones, so that what judges and copies them is the real qemu-img.
 */

export const CLUSTER = 65536;
const OFFSET = 0x00fffffffffffe00n;
const COPIED = 1n << 63n;
const ZERO = 1n;
const BITMAPS = 0x23852875;

/** An empty image, by the real tool. @throws where it is not there */
export function createImage(path: string, format: string, size: number): void {
  const { error, status, stderr } = spawnSync("qemu-img", ["create", "-q", "-f", format, path, String(size)]);
  if (error !== undefined) throw new Error("qemu-img is not there: run test/live/setup.sh", { cause: error });
  if (status !== 0) throw new Error(`${path} could not be made: ${stderr}`);
}

/** A persistent dirty bitmap as an image keeps it. */
export interface StoredBitmap {
  readonly name: string;
  /** Set while a QEMU has it open: one that died has left it so. */
  readonly inUse: boolean;
  /** Clusters written since. */
  readonly dirty: readonly number[];
}

export class Qcow2 {
  readonly #file: number;
  readonly size: number;
  readonly backing: string | null;

  /** @throws what the file system says, or that the file is no qcow2 */
  constructor(path: string, mode: "r" | "r+") {
    this.#file = openSync(path, mode);
    const header = this.#read(0, 104);
    if (header.readUInt32BE(0) !== 0x514649fb || header.readUInt32BE(20) !== 16)
      throw new Error(`${path} is no qcow2 of ours`);
    this.size = Number(header.readBigUInt64BE(24));
    const [at, length] = [Number(header.readBigUInt64BE(8)), header.readUInt32BE(16)];
    this.backing = at === 0 ? null : this.#read(at, length).toString();
  }

  get clusters(): number {
    return Math.ceil(this.size / CLUSTER);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** A cluster's bytes; undefined where what is below it shows. */
  read(cluster: number): Buffer | undefined {
    const table = this.#word(this.#l1()) & OFFSET;
    if (table === 0n) return undefined;
    const entry = this.#word(Number(table) + cluster * 8);
    if ((entry & ZERO) !== 0n) return Buffer.alloc(CLUSTER);
    if ((entry & (1n << 62n)) !== 0n) throw new Error("compressed clusters are not read here");
    return (entry & OFFSET) === 0n ? undefined : this.#read(Number(entry & OFFSET), CLUSTER);
  }

  write(cluster: number, bytes: Buffer): void {
    const l1 = this.#l1();
    let table = this.#word(l1) & OFFSET;
    if (table === 0n) {
      table = BigInt(this.#allocate());
      this.#put(l1, table | COPIED);
    }
    const at = Number(table) + cluster * 8;
    const entry = this.#word(at);
    let data = entry & OFFSET;
    if (data === 0n) data = BigInt(this.#allocate());
    this.#put(at, data | COPIED);
    writeSync(this.#file, bytes, 0, CLUSTER, Number(data));
  }

  /** In the order in which they were made. */
  get bitmaps(): readonly StoredBitmap[] {
    const found = this.#extensions().find(({ type }) => type === BITMAPS)?.data;
    if (found === undefined) return [];
    const directory = this.#read(Number(found.readBigUInt64BE(16)), Number(found.readBigUInt64BE(8)));
    const bitmaps: StoredBitmap[] = [];
    for (let at = 0; at < directory.length; ) {
      const flags = directory.readUInt32BE(at + 12);
      const [nameSize, extra] = [directory.readUInt16BE(at + 18), directory.readUInt32BE(at + 20)];
      const name = directory.toString("utf8", at + 24 + extra, at + 24 + extra + nameSize);
      const entry = this.#word(Number(directory.readBigUInt64BE(at)));
      const all = [...Array(this.clusters).keys()];
      let dirty: readonly number[] = [];
      if ((entry & OFFSET) !== 0n) {
        const bits = this.#read(Number(entry & OFFSET), CLUSTER);
        dirty = all.filter((bit) => (((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1);
      } else if ((entry & 1n) !== 0n) dirty = all;
      bitmaps.push({ name, inUse: (flags & 1) !== 0, dirty });
      at += (24 + extra + nameSize + 7) & ~7;
    }
    return bitmaps;
  }

  /** In the place of those that are there. */
  storeBitmaps(bitmaps: readonly StoredBitmap[]): void {
    this.#freeBitmaps();
    const others = this.#extensions().filter(({ type }) => type !== BITMAPS);
    if (bitmaps.length === 0) {
      this.#putExtensions(others);
      return;
    }
    const entries = bitmaps.map(({ name, inUse, dirty }) => {
      const bits = Buffer.alloc(CLUSTER);
      for (const bit of dirty) bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
      const [table, data] = [this.#allocate(), this.#allocate()];
      writeSync(this.#file, bits, 0, CLUSTER, data);
      this.#put(table, BigInt(data));
      const bytes = Buffer.alloc((24 + Buffer.byteLength(name) + 7) & ~7);
      bytes.writeBigUInt64BE(BigInt(table), 0);
      bytes.writeUInt32BE(1, 8);
      bytes.writeUInt32BE(2 | (inUse ? 1 : 0), 12);
      bytes.writeUInt8(1, 16);
      bytes.writeUInt8(16, 17);
      bytes.writeUInt16BE(Buffer.byteLength(name), 18);
      bytes.write(name, 24);
      return bytes;
    });
    const directory = Buffer.concat(entries);
    const at = this.#allocate();
    writeSync(this.#file, directory, 0, directory.length, at);
    const data = Buffer.alloc(24);
    data.writeUInt32BE(bitmaps.length, 0);
    data.writeBigUInt64BE(BigInt(directory.length), 8);
    data.writeBigUInt64BE(BigInt(at), 16);
    this.#putExtensions([...others, { type: BITMAPS, data }]);
  }

  #freeBitmaps(): void {
    const found = this.#extensions().find(({ type }) => type === BITMAPS)?.data;
    if (found === undefined) return;
    const [size, start] = [Number(found.readBigUInt64BE(8)), Number(found.readBigUInt64BE(16))];
    const directory = this.#read(start, size);
    for (let at = 0; at < size; ) {
      const table = Number(directory.readBigUInt64BE(at));
      const data = this.#word(table) & OFFSET;
      if (data !== 0n) this.#count(Number(data), 0);
      this.#count(table, 0);
      at += (24 + directory.readUInt32BE(at + 20) + directory.readUInt16BE(at + 18) + 7) & ~7;
    }
    this.#count(start, 0);
  }

  #extensions(): { type: number; data: Buffer }[] {
    const header = this.#read(0, CLUSTER);
    const found: { type: number; data: Buffer }[] = [];
    for (let at = header.readUInt32BE(100); header.readUInt32BE(at) !== 0; ) {
      const length = header.readUInt32BE(at + 4);
      found.push({
        type: header.readUInt32BE(at),
        data: Buffer.from(header.subarray(at + 8, at + 8 + length)),
      });
      at += 8 + ((length + 7) & ~7);
    }
    return found;
  }

  #putExtensions(extensions: readonly { type: number; data: Buffer }[]): void {
    const header = this.#read(0, CLUSTER);
    const start = header.readUInt32BE(100);
    const name = this.backing === null ? Buffer.alloc(0) : Buffer.from(this.backing);
    header.fill(0, start);
    let at = start;
    for (const { type, data } of extensions) {
      header.writeUInt32BE(type, at);
      header.writeUInt32BE(data.length, at + 4);
      data.copy(header, at + 8);
      at += 8 + ((data.length + 7) & ~7);
    }
    at += 8;
    if (this.backing !== null) {
      name.copy(header, at);
      header.writeBigUInt64BE(BigInt(at), 8);
    }
    // Which says that the bitmaps are as true as the data (autoclear bit 0).
    header.writeBigUInt64BE(extensions.some(({ type }) => type === BITMAPS) ? 1n : 0n, 88);
    writeSync(this.#file, header, 0, CLUSTER, 0);
  }

  #l1(): number {
    return Number(this.#word(40));
  }

  /** A new cluster at the end of the file. */
  #allocate(): number {
    const at = Math.ceil(fstatSync(this.#file).size / CLUSTER) * CLUSTER;
    ftruncateSync(this.#file, at + CLUSTER);
    this.#count(at, 1);
    return at;
  }

  /** References to a cluster. The one block of them there is counts thousands. */
  #count(offset: number, references: number): void {
    const block = Number(this.#word(Number(this.#word(48))));
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16BE(references);
    writeSync(this.#file, bytes, 0, 2, block + (offset / CLUSTER) * 2);
  }

  #word(at: number): bigint {
    return this.#read(at, 8).readBigUInt64BE();
  }

  #put(at: number, value: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    writeSync(this.#file, bytes, 0, 8, at);
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.#file, bytes, 0, length, at);
    return bytes;
  }
}
