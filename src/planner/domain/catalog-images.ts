import type { DomainFacts } from "../../inventory/inventory.js";
import type { Manifest, ManifestDisk } from "../../inventory/manifest.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";
import { buildingOn, type Link } from "./link.js";
import { isRecorded, whyAnother } from "./same-disk.js";

/** What an image lacks: a restore point that is gone, or with its fault an image. */
export interface Lack {
  readonly what: string;
  readonly fault?: string;
}

/** The images of a domain's restore points, and which image builds on which. */
export interface CatalogImages {
  /** Per disk, oldest first. */
  readonly links: ReadonlyMap<string, readonly Link[]>;
  /** Images whose disk the run's checkpoint covers. */
  readonly covered: ReadonlySet<Link>;
  /** Images that cannot be restored, and why. */
  readonly lacking: ReadonlyMap<Link, Lack>;
  /** Images of disks that are not there now, or whose checkpoint is not the one that the run made, and why. */
  readonly others: ReadonlyMap<Link, string>;
}

/** @param manifests of restore points made under the domain's name, oldest first */
export function imagesOf(facts: DomainFacts, manifests: readonly Manifest[]): CatalogImages {
  const links = new Map<string, Link[]>();
  const covered = new Set<Link>();
  const lacking = new Map<Link, Lack>();
  const others = new Map<Link, string>();
  const lackOf = lackFinder(facts);
  for (const manifest of manifests) {
    for (const disk of manifest.disks) {
      const chain = links.get(disk.target) ?? [];
      links.set(disk.target, chain);
      const base = chain.find((link) => link.point === disk.base) ?? null;
      const link = linkOf(facts, manifest, base);
      chain.push(link);
      if (disk.bitmap) covered.add(link);
      const another = whyAnother(manifest, disk, facts) ?? otherCheckpoint(manifest, facts.checkpoints);
      if (another !== undefined) others.set(link, another);
      const lacks = lackOf(manifest.point, disk) ?? (base === null ? undefined : lacking.get(base));
      if (lacks !== undefined) lacking.set(link, lacks);
    }
  }
  return { links, covered, lacking, others };
}

function otherCheckpoint(manifest: Manifest, checkpoints: readonly Checkpoint[]): string | undefined {
  const checkpoint = checkpoints.find(({ name }) => name === manifest.point);
  return checkpoint === undefined || isRecorded(manifest, checkpoint)
    ? undefined
    : `the checkpoint ${manifest.point} on the host is another than the one that its run made`;
}

function linkOf({ moved }: DomainFacts, manifest: Manifest, base: Link | null): Link {
  return {
    point: manifest.point,
    time: Date.parse(manifest.slot),
    streamed: manifest.stream !== undefined,
    ...(moved?.leftBehind === false && { madeOn: moved.from }),
    ...buildingOn(base),
  };
}

/** Says what an image itself lacks: its own file is faulty, or the restore point that it builds on is missing. */
function lackFinder({
  catalog = [],
  broken = [],
}: DomainFacts): (point: string, disk: ManifestDisk) => Lack | undefined {
  // Restore points of another policy count as well, because a chain that was adopted may build on them.
  const images = new Set(
    catalog.flatMap(({ point, disks }) => disks.map(({ target }) => `${point} ${target}`)),
  );
  const faults = new Map(broken.map((each) => [`${each.point} ${each.target}`, each.fault]));
  return (point, { target, base }) => {
    const fault = faults.get(`${point} ${target}`);
    if (fault !== undefined) return { what: `the image of "${target}" in ${point}`, fault };
    return base !== null && !images.has(`${base} ${target}`) ? { what: base } : undefined;
  };
}
