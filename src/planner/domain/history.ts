import { posix } from "node:path";
import { plural } from "../../diagnostics/amounts.js";
import type { Diagnostic, Missing } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { DomainFacts } from "../../inventory/inventory.js";
import type { Manifest } from "../../inventory/manifest.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";
import { ownersOf, type Policy, placed } from "../../policy/policy.js";
import { instant, slotOfName } from "../calendar/schedule.js";
import { needsOf, type Point } from "./point.js";
import { isRecorded, whyAnother } from "./same-disk.js";

/** One disk's image in one restore point; what it stands on changes when restore points are folded. */
export interface Link {
  readonly point: string;
  /** The slot, in milliseconds. */
  readonly time: number;
  /** Absolute path. */
  readonly image: string;
  /** Whether the image went through a command and is not here. */
  readonly streamed: boolean;
  /** The other host that made it, if the domain has moved since. */
  readonly madeOn?: string;
  /** Images that a restore reads, this one included. */
  depth: number;
  /** The full that the image stands on; null if it is one. */
  root: Link | null;
  below: Link | null;
}

/** What a link has by what it stands on. */
export function standingOn(below: Link | null): Pick<Link, "below" | "depth" | "root"> {
  return { below, depth: (below?.depth ?? 0) + 1, root: below === null ? null : (below.root ?? below) };
}

/** What earlier runs of this policy left; the planner carries on from here. */
export interface History {
  /** Verified restore points, oldest first. */
  readonly points: readonly Point[];
  /** Per disk: the newest restore point of the current chain that can be a base, or why there is none. */
  readonly base: ReadonlyMap<string, Link | Missing>;
  /** Per disk: the images of the current chain, oldest first. */
  readonly chains: ReadonlyMap<string, readonly Link[]>;
  /** Per disk: the current chain's full, if that can be a base. */
  readonly full: ReadonlyMap<string, Link | Missing>;
  /** The most images that restoring one disk reads. */
  readonly deepest: number;
  /** This policy's checkpoints on the host, verified or not, oldest first. */
  readonly ownCheckpoints: readonly string[];
  /** Slot of the newest verified run, in milliseconds. */
  readonly newest?: number;
  /** What the domain was called then, if it has been renamed: what was made is in the folder of that name, and stays there. */
  readonly formerName?: string;
}

/**
 * Reads a domain's past from the inventory. A checkpoint counts as a base only if its run's manifest is in the
 * catalog (it was verified) and libvirt still lists it for that disk. Without a catalog the policy's own checkpoints
 * are taken at their word, with a warning (TM208): the run scripts look for the manifest before they trust one.
 */
export function readHistory(
  policy: Policy,
  facts: DomainFacts,
  expectedImage: (target: string, point: string) => string | undefined,
  streamed: boolean,
  entry: string,
): { history: History; diagnostics: readonly Diagnostic[] } {
  const owners = ownersOf(policy);
  const own = facts.checkpoints
    .map((checkpoint) => ({ checkpoint, time: slotOfName(checkpoint.name, owners) }))
    .filter((found): found is { checkpoint: Checkpoint; time: number } => found.time !== undefined)
    .sort((a, b) => a.time - b.time);
  const ownCheckpoints = own.map(({ checkpoint }) => checkpoint.name);
  const { history, diagnostics } =
    facts.catalog === undefined
      ? fromCheckpoints(policy, facts, own, expectedImage, streamed, entry)
      : fromCatalog(
          policy,
          facts,
          facts.catalog.filter((manifest) => owners.includes(manifest.policy)),
          ownCheckpoints,
          entry,
        );
  return { history, diagnostics: [...damageIn(policy, facts, entry), ...diagnostics] };
}

/** What of the repository cannot be trusted at all. */
function damageIn(policy: Policy, facts: DomainFacts, entry: string): Diagnostic[] {
  const { domain, damaged = [], stranger } = facts;
  const found: Diagnostic[] = [];
  if (damaged[0] !== undefined) {
    const more = damaged.length === 1 ? "" : ` (and ${damaged.length - 1} more)`;
    found.push({
      code: "TM319",
      severity: "warning",
      message: `nothing of "${domain.name}" is deleted, as a manifest is damaged: ${damaged[0]}${more}`,
      hint: "bring it back from a copy of the repository, or move its folder out of the repository; then capture the inventory and compile again",
      ...placed(policy, entry),
    });
  }
  if (stranger !== undefined) {
    found.push({
      code: "TM212",
      severity: "error",
      message: `the folder of "${domain.name}" (${domain.uuid}) in the repository holds restore points of another domain: ${stranger.point} is of "${stranger.domain}" (${stranger.uuid})`,
      hint: `move the other domain's restore points out of ${posix.join(policy.repository, directoryOf(domain.name))} and capture the inventory again, or give one of the domains another name`,
      ...placed(policy, entry),
    });
  }
  return found;
}

