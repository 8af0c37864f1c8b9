import { existsSync, readdirSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { compareText } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { MAX_FILE, NotReadable, readBounded } from "../inventory/bounded.js";
import { readJson } from "../inventory/json.js";
import type { Manifest, ManifestDisk } from "../inventory/manifest.js";

/** A repository as it lies on a disk: what is there when plan and policy are lost. */
export interface Repository {
  /** Sorted by folder. */
  readonly domains: readonly StoredDomain[];
}

export interface StoredDomain {
  /** The domain's folder. */
  readonly folder: string;
  /** Name and UUID as the newest manifest has them. */
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
  const isDomain = (folder: string) => foldersOf(folder).some((name) => POINT_NAME.test(name));
  try {
    const folders = isDomain(root)
      ? [root]
      : foldersOf(root)
          .map((name) => join(root, name))
          .filter(isDomain);
    const domains = folders.flatMap((folder): StoredDomain | [] => {
      const points = readPoints(folder, diagnostics);
      const newest = points[points.length - 1]?.manifest;
      return newest === undefined ? [] : { folder, name: newest.domain, uuid: newest.uuid, points };
    });
    if (domains.length === 0 && diagnostics.length === 0 && !mayBeEmpty) {
      diagnostics.push(unreadable(root, "no folder in it contains restore points"));
    }
    return { repository: { domains }, diagnostics };
  } catch (error) {
    const reason = fileReason(error);
    if (reason === undefined) throw error;
    return { repository: { domains: [] }, diagnostics: [...diagnostics, unreadable(root, reason)] };
  }
}

/** Absolute or relative as the repository was named. */
export function imageOf({ folder }: StoredPoint, disk: ManifestDisk): string {
  return isAbsolute(disk.image) ? disk.image : join(folder, disk.image);
}

function readPoints(folder: string, diagnostics: Diagnostic[]): StoredPoint[] {
  const points: StoredPoint[] = [];
  for (const name of foldersOf(folder)) {
    const path = join(folder, name, MANIFEST);
    if (!existsSync(path)) {
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
    const read = readManifest(path);
    if ("diagnostic" in read) diagnostics.push(read.diagnostic);
    else points.push(asItLies({ folder: join(folder, name), manifest: read.value }, diagnostics));
  }
  if (existsSync(join(folder, ".tidemark/journal"))) {
    diagnostics.push({
      code: "TM508",
      severity: "warning",
      message: `${folder} has a journal; a run is still working, or was interrupted`,
      hint: "the domain's next run undoes an interrupted run",
    });
  }
  return points.sort((a, b) => compareText(a.manifest.slot, b.manifest.slot));
}

function readManifest(path: string): { value: Manifest } | { diagnostic: Diagnostic } {
  const hint = "a run writes its manifest as a whole; restore this file from a copy of the repository";
  try {
    return readJson<Manifest>(readBounded(path, MAX_FILE), path, "manifest", "TM207", hint);
  } catch (error) {
    const why = error instanceof NotReadable ? error.message : fileReason(error);
    return {
      diagnostic: { code: "TM207", severity: "error", message: `cannot read ${path}: ${why}`, hint },
    };
  }
}

/** A fold that was cut short between the renaming of its images and that of its manifest: each image has the manifest it fits. */
function asItLies(point: StoredPoint, diagnostics: Diagnostic[]): StoredPoint {
  const path = join(point.folder, `${MANIFEST}.folded`);
  if (!existsSync(path)) return point;
  const read = readManifest(path);
  if ("diagnostic" in read) {
    diagnostics.push(read.diagnostic);
    return point;
  }
  diagnostics.push({
    code: "TM508",
    severity: "warning",
    message: `${point.folder}: a fold into this restore point is still working, or was interrupted`,
    hint: "the restore point can be restored as it is; the domain's next run completes the fold",
  });
  const disks = point.manifest.disks.map((disk) =>
    existsSync(`${imageOf(point, disk)}.folded`)
      ? disk
      : (read.value.disks.find(({ target }) => target === disk.target) ?? disk),
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
