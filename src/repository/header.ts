import { execFile } from "node:child_process";
import { open, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { ManifestDisk } from "../inventory/manifest.js";

/*
 * What an image's file and header say, read so that nothing they name is opened: whoever can write to the repository can change
 * both. The same checks, in the same order, as lib/chain.bash.
 */

/** Bytes that are read of a qcow2 header (docs/interop/qcow2.txt of QEMU): up to and with its feature bits. */
const HEADER = 104;

/** The image that the manifest names as the backing file. */
export interface Predecessor {
  readonly image: string;
  readonly format: ManifestDisk["format"];
}

/** What `qemu-img info` said of an image alone, as far as it is compared. */
interface ImageFacts {
  readonly "virtual-size"?: unknown;
  readonly "backing-filename"?: unknown;
  readonly "backing-filename-format"?: unknown;
  readonly encrypted?: unknown;
  readonly snapshots?: unknown;
}

/** Why a file is none that a run puts there, or undefined. Below the domain's folder no link is followed. */
export async function faultOfFile(image: string, folder: string): Promise<string | undefined> {
  const facts = await stat(image).catch(() => undefined);
  if (facts === undefined) return `its image ${image} is missing`;
  if (!facts.isFile() && !facts.isBlockDevice()) {
    return `its image ${image} is neither a file nor a block device`;
  }
  const inside = relative(resolve(folder), resolve(image));
  if (inside === ".." || inside.startsWith(`..${sep}`)) return undefined;
  return (await realpath(image)) === join(await realpath(folder), inside)
    ? undefined
    : `the path of its image ${image} has a link in it: replace the link by the file or folder itself`;
}

/** What in a qcow2 header no run makes, or undefined. `qemu-img info` would open an external data file to tell of it. */
export async function faultOfHeader(image: string): Promise<string | undefined> {
  const file = await open(image);
  const header = Buffer.alloc(HEADER);
  const { bytesRead } = await file.read(header, 0, HEADER, 0).finally(() => file.close());
  const version = header.readUInt32BE(4);
  if (
    header.readUInt32BE(0) !== 0x514649fb ||
    (version !== 2 && version !== 3) ||
    bytesRead < (version === 2 ? 72 : HEADER)
  ) {
    return "its image is no qcow2 image";
  }
  if (header.readUInt32BE(32) !== 0) return "its image is encrypted, which no run makes";
  if (header.readUInt32BE(60) !== 0) return "its image holds internal snapshots, which no run makes";
  const features = version === 2 ? 0 : header.readUInt32BE(76);
  if ((features & 4) !== 0) return "its image keeps its data in another file, which no run makes";
  if ((features & 2) !== 0) return "its image is marked as damaged";
  return undefined;
}

/** An image alone, as qemu-img takes it: what its header names is not opened. */
export function alone(image: string, format: ManifestDisk["format"], isBlockDevice: boolean): string {
  const file = { driver: isBlockDevice ? "host_device" : "file", filename: resolve(image) };
  return `json:${JSON.stringify({ driver: format, file, ...(format === "qcow2" && { backing: null }) })}`;
}

/**
 * Where the header contradicts the manifest: `size` of the disk, or `chain`, its backing file.
 * @param said what `qemu-img info --output=json` printed of the image alone
 */
export function faultOfFacts(
  output: string,
  disk: ManifestDisk,
  image: string,
  predecessor: Predecessor | undefined,
): { size?: string; chain?: string } {
  const facts = JSON.parse(output) as ImageFacts;
  const faults: { size?: string; chain?: string } = {};
  if (facts["virtual-size"] !== disk.virtualSize) {
    faults.size = `the disk in its image has ${facts["virtual-size"]} bytes, but the manifest says ${disk.virtualSize}`;
  }
  const backing = facts["backing-filename"];
  if (
    disk.base === null ? backing !== undefined : predecessor && backing !== nameOf(predecessor, disk, image)
  ) {
    faults.chain = `the backing file of its image is ${backing ?? "none"}, but the manifest says ${disk.base ?? "none"}`;
  } else if (predecessor && facts["backing-filename-format"] !== predecessor.format) {
    const format = facts["backing-filename-format"] ?? "that QEMU guesses";
    faults.chain = `its image says that its backing file has the format ${format}, but the manifest says ${predecessor.format}`;
  }
  return faults;
}

/** What an image's header calls its predecessor: `seen_from` in lib/images.bash. */
function nameOf({ image: base }: Predecessor, disk: ManifestDisk, image: string): string {
  if (disk.image.startsWith("/")) return base;
  const path = relative(dirname(resolve(image)), resolve(base));
  return path.includes("/") || !path.includes(":") ? path : `./${path}`;
}

export function qemuImg(...args: readonly string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((done) => {
    execFile(
      "qemu-img",
      args,
      { maxBuffer: 16 << 20, env: { ...process.env, LC_ALL: "C" } },
      (error, stdout, stderr) =>
        done({
          status: error === null ? 0 : typeof error.code === "number" ? error.code : null,
          output: stdout + stderr,
        }),
    );
  });
}