function fromCatalog(
  policy: Policy,
  facts: DomainFacts,
  ofAllNames: readonly Manifest[],
  ownCheckpoints: readonly string[],
  entry: string,
): { history: History; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const { name } = facts.domain;
  const manifests = ofAllNames.filter(({ domain }) => domain === name);
  const last = ofAllNames[ofAllNames.length - 1];
  const isRenamed = last !== undefined && last.domain !== name;
  if (isRenamed) diagnostics.push(renamed(policy, name, ofAllNames, entry));
  const checkpoints = new Map(facts.checkpoints.map((checkpoint) => [checkpoint.name, checkpoint]));
  const folder = posix.join(policy.repository, directoryOf(name));
  const links = new Map<string, Link[]>();
  const bitmaps = new Map<Link, boolean>();
  /** Disks that are not the ones that a restore point was made of, and checkpoints that are not the ones that its run made. */
  const others = new Map<Link, string>();
  // Also those of another policy, on which a chain may stand that was adopted once.
  const images = new Set(
    (facts.catalog ?? []).flatMap(({ point, disks }) => disks.map(({ target }) => `${point} ${target}`)),
  );
  const broken = new Map((facts.broken ?? []).map((each) => [`${each.point} ${each.target}`, each.fault]));
  /** Images that cannot be restored, and why. */
  const lacking = new Map<Link, Lack>();
  for (const manifest of manifests) {
    for (const disk of manifest.disks) {
      const chain = links.get(disk.target) ?? [];
      links.set(disk.target, chain);
      const below = chain.find((link) => link.point === disk.base);
      const link: Link = {
        point: manifest.point,
        time: Date.parse(manifest.slot),
        image: posix.resolve(folder, manifest.point, disk.image),
        streamed: manifest.stream !== undefined,
        ...(facts.moved?.leftBehind === false && { madeOn: facts.moved.from }),
        ...standingOn(below ?? null),
      };
      chain.push(link);
      bitmaps.set(link, disk.bitmap);
      const checkpoint = checkpoints.get(manifest.point);
      const another =
        whyAnother(manifest, disk, facts) ??
        (checkpoint === undefined || isRecorded(manifest, checkpoint)
          ? undefined
          : `the checkpoint ${manifest.point} on the host is another than the one that its run made`);
      if (another !== undefined) others.set(link, another);
      const isGone = disk.base !== null && !images.has(`${disk.base} ${disk.target}`);
      const fault = broken.get(`${manifest.point} ${disk.target}`);
      const lacks: Lack | undefined =
        fault !== undefined
          ? { what: `the image of "${disk.target}" in ${manifest.point}`, fault }
          : isGone
            ? { what: disk.base }
            : below && lacking.get(below);
      if (lacks !== undefined) lacking.set(link, lacks);
    }
  }

  const base = new Map<string, Link | Missing>();
  const full = new Map<string, Link | Missing>();
  const chains = new Map<string, readonly Link[]>();
  for (const [target, chain] of links) {
    const newest = chain[chain.length - 1] as Link;
    const usable = (link: Link) =>
      bitmaps.get(link) === true &&
      !lacking.has(link) &&
      !others.has(link) &&
      covers(checkpoints.get(link.point), target);
    const root = newest.root ?? newest;
    const current = chain.filter((link) => (link.root ?? link) === root);
    chains.set(target, current);
    const found = current.findLast(usable);
    const lacks = lacking.get(newest);
    const another = bitmaps.get(newest) === true ? others.get(newest) : undefined;
    const missing =
      another !== undefined
        ? `the disk is not the one that ${newest.point} was made of: ${another}`
        : lacks !== undefined
          ? lacks.fault === undefined
            ? `${lacks.what} is missing in the catalog, and the chain that ends with ${newest.point} needs it`
            : `${lacks.what} ${lacks.fault}`
          : facts.moved === undefined
            ? `no checkpoint of the chain that ends with ${newest.point} is left on the host`
            : `the domain moved here from ${facts.moved.from} without the checkpoints of the chain that ends with ${newest.point}`;
    base.set(target, found ?? { missing });
    full.set(
      target,
      usable(root)
        ? root
        : {
            missing:
              lacks === undefined && another === undefined
                ? `the checkpoint of the last full, ${root.point}, is gone`
                : missing,
          },
    );
    const unread = chain.filter((link) => lacking.has(link));
    if (unread[0] !== undefined) {
      const [one, last] = [unread.length === 1, unread[unread.length - 1] as Link];
      diagnostics.push({
        code: "TM316",
        severity: "warning",
        message: `disk "${target}" of "${facts.domain.name}" cannot be restored to ${one ? unread[0].point : `${unread.length} restore points from ${unread[0].point} to ${last.point}`}: ${whatIsLacking(unread, lacking)}${lacks === undefined ? "" : "; the next run takes a full"}`,
        hint: "bring it back from a copy of the repository and capture the catalog again; until then it is kept with what stands on it, and retention does not count it",
        ...placed(policy, entry),
      });
    }
    if (another !== undefined) {
      diagnostics.push({
        code: "TM320",
        severity: "warning",
        message: `disk "${target}" of "${name}" is not known to be the one that ${newest.point} was made of: ${another}; ${found === undefined ? "the next run takes a full" : `the next run reads changes since ${found.point}`}`,
        hint: "nothing is lost; if it is not meant, look at who exchanged the disk, or its checkpoint",
        ...placed(policy, entry),
      });
    } else if (lacks === undefined && bitmaps.get(newest) === true && found !== newest) {
      diagnostics.push({
        code: "TM313",
        severity: "warning",
        message: `disk "${target}" of "${name}": the verified restore point ${newest.point} has lost its checkpoint; ${found === undefined ? "the next run takes a full" : `the next run reads changes since ${found.point}`}`,
        hint:
          facts.moved === undefined
            ? "no data is lost; if this happens again, look for crashes of QEMU or for other tools that delete checkpoints"
            : `no data is lost; the domain moved here from ${facts.moved.from}, and its chain continues if its checkpoints are defined here before the next run (checkpoint-create --redefine)`,
        ...placed(policy, entry),
      });
    }
  }
  const lacked = new Map([...lacking].map(([{ point }, { what }]) => [point, what]));
  return {
    history: {
      points: manifests.map((manifest) => {
        const lacks = lacked.get(manifest.point);
        return {
          point: manifest.point,
          time: Date.parse(manifest.slot),
          level: manifest.level,
          needs: needsOf(manifest.disks),
          disks: manifest.disks,
          ...(lacks !== undefined && { lacks }),
        };
      }),
      chains,
      deepest: Math.max(0, ...[...links.values()].flat().map((link) => link.depth)),
      base,
      full,
      ownCheckpoints,
      ...(last && { newest: Date.parse(last.slot) }),
      ...(isRenamed && { formerName: last.domain }),
    },
    diagnostics,
  };
}

