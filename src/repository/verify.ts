import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import type { DiagnosticCode } from "../diagnostics/codes.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { ManifestDisk } from "../inventory/manifest.js";
import type { Level } from "../policy/policy.js";
import { HashThread, LEAST_BYTES } from "./hash-thread.js";
import { alone, faultOfFacts, faultOfFile, faultOfHeader, type Predecessor, qemuImg } from "./header.js";
import { imageOf, type Repository, type StoredDomain, type StoredPoint } from "./repository.js";

/** The result of verifying a repository: `schemas/verification.schema.json`. */
export interface Verification {
  readonly formatVersion: "1.0";
  /** Whether images were read to the end and checksums were compared. */
  readonly checksums: boolean;
  readonly domains: readonly VerifiedDomain[];
  readonly summary: {
    readonly points: number;
    readonly restorable: number;
    readonly images: number;
    /** Bytes of all images. */
    readonly bytes: number;
    readonly problems: number;
  };
}

export interface VerifiedDomain {
  readonly name: string;
  readonly uuid: string;
  readonly folder: string;
  readonly points: readonly VerifiedPoint[];
}

export interface VerifiedPoint {
  readonly point: string;
  readonly slot: string;
  readonly level: Level;
  /** Whether every disk can be restored: its image, and all images that it builds on, are undamaged. */
  readonly restorable: boolean;
  readonly disks: readonly VerifiedDisk[];
  /** What is wrong with it beside its images. */
  readonly problems: readonly Diagnostic[];
}

export interface VerifiedDisk {
  readonly target: string;
  readonly image: string;
  readonly bytes: number;
  /** Images that a restore reads, this one included. */
  readonly chain: number;
  readonly restorable: boolean;
  /** What is wrong with this image itself. */
  readonly problems: readonly Diagnostic[];
}

