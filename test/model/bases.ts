import type { Manifest } from "../../src/inventory/manifest.js";
import type { DomainPlan, Run, RunDisk } from "../../src/plan/plan.js";
import type { Host } from "./host.js";

/** What is read of a disk. */
export interface Choice {
  readonly disk: RunDisk;
  readonly base: string | null;
  readonly bitmap: boolean;
  /** What is not the planned level. */
  readonly level?: "incremental";
}

interface Settled {
  readonly choices: readonly Choice[];
  readonly fallback: boolean;
}

/** The bases of a run on the host as it is, with the policy's answers to what is not as planned: `bases.bash`. */
export function chooseBases(host: Host, domain: DomainPlan, run: Run): Settled | "refused" {
  const choices: Choice[] = [];
  let isBroken = false;
  for (const disk of run.disks) {
    const found = baseOf(host, domain, run, disk);
    if (found === "refused") return found;
    if (found === "full") return isBroken && domain.onDrift === "fail" ? "refused" : allFull(run);
    if (found === "broken") isBroken = true;
    choices.push({ disk, base: found === "broken" ? disk.base : found, bitmap: disk.bitmap });
  }
  // A base that was verified and is broken is drift.
  if (isBroken) return domain.onDrift === "fail" ? "refused" : allFull(run);
  if (choices.every(({ disk, base }) => base === null || host.isProven(disk.target, base)))
    return { choices, fallback: false };
  return domain.onMissingBase === "fail" ? "refused" : allFull(run);
}

/** The bases of a run of a stopped domain: `offline.bash`. */
export function chooseStoppedBases(host: Host, domain: DomainPlan, run: Run): readonly Choice[] | "refused" {
  const choices = run.disks.map((disk): Choice => {
    const base = stoppedBase(host, run, disk);
    return { disk, base, bitmap: false, ...(base !== null && { level: "incremental" }) };
  });
  const isProven = ({ disk: { target }, base }: Choice) =>
    base === null || host.isUnwritten(target, base) || host.isProven(target, base);
  if (choices.every(isProven)) return choices;
  if (domain.onMissingBase === "fail") return "refused";
  return choices.map(({ disk }) => ({ disk, base: null, bitmap: false }));
}

function stoppedBase(host: Host, run: Run, { target, base, bitmap }: RunDisk): string | null {
  const earlier = [...host.catalog.keys()].filter((point) => slotOf(point) < slotOf(run.point)).sort(bySlot);
  const lying = earlier.find((point) => host.isUnwritten(target, point) && isWhole(host, point, target));
  if (lying !== undefined) return lying;
  const found = [...(base === null ? [] : [base]), ...earlier.reverse()].find(
    (point) =>
      bitmap &&
      hasBitmap(host, point, target) &&
      isWhole(host, point, target) &&
      host.isRecorded(point) &&
      host.isOnSameFile(target, point) &&
      host.bitmap(point, target) !== undefined,
  );
  // In place of a full only where nothing has changed.
  if (found === undefined || (base === null && host.bitmap(found, target)?.size !== 0)) return null;
  return found;
}

function allFull({ disks }: Run): Settled {
  return { choices: disks.map((disk) => ({ disk, base: null, bitmap: disk.bitmap })), fallback: true };
}

function baseOf(
  host: Host,
  { onMissingBase }: DomainPlan,
  run: Run,
  { target, base }: RunDisk,
): string | null | "broken" | "full" | "refused" {
  if (base === null) return base;
  if (isWhole(host, base, target) && hasBitmap(host, base, target)) {
    if (host.bitmap(base, target) === undefined) return "broken";
    if (host.isRecorded(base)) return base;
  }
  if (onMissingBase === "fail") return "refused";
  if (onMissingBase === "full") return "full";
  return lastVerified(host, run.point, target) ?? "full";
}

/** The newest restore point before another whose checkpoint can be a base of the disk. */
export function lastVerified(host: Host, before: string, target: string): string | undefined {
  return earlierThan(host, before).findLast(
    (point) =>
      hasBitmap(host, point, target) &&
      host.bitmap(point, target) !== undefined &&
      host.isRecorded(point) &&
      isWhole(host, point, target),
  );
}

/** The newest one whose manifest says that its checkpoint covers the disk. */
export function newestCovering(host: Host, before: string, target: string): string | undefined {
  return earlierThan(host, before).findLast(
    (point) => !host.damaged.has(point) && hasBitmap(host, point, target),
  );
}

function earlierThan(host: Host, point: string): string[] {
  return [...host.catalog.keys()].filter((other) => slotOf(other) < slotOf(point)).sort(bySlot);
}

/** Whether all that a restore of the disk would look for is there. */
function isWhole(host: Host, point: string, target: string): boolean {
  for (let at: string | null = point; at !== null; ) {
    const disk: Manifest["disks"][number] | undefined = host.catalog
      .get(at)
      ?.disks.find((each) => each.target === target);
    if (disk === undefined || host.damaged.has(at) || !host.images.has(disk.image)) return false;
    at = disk.base;
  }
  return true;
}

function hasBitmap(host: Host, point: string, target: string): boolean {
  return host.catalog.get(point)?.disks.find((disk) => disk.target === target)?.bitmap === true;
}

export function slotOf(point: string): string {
  return point.slice(-16);
}

export function bySlot(a: string, b: string): number {
  return slotOf(a) < slotOf(b) ? -1 : 1;
}
