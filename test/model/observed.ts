import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { Manifest } from "../../src/inventory/manifest.js";
import type { Host } from "./host.js";
import { versionOf } from "./played/drive.js";
import type { Machine } from "./played/machine.js";
import { Qcow2 } from "./played/qcow2.js";

/** What both sides of the model must agree on after each night. */
export interface Observed {
  /** A disk of a restore point in a line. */
  readonly catalog: readonly string[];
  readonly checkpoints: readonly string[];
  /** Restore point that the journal was begun for. */
  readonly journal: string | null;
  readonly pending: readonly string[];
  readonly folding: string | null;
  readonly pruned: readonly string[];
  readonly frozen: boolean;
  /** What the guest reads of each disk: by it a struck night shows whether the guest had written while its job ran. */
  readonly disks: readonly string[];
  /** Images in the folders of restore points and of runs that are not undone. */
  readonly images: readonly string[];
}

export function observeTwin(host: Host, stored: string): Observed {
  const moved = new Set(host.moved.flatMap(({ disks }) => disks.map(({ image }) => image)));
  return {
    catalog: [...host.catalog.values()].flatMap(describe).sort(),
    checkpoints: [...host.checkpoints],
    journal: host.journal?.point ?? null,
    pending: [...new Set(host.pending.map(({ name }) => name))].sort(),
    folding: host.folding === undefined ? null : told(host.folding.into, host.folding.manifest !== undefined),
    pruned: host.moved.map(({ point }) => point).sort(),
    frozen: host.isFrozen,
    disks: [...host.disks].map(([target, { blocks }]) => `${target} ${blocks}`).sort(),
    images: [...host.images.keys()]
      .filter((path) => !moved.has(path))
      .map((path) => relative(stored, path))
      .sort(),
  };
}

/** @param stored the domain's folder in the repository */
export function observeScripts(machine: Machine, stored: string): Observed {
  const state = (name: string) => join(stored, ".tidemark", name);
  const lines = (name: string) =>
    existsSync(state(name))
      ? readFileSync(state(name), "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : [];
  const folders = pointFolders(stored);
  const [folding] = lines("folding");
  const begun = lines("journal").findLast((line) => line.startsWith("begin "));
  return {
    catalog: manifestsOf(stored).flatMap(describe).sort(),
    checkpoints: machine.checkpoints.map(({ name }) => name),
    journal: existsSync(state("journal")) ? (begun?.slice("begin ".length) ?? "") : null,
    pending: [...new Set(lines("pending").map((line) => line.split(" ")[0] ?? ""))].sort(),
    folding:
      folding === undefined ? null : told(folding, existsSync(join(stored, folding, "manifest.json.folded"))),
    pruned: existsSync(state("pruned")) ? readdirSync(state("pruned")).sort() : [],
    frozen: machine.running?.frozen ?? false,
    disks: [...machine.content()].map(([target, blocks]) => `${target} ${blocks}`).sort(),
    images: folders
      .flatMap((folder) => readdirSync(join(stored, folder)).map((name) => `${folder}/${name}`))
      .filter((path) => /\.(?:qcow2|raw)$/.test(path))
      .sort(),
  };
}

/** What a restore would give that is not what the disks held; `truths`: point → target → content. */
export function wrongContents(
  stored: string,
  truths: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>,
): string[] {
  return manifestsOf(stored).flatMap(({ point, disks }) =>
    disks.flatMap(({ target, image, format }) => {
      const was = truths.get(point)?.get(target) ?? [];
      try {
        const is = was.map((_, cluster) =>
          versionOf(readCluster(resolve(stored, point, image), format, cluster)),
        );
        return `${is}` === `${was}` ? [] : [`${point} ${target} reads ${is}, and was ${was}`];
      } catch (error) {
        return [`${point} ${target}: ${error instanceof Error ? error.message : error}`];
      }
    }),
  );
}

/** A cluster of an image, read through all that its headers say it builds on. */
export function readCluster(path: string, format: string, cluster: number): Buffer {
  if (format === "raw")
    return Buffer.from(readFileSync(path).subarray(cluster * 65536, (cluster + 1) * 65536));
  const image = new Qcow2(path, "r");
  try {
    const own = image.read(cluster);
    if (own !== undefined) return own;
    if (image.backing === null) return Buffer.alloc(65536);
    const below = isAbsolute(image.backing) ? image.backing : join(dirname(path), image.backing);
    return readCluster(below, "qcow2", cluster);
  } finally {
    image.close();
  }
}

function manifestsOf(stored: string): Manifest[] {
  return pointFolders(stored)
    .map((point) => join(stored, point, "manifest.json"))
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      try {
        return JSON.parse(readFileSync(path, "utf8")) as Manifest;
      } catch {
        // Damage, which some nights are about.
        return [];
      }
    });
}

function pointFolders(stored: string): string[] {
  return existsSync(stored) ? readdirSync(stored).filter((name) => !name.startsWith(".")) : [];
}

function describe({ point, level, checkpoint, disks }: Manifest): string[] {
  return disks.map(
    (disk) =>
      `${point} ${level}${checkpoint ? " checkpoint" : ""} ${disk.target}: ${disk.level} since ${disk.base} bitmap ${disk.bitmap}`,
  );
}

function told(into: string, isComplete: boolean): string {
  return isComplete ? `${into}, complete` : into;
}