export interface VerifyOptions {
  /** Do not compute checksums; check only manifests, structure, sizes and chains. */
  readonly quick?: boolean;
  /** Called now and then with the number of bytes that have been read. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/** Images that are read at the same time, at most; two where there is one processor, so that it is busy while the disk is. */
const AT_ONCE = Math.min(4, Math.max(2, availableParallelism()));

interface Item {
  readonly domain: StoredDomain;
  readonly point: StoredPoint;
  readonly disk: ManifestDisk;
}

/** What is wrong with an image, or with what else a restore point has. */
type Problems = Map<ManifestDisk | StoredPoint, readonly Diagnostic[]>;

/** Compares every image of the restore points with its manifest and with the images that it builds on. */
export async function verify(
  { domains }: Pick<Repository, "domains">,
  options: VerifyOptions = {},
): Promise<Verification> {
  const items: Item[] = domains.flatMap((domain) =>
    domain.points.flatMap((point) => point.manifest.disks.map((disk) => ({ domain, point, disk }))),
  );
  const total = items.reduce((sum, { disk }) => sum + disk.size, 0);
  let read = 0;
  const onBytes = (bytes: number) => {
    read += bytes;
    options.onProgress?.(Math.min(read, total), total);
  };
  const problems: Problems = new Map();
  for (const domain of domains)
    for (const point of domain.points) problems.set(point, await verifyMachine(domain, point));
  const queue = items.values();
  const work = async () => {
    const thread = new HashThread();
    try {
      for (const item of queue) {
        const sum = (image: string) => checksum(item, image, thread, onBytes);
        problems.set(item.disk, await verifyImage(item, options.quick === true ? undefined : sum));
      }
    } finally {
      await thread.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));

  const verified = domains.map((domain) => verifiedDomain(domain, problems));
  const points = verified.flatMap((domain) => domain.points);
  return {
    formatVersion: "1.0",
    checksums: options.quick !== true,
    domains: verified,
    summary: {
      points: points.length,
      restorable: points.filter((point) => point.restorable).length,
      images: items.length,
      bytes: total,
      problems: [...problems.values()].reduce((sum, diagnostics) => sum + diagnostics.length, 0),
    },
  };
}

function verifiedDomain({ name, uuid, folder, points }: StoredDomain, problems: Problems): VerifiedDomain {
  // The oldest come first, so what a disk builds on is known before it.
  const known = new Map<string, VerifiedDisk>();
  return {
    name,
    uuid,
    folder,
    points: points.map((point): VerifiedPoint => {
      const disks = point.manifest.disks.map((disk): VerifiedDisk => {
        const ofDisk = problems.get(disk) ?? [];
        const base = disk.base === null ? undefined : known.get(`${disk.base} ${disk.target}`);
        const verified = {
          target: disk.target,
          image: imageOf(point, disk),
          bytes: disk.size,
          chain: (base?.chain ?? 0) + 1,
          restorable: ofDisk.length === 0 && (disk.base === null || base?.restorable === true),
          problems: ofDisk,
        };
        known.set(`${point.manifest.point} ${disk.target}`, verified);
        return verified;
      });
      const { point: named, slot, level } = point.manifest;
      return {
        point: named,
        slot,
        level,
        restorable: disks.every((disk) => disk.restorable),
        disks,
        problems: problems.get(point) ?? [],
      };
    }),
  };
}

/** The domain's XML as it was saved, and what of the machine is not on its disks; the disks can be restored without them. */
async function verifyMachine(domain: StoredDomain, { folder, manifest }: StoredPoint): Promise<Diagnostic[]> {
  const files = [
    { ...manifest.domainXml, hint: "without it only the disks can be restored" },
    ...(manifest.machine ?? []).map((each) => ({ ...each, hint: "without it the machine is not whole" })),
  ];
  const problems = files.map(async ({ file, sha256, hint }): Promise<Diagnostic[]> => {
    const path = join(folder, file);
    const facts = await lstat(path).catch(() => undefined);
    const saved = facts?.isFile() === true ? await readFile(path).catch(() => undefined) : undefined;
    const sum = saved && createHash("sha256").update(saved).digest("hex");
    if (sum === sha256) return [];
    return [
      {
        code: "TM506",
        severity: "error",
        message: `${domain.name}, ${manifest.point}: ${path} ${sum === undefined ? "cannot be read" : "has another checksum than the manifest says"}`,
        hint: `bring this file back from a copy of the repository; ${hint}`,
      },
    ];
  });
  return (await Promise.all(problems)).flat();
}

async function verifyImage(
  item: Item,
  sumOf: ((image: string) => Promise<string | undefined>) | undefined,
): Promise<Diagnostic[]> {
  const { domain, point, disk } = item;
  const diagnostics: Diagnostic[] = [];
  const say = (code: DiagnosticCode, message: string, hint: string) =>
    diagnostics.push({
      code,
      severity: "error",
      message: `${domain.name}, ${point.manifest.point}, disk "${disk.target}": ${message}`,
      hint,
    });
  const damaged = (message: string) =>
    say(
      "TM506",
      message,
      "bring this image back from a copy of the repository; restore points that build on it need it",
    );
  const base = domain.points.find((each) => each.manifest.point === disk.base);
  const baseDisk = base?.manifest.disks.find((each) => each.target === disk.target);
  if (disk.base !== null && baseDisk === undefined) {
    say(
      "TM507",
      `it builds on ${disk.base}, which ${base === undefined ? "is missing" : "does not have this disk"}`,
      "bring that folder back from a copy of the repository",
    );
  }

  const image = imageOf(point, disk);
  if (point.manifest.stream === undefined) {
    const fault = await faultOfFile(image, domain.folder);
    if (fault !== undefined) {
      damaged(fault);
      return diagnostics;
    }
    const facts = await stat(image);
    if (facts.isFile() && facts.size !== disk.size) {
      damaged(`its image has ${facts.size} bytes, but the manifest says ${disk.size}`);
      return diagnostics;
    }
    const predecessor = base && baseDisk && { image: imageOf(base, baseDisk), format: baseDisk.format };
    await verifyStructure(disk, image, facts.isBlockDevice(), predecessor, damaged, say);
  }
  if (sumOf !== undefined) {
    const sum = await sumOf(image);
    if (sum === undefined) damaged("its image could not be read to the end");
    else if (sum !== disk.sha256) damaged("the checksum of its image differs from the manifest");
  }
  return diagnostics;
}

/** The header, then `qemu-img check` and `info` of the image alone, so that a broken chain is not called damage. */
async function verifyStructure(
  disk: ManifestDisk,
  image: string,
  isBlockDevice: boolean,
  predecessor: Predecessor | undefined,
  damaged: (message: string) => void,
  say: (code: DiagnosticCode, message: string, hint: string) => void,
): Promise<void> {
  const itself = alone(image, disk.format, isBlockDevice);
  if (disk.format === "qcow2") {
    const fault = await faultOfHeader(image).catch(
      (error: Error) => `its image cannot be read: ${error.message}`,
    );
    if (fault !== undefined) {
      damaged(fault);
      return;
    }
    const check = await qemuImg("check", "-q", "-U", itself);
    // 3 means leaked clusters: only space is lost (qemu-img(1)).
    if (check.status !== 0 && check.status !== 3) {
      damaged(`qemu-img check finds its image damaged: ${firstLine(check.output)}`);
      return;
    }
  }
  const info = await qemuImg("info", "-U", "--output=json", itself);
  if (info.status !== 0) {
    damaged(`qemu-img cannot read its image: ${firstLine(info.output)}`);
    return;
  }
  const { size, chain } = faultOfFacts(info.output, disk, image, predecessor);
  if (size !== undefined) damaged(size);
  if (chain !== undefined) {
    say("TM507", chain, "the image was changed after its run; bring it back from a copy of the repository");
  }
}

/** The sha256 of an image, or of the output of its stream's command; undefined if this fails. */
async function checksum(
  { domain, point, disk }: Item,
  image: string,
  thread: HashThread,
  onBytes: (bytes: number) => void,
): Promise<string | undefined> {
  const hash = createHash("sha256");
  const digest = async (stream: Readable) => {
    for await (const chunk of stream) {
      hash.update(chunk as Buffer);
      onBytes((chunk as Buffer).length);
    }
  };
  const { stream } = point.manifest;
  try {
    if (stream === undefined && disk.size >= LEAST_BYTES) {
      return await thread.sum(image, onBytes);
    }
    if (stream === undefined) {
      await digest(createReadStream(image, { highWaterMark: 1 << 20 }));
    } else {
      const name = point.manifest.point;
      // The variables of lib/stream.bash.
      const child = spawn("bash", ["-c", stream.receive], {
        stdio: ["ignore", "pipe", "ignore"],
        env: {
          ...process.env,
          TIDEMARK_DOMAIN: point.manifest.domain,
          TIDEMARK_POINT: name,
          TIDEMARK_DISK: disk.target,
          TIDEMARK_FORMAT: disk.format,
          TIDEMARK_NAME: `${basename(domain.folder)}/${name}/${disk.target}.${disk.format}`,
        },
      });
      const ended = new Promise<number | null>((done) =>
        child.on("close", done).on("error", () => done(null)),
      );
      await digest(child.stdout);
      if ((await ended) !== 0) return undefined;
    }
    return hash.digest("hex");
  } catch {
    return undefined;
  }
}

/** Whether `qemu-img` can be run; without it nothing can be verified. */
export async function hasQemuImg(): Promise<boolean> {
  return (await qemuImg("--version")).status === 0;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
