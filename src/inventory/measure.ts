import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import type { Domain } from "../libvirt/domain.js";
import { type DiskSize, roughAllocation } from "./disk-size.js";

/**
 * Reads the sizes of a domain's disks from their files, without asking libvirt: while a job creates its scratch file, the question
 * (`domblkinfo`) ends the guest with libvirt 9.0 and QEMU 7.2 (seen).
 * @param volumes paths of the disks that are volumes of a storage pool, by target
 * @returns by target; a disk that this user cannot read, or that is no file or block device, is not among them
 */
export function measureDisks(
  { disks }: Domain,
  volumes: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, DiskSize> {
  return new Map(
    disks.flatMap(({ target, type, format, source }) => {
      const path = type === "file" || type === "block" ? source : volumes.get(target);
      const size = path === undefined ? undefined : sizeAt(path, format);
      return size === undefined ? [] : [[target, size] as const];
    }),
  );
}

function sizeAt(path: string, format: string): DiskSize | undefined {
  try {
    const found = statSync(path);
    const isFile = found.isFile();
    if (!isFile && !found.isBlockDevice()) return undefined;
    if (format === "qcow2") return sizeOfQcow2(path);
    if (format !== "raw") return undefined;
    return isFile ? { capacity: found.size, allocation: allocationOf(found) } : sizeOfDevice(found);
  } catch {
    // Not this user's to see, or gone; then nothing is known.
    return undefined;
  }
}

/** Blocks of 512 bytes, whatever the file system has. */
function allocationOf({ blocks }: Stats): number {
  return roughAllocation(blocks * 512);
}

/** The kernel counts a device in sectors of 512 bytes, whatever the device has. */
function sizeOfDevice({ rdev }: Stats): DiskSize {
  // makedev of glibc, as far as numbers are in use.
  const major = Math.floor(rdev / 256) & 0xfff;
  const minor = (rdev & 0xff) | (Math.floor(rdev / 0x100000) << 8);
  return { capacity: Number(readFileSync(`/sys/dev/block/${major}:${minor}/size`, "utf8")) * 512 };
}

/** By the header (docs/interop/qcow2.txt of QEMU): bytes 8 to 15 tell of a backing file, 24 to 31 the size, 72 to 79 a file for the data. */
function sizeOfQcow2(path: string): DiskSize | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const header = Buffer.alloc(80);
    const length = readSync(file, header, 0, header.length, 0);
    const version = length === header.length && header.readUInt32BE(0) === QCOW2 ? header.readUInt32BE(4) : 0;
    if (version !== 2 && version !== 3) return undefined;
    const capacity = Number(header.readBigUInt64BE(24));
    if (!Number.isSafeInteger(capacity)) return undefined;
    const isElsewhere =
      header.readBigUInt64BE(8) !== 0n || (version === 3 && (header.readUInt8(79) & EXTERNAL_DATA) !== 0);
    const found = fstatSync(file);
    return isElsewhere || !found.isFile() ? { capacity } : { capacity, allocation: allocationOf(found) };
  } finally {
    closeSync(file);
  }
}

const QCOW2 = 0x514649fb;
const EXTERNAL_DATA = 4;
