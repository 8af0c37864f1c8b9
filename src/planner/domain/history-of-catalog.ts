import { posix } from "node:path";
import { plural } from "../../diagnostics/amounts.js";
import type { Diagnostic, Missing } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { DomainFacts } from "../../inventory/inventory.js";
import type { Manifest } from "../../inventory/manifest.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";
import { located, type Policy } from "../../policy/policy.js";
import { type CatalogImages, imagesOf, type Lack } from "./catalog-images.js";
import { covers, type Link } from "./link.js";
import type { History } from "./past.js";
import { needsOf, type Point } from "./point.js";

/**
 * The past as the manifests tell it.
 * @param ofAllNames this policy's manifests of the domain, oldest first, whatever it was called when they were made
 */
export function fromCatalog(
  policy: Policy,
  facts: DomainFacts,
  ofAllNames: readonly Manifest[],
  ownCheckpoints: readonly string[],
  entry: string,
): { history: History; diagnostics: readonly Diagnostic[] } {
  const { name } = facts.domain;
  const manifests = ofAllNames.filter(({ domain }) => domain === name);
  const last = ofAllNames[ofAllNames.length - 1];
  const isRenamed = last !== undefined && last.domain !== name;
  const images = imagesOf(facts, manifests);
  const checkpoints = new Map(facts.checkpoints.map((checkpoint) => [checkpoint.name, checkpoint]));
  const current = [...images.links].map(([target, chain]) =>
    currentChain(target, chain, images, checkpoints, facts),
  );
  return {
    history: {
      points: pointsOf(manifests, images),
      chains: new Map(current.map(({ target, chain }) => [target, chain])),
      deepest: Math.max(0, ...[...images.links.values()].flat().map((link) => link.depth)),
      base: new Map(current.map(({ target, base }) => [target, base])),
      full: new Map(current.map(({ target, full }) => [target, full])),
      ownCheckpoints,
      ...(last && { newest: Date.parse(last.slot) }),
      ...(isRenamed && { formerName: last.domain }),
    },
    diagnostics: [
      ...(isRenamed ? [renamed(policy, name, ofAllNames, entry)] : []),
      ...current.flatMap((each) => [
        ...unrestorable(policy, name, each, images, entry),
        ...otherDisk(policy, name, each, entry),
        ...lostCheckpoint(policy, facts, each, images, entry),
      ]),
    ],
  };
}

function pointsOf(manifests: readonly Manifest[], { lacking }: CatalogImages): Point[] {
  const lacked = new Map([...lacking].map(([{ point }, { what }]) => [point, what]));
  return manifests.map(({ point, slot, level, disks, onDemand, pin }) => {
    const lacks = lacked.get(point);
    return {
      point,
      time: Date.parse(slot),
      level,
      needs: needsOf(disks),
      disks,
      ...(lacks !== undefined && { lacks }),
      ...(onDemand !== undefined && { onDemand }),
      ...(pin && { pin }),
    };
  });
}

/** The chain of a disk that its newest image is in, and what coming runs can build on. */
interface CurrentChain {
  readonly target: string;
  readonly newest: Link;
  /** Why the disk, or its checkpoint, is not the one that the newest image was made of. */
  readonly another?: string;
  readonly chain: readonly Link[];
  readonly base: Link | Missing;
  readonly full: Link | Missing;
}

/** @param all images of the disk, oldest first; there is one at least */
function currentChain(
  target: string,
  all: readonly Link[],
  { covered, lacking, others }: CatalogImages,
  checkpoints: ReadonlyMap<string, Checkpoint>,
  { moved }: DomainFacts,
): CurrentChain {
  const newest = all[all.length - 1] as Link;
  const usable = (link: Link) =>
    covered.has(link) &&
    !lacking.has(link) &&
    !others.has(link) &&
    covers(checkpoints.get(link.point), target);
  const root = newest.root ?? newest;
  const chain = all.filter((link) => (link.root ?? link) === root);
  const lacks = lacking.get(newest);
  const another = covered.has(newest) ? others.get(newest) : undefined;
  const missing = whyNoBase(newest, another, lacks, moved);
  const noFull =
    lacks === undefined && another === undefined
      ? `the checkpoint of the last full, ${root.point}, is gone`
      : missing;
  return {
    target,
    newest,
    ...(another !== undefined && { another }),
    chain,
    base: chain.findLast(usable) ?? { missing },
    full: usable(root) ? root : { missing: noFull },
  };
}

