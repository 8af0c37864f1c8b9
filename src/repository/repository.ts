import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { compareText } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { NotReadable, readBounded } from "../inventory/bounded.js";
import type { Manifest, ManifestDisk } from "../inventory/manifest.js";
import { MAX_MANIFEST, readManifest } from "../inventory/read-manifest.js";

/** The content of a repository, which is enough if plan and policy are lost. */
export interface Repository {
  /** Sorted by folder. */
  readonly domains: readonly StoredDomain[];
  /** Damaged manifests; it is not known which restore points they describe. */
  readonly damaged: readonly DamagedManifest[];
}

export interface DamagedManifest {
  /** Of the domain. */
  readonly folder: string;
  /** The name of the restore point's folder. */
  readonly point: string;
  /** What is wrong, as the end of a sentence that begins with the file's name. */
  readonly fault: string;
}

export interface StoredDomain {
  /** The domain's folder. */
  readonly folder: string;
  /** Name and UUID from the newest manifest. */
  readonly name: string;
  readonly uuid: string;
  /** Oldest slot first. */
  readonly points: readonly StoredPoint[];
}

export interface StoredPoint {
  readonly folder: string;
  readonly manifest: Manifest;
}

const MANIFEST = "manifest.json";
const POINT_NAME = /^.+-\d{8}T\d{6}Z$/;

/**
 * Reads the manifests of a repository, or of one domain's folder. A folder without a manifest is not a restore point; one
 * that looks as if it had been about to become one is reported (TM508).
 * @param mayBeEmpty its first run may still be to come
 */
export function readRepository(
  root: string,
  mayBeEmpty = false,
): {
  repository: Repository;
  diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const damaged: DamagedManifest[] = [];
  const isDomain = (folder: string) => foldersOf(folder).some((name) => POINT_NAME.test(name));
  try {
    const folders = isDomain(root)
      ? [root]
      : foldersOf(root)
          .map((name) => join(root, name))
          .filter(isDomain);
    const domains = folders.flatMap((folder): StoredDomain | [] => {
      const { points, damaged: found } = readPoints(folder, diagnostics);
      damaged.push(...found);
      const newest = points[points.length - 1]?.manifest;
      if (newest !== undefined) diagnostics.push(...strangers(folder, newest, points));
      return newest === undefined ? [] : { folder, name: newest.domain, uuid: newest.uuid, points };
    });
    if (domains.length === 0 && diagnostics.length === 0 && !mayBeEmpty) {
      diagnostics.push(unreadable(root, "no folder in it contains restore points"));
    }
    return { repository: { domains, damaged }, diagnostics };
  } catch (error) {
    const reason = fileReason(error);
    if (reason === undefined) throw error;
    return { repository: { domains: [], damaged }, diagnostics: [...diagnostics, unreadable(root, reason)] };
  }
}

/** Absolute, or relative if the repository's path is relative. */
export function imageOf({ folder }: StoredPoint, disk: ManifestDisk): string {
  return isAbsolute(disk.image) ? disk.image : join(folder, disk.image);
}

function readPoints(
  folder: string,
  diagnostics: Diagnostic[],
): { points: StoredPoint[]; damaged: DamagedManifest[] } {
  const points: StoredPoint[] = [];
  const damaged: DamagedManifest[] = [];
  for (const name of foldersOf(folder)) {
    const path = join(folder, name, MANIFEST);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      if (POINT_NAME.test(name)) {
        diagnostics.push({
          code: "TM508",
          severity: "warning",
          message: `${join(folder, name)} has no manifest.json; its run is still working, or was interrupted`,
          hint: "the folder is not a restore point; the domain's next run removes it",
        });
      }
      continue;
    }
    const read = manifestAt(path, name);
    const point =
      "fault" in read ? { ...read, path } : asItLies({ folder: join(folder, name), ...read }, diagnostics);
    if ("fault" in point) {
      damaged.push({ folder, point: name, fault: point.fault });
      diagnostics.push(damage(point.path, point.fault));
    } else {
      points.push(point);
    }
  }
  if (existsSync(join(folder, ".tidemark/journal"))) {
    diagnostics.push({
      code: "TM508",
      severity: "warning",
      message: `${folder} has a journal; a run is still working, or was interrupted`,
      hint: "the domain's next run undoes an interrupted run",
    });
  }
  return { points: points.sort((a, b) => compareText(a.manifest.slot, b.manifest.slot)), damaged };
}

function manifestAt(path: string, point: string): { manifest: Manifest } | { fault: string } {
  try {
    return readManifest(readBounded(path, MAX_MANIFEST), point);
  } catch (error) {
    const why = error instanceof NotReadable ? error.message : fileReason(error);
    return { fault: `cannot be read: ${why}` };
  }
}

function damage(path: string, fault: string): Diagnostic {
  return {
    code: "TM207",
    severity: "error",
    message: `${path} ${fault}`,
    hint: "bring this file back from a copy of the repository, or move its folder out of the repository; until then nothing of this domain is deleted",
  };
}

/** Two domains cannot share a folder: the restore points of one would be taken for the other's. */
function strangers(folder: string, newest: Manifest, points: readonly StoredPoint[]): Diagnostic[] {
  const others = points.filter(({ manifest }) => manifest.uuid !== newest.uuid);
  const first = others[0]?.manifest;
  if (first === undefined) return [];
  return [
    {
      code: "TM212",
      severity: "error",
      message: `${folder} holds restore points of two domains: ${newest.point} is of "${newest.domain}" (${newest.uuid}), and ${first.point} of "${first.domain}" (${first.uuid})`,
      hint: "move those of one of them into a folder of their own",
    },
  ];
}

/** A fold that was cut short between the renaming of its images and that of its manifest: each image has the manifest it fits. */
function asItLies(
  point: StoredPoint,
  diagnostics: Diagnostic[],
): StoredPoint | { fault: string; path: string } {
  const path = join(point.folder, `${MANIFEST}.folded`);
  if (!existsSync(path)) return point;
  const read = manifestAt(path, basename(point.folder));
  if ("fault" in read) return { ...read, path };
  diagnostics.push({
    code: "TM508",
    severity: "warning",
    message: `${point.folder}: a fold into this restore point is still working, or was interrupted`,
    hint: "the restore point can be restored as it is; the domain's next run completes the fold",
  });
  const disks = point.manifest.disks.map((disk) =>
    existsSync(`${imageOf(point, disk)}.folded`)
      ? disk
      : (read.manifest.disks.find(({ target }) => target === disk.target) ?? disk),
  );
  return { ...point, manifest: { ...point.manifest, disks } };
}

/** Also those that are links, as to another disk that has more room: runs and restores follow them as well. */
function foldersOf(folder: string): string[] {
  return readdirSync(folder)
    .filter(
      (name) =>
        !name.startsWith(".") &&
        statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true,
    )
    .sort(compareText);
}

function unreadable(root: string, reason: string): Diagnostic {
  return {
    code: "TM505",
    severity: "error",
    message: `cannot read the repository ${root}: ${reason}`,
    hint: "name the policy's repository, or the folder of one domain in it",
  };
}
