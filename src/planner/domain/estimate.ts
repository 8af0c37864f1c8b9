import { coarselyDown, coarselyUp } from "../../inventory/coarse.js";
import type { DiskSize } from "../../inventory/disk-size.js";
import type { DomainFacts } from "../../inventory/inventory.js";
import type { Manifest, ManifestDisk } from "../../inventory/manifest.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";
import type { Assumed, Assumption } from "../../plan/plan.js";
import type { Bandwidth } from "../../policy/bandwidth.js";
import { shareOf } from "../../policy/quantity.js";
import { DEFAULT_SETTINGS } from "../../policy/settings.js";
import { slotOfName } from "../calendar/schedule.js";
import type { DiskChoice } from "./disks.js";

const DAY = 86_400_000;

/** What a disk's images are expected to hold. */
export interface DiskEstimate {
  /** Bytes of a full, before compression. */
  readonly size: number;
  /** What compression leaves of a byte, by the images of the catalog; 1 where there is none, or nobody knows. */
  readonly left: number;
  /** Bytes that change in a day; undefined where each of its images is a full. */
  readonly changedPerDay?: number;
  /** Bytes a second. */
  readonly speed: number;
}

export interface DomainEstimate {
  /** By target; a disk of which not even the size is known is not among them. */
  readonly disks: ReadonlyMap<string, DiskEstimate>;
  /** Of each disk that is backed up: what the forecast takes, and from where. */
  readonly assumptions: readonly Assumption[];
}

/** What is not known of a domain, as a noun; undefined if everything is. */
export function unknownOf({ assumptions }: DomainEstimate, domain: string): string | undefined {
  for (const { target, size, changedPerDay } of assumptions) {
    if (size === undefined) return `the size of disk "${target}" of "${domain}"`;
    if (changedPerDay === undefined) return `how much of disk "${target}" of "${domain}" changes in a day`;
  }
  return undefined;
}

/**
 * What the policy says of each disk that is backed up. What it leaves open is measured: in the catalog, in what `checkpoint-dumpxml
 * --size` said, and in the sizes of the inventory.
 * @param compressed targets of the disks whose images are compressed
 * @param bandwidth what a run copies in a second at most
 * @param now when the checkpoints were dumped, as far as can be told: the beginning of the horizon, in milliseconds
 */
export function estimateDomain(
  { catalog = [], checkpoints, sizes = {} }: DomainFacts,
  choices: readonly DiskChoice[],
  owners: readonly string[],
  compressed: ReadonlySet<string>,
  bandwidth: Bandwidth,
  now: number,
): DomainEstimate {
  const disks = new Map<string, DiskEstimate>();
  const assumptions: Assumption[] = [];
  const measured = speedOf(catalog);
  for (const { resolved, backup } of choices) {
    if (backup === "none") continue;
    const { target, settings } = resolved;
    const { size: written, changedPerDay: share, speed: wanted } = settings.estimate ?? {};
    const size = given(written, "policy") ?? sizeOf(catalog, target) ?? sizeHere(sizes[target]);
    const free = given(wanted, "policy") ?? measured ?? { bytes: DEFAULT_SETTINGS.speed, from: "default" };
    // A limit of some hours is counted where runs are, and said beside these.
    const isLimited = typeof bandwidth === "number" && bandwidth < free.bytes;
    const speed: Assumed = isLimited ? { bytes: bandwidth, from: "policy" } : free;
    const changedPerDay: Assumption["changedPerDay"] =
      given(size && share && shareOf(share, size.bytes), "policy") ??
      changeOf(catalog, target) ??
      changeSince(checkpoints, target, owners, now) ??
      (backup === "whole" ? { bytes: size?.bytes ?? 0, from: "full" } : undefined);
    assumptions.push({ target, ...(size && { size }), ...(changedPerDay && { changedPerDay }), speed });
    if (size === undefined) continue;
    disks.set(target, {
      size: size.bytes,
      left: compressed.has(target) ? leftOf(catalog, target) : 1,
      // Where nobody knows what changes, at least the fulls are counted.
      ...(changedPerDay?.from !== "full" && { changedPerDay: changedPerDay?.bytes ?? 0 }),
      speed: speed.bytes,
    });
  }
  return { disks, assumptions };
}