/** What an image lacks: a restore point that is gone, or with its fault an image. */
interface Lack {
  readonly what: string;
  readonly fault?: string;
}

function whatIsLacking(links: readonly Link[], lacking: ReadonlyMap<Link, Lack>): string {
  const lacks = [...new Set(links.map((link) => lacking.get(link) as Lack))];
  const gone = [...new Set(lacks.flatMap(({ what, fault }) => (fault === undefined ? what : [])))];
  return [
    ...(gone.length === 0
      ? []
      : [
          `${gone.join(", ")}, on which ${links.length === 1 ? "it stands" : "they stand"}, is not in the catalog`,
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
    ...placed(policy, entry),
  };
}

function fromCheckpoints(
  policy: Policy,
  facts: DomainFacts,
  own: readonly { readonly checkpoint: Checkpoint; readonly time: number }[],
  expectedImage: (target: string, point: string) => string | undefined,
  streamed: boolean,
  entry: string,
): { history: History; diagnostics: readonly Diagnostic[] } {
  const base = new Map<string, Link>();
  const chains = new Map<string, Link[]>();
  for (const { checkpoint, time } of own) {
    for (const { name: target } of checkpoint.disks.filter((disk) => covers(checkpoint, disk.name))) {
      const image = expectedImage(target, checkpoint.name);
      if (image === undefined) continue;
      const link: Link = {
        point: checkpoint.name,
        time,
        image,
        streamed,
        ...standingOn(base.get(target) ?? null),
      };
      base.set(target, link);
      chains.set(target, [...(chains.get(target) ?? []), link]);
    }
  }
  const newest = own[own.length - 1];
  return {
    history: {
      points: [],
      chains,
      deepest: Math.max(0, ...[...base.values()].map((link) => link.depth)),
      base,
      full: new Map(
        [...base.keys()].map((target) => [
          target,
          { missing: "the inventory has no catalog, so the last full is unknown" },
        ]),
      ),
      ownCheckpoints: own.map(({ checkpoint }) => checkpoint.name),
      ...(newest && { newest: newest.time }),
    },
    diagnostics:
      newest === undefined
        ? []
        : [
            {
              code: "TM208",
              severity: "warning",
              message: `domain "${facts.domain.name}" has ${own.length} ${plural(own.length, "checkpoint")} of this policy up to ${instant(newest.time)}, but the inventory has no catalog, which would say which runs were verified`,
              hint: "capture the catalog (tidemark inventory --repository DIR); until then the run scripts decide, and nothing older is deleted",
              ...placed(policy, entry),
            },
          ],
  };
}

/** libvirt checks the bitmap, not the checkpoint's disk list (qemu_backup.c); the list is what can be known offline. */
function covers(checkpoint: Checkpoint | undefined, target: string): boolean {
  return checkpoint?.disks.some((disk) => disk.name === target && disk.checkpoint === "bitmap") ?? false;
}
