import type { DomainFacts } from "../../inventory/inventory.js";
import type { Manifest, ManifestDisk } from "../../inventory/manifest.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";
import { type Link, standingOn } from "./link.js";
import { isRecorded, whyAnother } from "./same-disk.js";

/** What an image lacks: a restore point that is gone, or with its fault an image. */
export interface Lack {
  readonly what: string;
  readonly fault?: string;
}

/** The images of a domain's restore points, and how they stand on one another. */
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
  const ownLack = lackFinder(facts);
  for (const manifest of manifests) {
    for (const disk of manifest.disks) {
      const chain = links.get(disk.target) ?? [];
      links.set(disk.target, chain);
      const below = chain.find((link) => link.point === disk.base) ?? null;
      const link = linkOf(facts, manifest, below);
      chain.push(link);
      if (disk.bitmap) covered.add(link);
      const another = whyAnother(manifest, disk, facts) ?? otherCheckpoint(manifest, facts.checkpoints);
      if (another !== undefined) others.set(link, another);
      const lacks = ownLack(manifest.point, disk) ?? (below === null ? undefined : lacking.get(below));
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

function linkOf({ moved }: DomainFacts, manifest: Manifest, below: Link | null): Link {
  return {
    point: manifest.point,
    time: Date.parse(manifest.slot),
    streamed: manifest.stream !== undefined,
    ...(moved?.leftBehind === false && { madeOn: moved.from }),
    ...standingOn(below),
  };
}

/** Says what an image lacks by itself: a fault of its own, or the restore point that it stands on. */
function lackFinder({
  catalog = [],
  broken = [],
}: DomainFacts): (point: string, disk: ManifestDisk) => Lack | undefined {
  // Also those of another policy, on which a chain may stand that was adopted once.
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