function given(bytes: number | undefined, from: Assumed["from"]): Assumed | undefined {
  return bytes === undefined ? undefined : { bytes: Math.round(bytes), from };
}

/** Bytes of data of an image that holds what changed between two slots, in milliseconds; of a full without the earlier one. */
export function imageBytes(
  { size, changedPerDay = size }: DiskEstimate,
  slot: number,
  since?: number,
): number {
  return since === undefined ? size : Math.min(size, Math.round((changedPerDay * (slot - since)) / DAY));
}

function sizeOf(catalog: readonly Manifest[], target: string): Assumed | undefined {
  const full = imagesOf(catalog, target).findLast(({ disk }) => disk.base === null);
  return full === undefined ? undefined : { bytes: coarselyUp(dataOf(full.disk)), from: "catalog" };
}

function sizeHere(size: DiskSize | undefined): Assumed | undefined {
  if (size === undefined) return undefined;
  const { capacity, allocation = capacity } = size;
  return allocation < capacity
    ? { bytes: allocation, from: "allocation" }
    : { bytes: capacity, from: "capacity" };
}

/** Bytes of data in a run from which its rate is taken: of a smaller one, most of the time is not spent on them. */
const RATED = 256 << 20;

/** Bytes of data that runs have copied in a second, everything that they do included. */
function speedOf(catalog: readonly Manifest[]): Assumed | undefined {
  let [bytes, seconds] = [0, 0];
  for (const manifest of catalog) {
    const data = manifest.disks.reduce((sum, disk) => sum + dataOf(disk), 0);
    if (manifest.seconds === undefined || data < RATED) continue;
    bytes += data;
    seconds += Math.max(1, manifest.seconds);
  }
  return seconds === 0 ? undefined : { bytes: coarselyDown(bytes / seconds), from: "catalog" };
}

/** Bytes that an image holds, before compression. */
function dataOf({ compression, size }: ManifestDisk): number {
  return compression?.data ?? size;
}

function leftOf(catalog: readonly Manifest[], target: string): number {
  let size = 0;
  let data = 0;
  for (const { disk } of imagesOf(catalog, target)) {
    if (disk.compression === undefined) continue;
    size += disk.size;
    data += disk.compression.data;
  }
  // Coarsely, as `coarselyUp`.
  return data === 0 ? 1 : Math.min(1, Math.ceil((size / data) * 10) / 10);
}

function changeOf(catalog: readonly Manifest[], target: string): Assumed | undefined {
  const slots = new Map(catalog.map(({ point, slot }) => [point, Date.parse(slot)]));
  let bytes = 0;
  let days = 0;
  for (const { slot, disk } of imagesOf(catalog, target)) {
    const since = disk.base === null ? undefined : slots.get(disk.base);
    if (since === undefined) continue;
    bytes += dataOf(disk);
    days += (slot - since) / DAY;
  }
  return days > 0 ? { bytes: coarselyUp(bytes / days), from: "catalog" } : undefined;
}

/** What the oldest checkpoint of this policy has recorded, over the longest time. */
function changeSince(
  checkpoints: readonly Checkpoint[],
  target: string,
  owners: readonly string[],
  now: number,
): Assumed | undefined {
  for (const { name, disks } of checkpoints) {
    const slot = slotOfName(name, owners);
    const bytes = disks.find((disk) => disk.name === target)?.size;
    if (slot !== undefined && slot < now && bytes !== undefined)
      return { bytes: coarselyUp((bytes / (now - slot)) * DAY), from: "checkpoint" };
  }
  return undefined;
}

function imagesOf(catalog: readonly Manifest[], target: string): { slot: number; disk: ManifestDisk }[] {
  return catalog.flatMap(({ slot, disks }) =>
    disks.filter((disk) => disk.target === target).map((disk) => ({ slot: Date.parse(slot), disk })),
  );
}