function whyNoBase(
  newest: Link,
  another: string | undefined,
  lacks: Lack | undefined,
  moved: DomainFacts["moved"],
): string {
  if (another !== undefined) return `the disk is not the one that ${newest.point} was made of: ${another}`;
  if (lacks !== undefined) {
    return lacks.fault === undefined
      ? `${lacks.what} is missing in the catalog, and the chain that ends with ${newest.point} needs it`
      : `${lacks.what} ${lacks.fault}`;
  }
  return moved === undefined
    ? `no checkpoint of the chain that ends with ${newest.point} is left on the host`
    : `the domain moved here from ${moved.from} without the checkpoints of the chain that ends with ${newest.point}`;
}

/** Restore points that a disk cannot be restored to (TM316). */
function unrestorable(
  policy: Policy,
  name: string,
  { target, newest }: CurrentChain,
  { links, lacking }: CatalogImages,
  entry: string,
): Diagnostic[] {
  const unread = (links.get(target) ?? []).filter((link) => lacking.has(link));
  if (unread[0] === undefined) return [];
  const [one, last] = [unread.length === 1, unread[unread.length - 1] as Link];
  const lacks = lacking.get(newest);
  return [
    {
      code: "TM316",
      severity: "warning",
      message: `disk "${target}" of "${name}" cannot be restored to ${one ? unread[0].point : `${unread.length} restore points from ${unread[0].point} to ${last.point}`}: ${whatIsLacking(unread, lacking)}${lacks === undefined ? "" : "; the next run takes a full"}`,
      hint: "bring it back from a copy of the repository and capture the catalog again; until then it is kept with what builds on it, and retention does not count it",
      ...located(policy, entry),
    },
  ];
}

/** The disk is not the one that its newest image was made of (TM320). */
function otherDisk(
  policy: Policy,
  name: string,
  { target, newest, another, base }: CurrentChain,
  entry: string,
): Diagnostic[] {
  if (another === undefined) return [];
  const link = "missing" in base ? undefined : base;
  return [
    {
      code: "TM320",
      severity: "warning",
      message: `disk "${target}" of "${name}" is not known to be the one that ${newest.point} was made of: ${another}; ${link === undefined ? "the next run takes a full" : `the next run reads changes since ${link.point}`}`,
      hint: "nothing is lost; if it is not meant, look at who exchanged the disk, or its checkpoint",
      ...located(policy, entry),
    },
  ];
}

/** The newest restore point is well and no base (TM313). */
function lostCheckpoint(
  policy: Policy,
  { domain: { name }, moved }: DomainFacts,
  { target, newest, another, base }: CurrentChain,
  { covered, lacking }: CatalogImages,
  entry: string,
): Diagnostic[] {
  if (another !== undefined || lacking.has(newest) || !covered.has(newest) || base === newest) return [];
  const link = "missing" in base ? undefined : base;
  return [
    {
      code: "TM313",
      severity: "warning",
      message: `disk "${target}" of "${name}": the verified restore point ${newest.point} has lost its checkpoint; ${link === undefined ? "the next run takes a full" : `the next run reads changes since ${link.point}`}`,
      hint:
        moved === undefined
          ? "no data is lost; if this happens again, look for crashes of QEMU or for other tools that delete checkpoints"
          : `no data is lost; the domain moved here from ${moved.from}, and its chain continues if its checkpoints are defined here before the next run (checkpoint-create --redefine)`,
      ...located(policy, entry),
    },
  ];
}

function whatIsLacking(links: readonly Link[], lacking: ReadonlyMap<Link, Lack>): string {
  const lacks = [...new Set(links.map((link) => lacking.get(link) as Lack))];
  const gone = [...new Set(lacks.flatMap(({ what, fault }) => (fault === undefined ? what : [])))];
  return [
    ...(gone.length === 0
      ? []
      : [
          `${gone.join(", ")}, which ${links.length === 1 ? "it builds on" : "they build on"}, is not in the catalog`,
        ]),
    ...lacks.flatMap(({ what, fault }) => (fault === undefined ? [] : `${what} ${fault}`)),
  ].join("; ");
}

function renamed(policy: Policy, name: string, manifests: readonly Manifest[], entry: string): Diagnostic {
  const others = manifests.filter(({ domain }) => domain !== name);
  const folders = [
    ...new Set(others.map(({ domain }) => posix.join(policy.repository, directoryOf(domain)))),
  ];
  return {
    code: "TM318",
    severity: "warning",
    message: `"${name}" has been renamed: its ${others.length} ${plural(others.length, "restore point")} in ${folders.join(", ")} can be restored, but nothing deletes them; the next run takes a full`,
    hint: `to continue their chain, move them to ${posix.join(policy.repository, directoryOf(name))}, and their manifests in the catalog to the folder of the same name`,
    ...located(policy, entry),
  };
}
