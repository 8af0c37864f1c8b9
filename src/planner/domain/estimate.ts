import type { Missing } from "../../diagnostics/diagnostic.js";
import type { DomainFacts } from "../../inventory/inventory.js";
import type { Manifest, ManifestDisk } from "../../inventory/manifest.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";
import type { EstimateSetting } from "../../policy/policy.js";
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
  /** Bytes that change in a day; undefined where that is not asked for. */
  readonly changedPerDay?: number;
  /** Bytes a second. */
  readonly speed: number;
}

/** Per target; or what is not known of a disk. */
export type DomainEstimate = ReadonlyMap<string, DiskEstimate> | Missing;

/**
 * What the policy says of each disk that is backed up; what it leaves open is measured in the catalog, or in what
 * `checkpoint-dumpxml --size` said.
 * @param compressed targets of the disks whose images are compressed
 * @param bandwidth bytes a second that a run copies at most
 * @param now when the checkpoints were dumped, as far as can be told: the beginning of the horizon, in milliseconds
 */
export function estimateDomain(
  { domain, catalog = [], checkpoints }: DomainFacts,
  choices: readonly DiskChoice[],
  owners: readonly string[],
  compressed: ReadonlySet<string>,
  bandwidth: number,
  now: number,
): DomainEstimate {
  const estimates = new Map<string, DiskEstimate>();
  for (const { resolved, backup } of choices) {
    if (backup === "none") continue;
    const setting: EstimateSetting = resolved.settings.estimate ?? {};
    const size = setting.size ?? sizeOf(catalog, resolved.target);
    if (size === undefined) return { missing: `the size of disk "${resolved.target}" of "${domain.name}"` };
    const changedPerDay =
      (setting.changedPerDay && shareOf(setting.changedPerDay, size)) ??
      changeOf(catalog, resolved.target) ??
      changeSince(checkpoints, resolved.target, owners, now);
    if (changedPerDay === undefined && backup === "changes") {
      return { missing: `how much of disk "${resolved.target}" of "${domain.name}" changes in a day` };
    }
    estimates.set(resolved.target, {
      size,
      left: compressed.has(resolved.target) ? leftOf(catalog, resolved.target) : 1,
      ...(changedPerDay !== undefined && { changedPerDay }),
      speed: Math.min(setting.speed ?? DEFAULT_SETTINGS.speed, bandwidth),
    });
  }
  return estimates;
}

/** Bytes of data of an image that holds what changed between two slots, in milliseconds; of a full without the earlier one. */
export function imageBytes(
  { size, changedPerDay = size }: DiskEstimate,
  slot: number,
  since?: number,
): number {
  return since === undefined ? size : Math.min(size, Math.round((changedPerDay * (slot - since)) / DAY));
}

function sizeOf(catalog: readonly Manifest[], target: string): number | undefined {
  const full = imagesOf(catalog, target).findLast(({ disk }) => disk.base === null);
  return full === undefined ? undefined : rounded(dataOf(full.disk));
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
  // Coarsely, as `rounded`.
  return data === 0 ? 1 : Math.min(1, Math.ceil((size / data) * 10) / 10);
}

function changeOf(catalog: readonly Manifest[], target: string): number | undefined {
  const slots = new Map(catalog.map(({ point, slot }) => [point, Date.parse(slot)]));
  let bytes = 0;
  let days = 0;
  for (const { slot, disk } of imagesOf(catalog, target)) {
    const since = disk.base === null ? undefined : slots.get(disk.base);
    if (since === undefined) continue;
    bytes += dataOf(disk);
    days += (slot - since) / DAY;
  }
  return days > 0 ? rounded(bytes / days) : undefined;
}

/** What the oldest checkpoint of this policy has recorded, over the longest time. */
function changeSince(
  checkpoints: readonly Checkpoint[],
  target: string,
  owners: readonly string[],
  now: number,
): number | undefined {
  for (const { name, disks } of checkpoints) {
    const slot = slotOfName(name, owners);
    const bytes = disks.find((disk) => disk.name === target)?.size;
    if (slot !== undefined && slot < now && bytes !== undefined) return rounded((bytes / (now - slot)) * DAY);
  }
  return undefined;
}

function imagesOf(catalog: readonly Manifest[], target: string): { slot: number; disk: ManifestDisk }[] {
  return catalog.flatMap(({ slot, disks }) =>
    disks.filter((disk) => disk.target === target).map((disk) => ({ slot: Date.parse(slot), disk })),
  );
}

/** What a measure is rounded up to. */
const STEPS = [1, 1.5, 2, 3, 5, 7, 10];

/** Coarsely: a measure changes from night to night, and a plan that is compiled again is to differ where it matters. */
function rounded(bytes: number): number {
  const scale = 10 ** Math.floor(Math.log10(Math.max(1, bytes)));
  return scale * (STEPS.find((step) => bytes <= step * scale) ?? 10);
}
