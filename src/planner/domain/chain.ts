import { DateTime } from "luxon";
import { isMissing, type Missing } from "../../diagnostics/diagnostic.js";
import type { Move } from "../../inventory/inventory.js";
import type { Fold } from "../../plan/fold.js";
import type { Run, RunDisk } from "../../plan/plan.js";
import type { Level, Policy } from "../../policy/policy.js";
import type { Span } from "../../policy/span.js";
import type { Slot } from "../calendar/schedule.js";
import type { BackedUpChoice, DiskChoice } from "./disks.js";
import { buildingOn, type Link } from "./link.js";
import type { History } from "./past.js";
import type { DiskPaths, DomainPaths, RunNames, ServedDisk } from "./paths.js";

/** What the runs of one domain have left so far; grows by one run at a time. */
export interface ChainState {
  readonly base: Map<string, Link | Missing>;
  readonly full: Map<string, Link | Missing>;
  /** Per disk: the images of its current chain, oldest first. */
  readonly chains: Map<string, readonly Link[]>;
  /** The host that the domain moved here from, if its restore points stayed there. */
  readonly leftBehindOn?: string;
  /** What the domain was called when its last restore point was made, which stayed in that name's folder. */
  readonly formerName?: string;
}

/** The state that the past leaves; a disk that is gone, or that no checkpoint covers now, holds no checkpoint on the host. */
export function startChain(history: History, choices: readonly DiskChoice[], moved?: Move): ChainState {
  const covered = new Set(
    choices.filter(({ backup }) => backup === "changes").map(({ resolved }) => resolved.target),
  );
  const ofCovered = <T>(links: ReadonlyMap<string, T>) =>
    new Map([...links].filter(([target]) => covered.has(target)));
  return {
    base: ofCovered(history.base),
    full: ofCovered(history.full),
    chains: ofCovered(history.chains),
    ...(moved?.leftBehind === true && { leftBehindOn: moved.from }),
    ...(history.formerName !== undefined && { formerName: history.formerName }),
  };
}

/**
 * Removes restore points that were folded away from the chains. If the full of a disk is one of them, the restore point that it was
 * folded into is the full from then on. Differentials read changes since that one if its checkpoint still exists, which is so for
 * the newest restore point.
 */
export function foldChains(state: ChainState, { into, of }: Fold): void {
  for (const [target, chain] of state.chains) {
    let folding = false;
    const left = chain.filter(({ point }) => !of.includes(point));
    for (const link of left) {
      let { base } = link;
      if (link.point === into) {
        folding = true;
        while (base !== null && of.includes(base.point)) base = base.base;
      }
      if (folding) Object.assign(link, buildingOn(base));
    }
    state.chains.set(target, left);
    const full = state.full.get(target);
    if (full === undefined || isMissing(full) || !of.includes(full.point)) continue;
    const newest = state.base.get(target);
    const isThere = newest !== undefined && !isMissing(newest) && newest.point === into;
    state.full.set(
      target,
      isThere ? newest : { missing: `the checkpoint of the last full, ${into}, is gone` },
    );
  }
}

/** A run without what retention adds to it. */
export type PlannedRun = Omit<Run, "steps" | "directory">;

/** What limits a chain, read once from the policy. */
export interface ChainLimits {
  readonly maxLength: number;
  readonly maxAge?: Span;
  readonly timezone: string;
}

export function chainLimits(policy: Policy): ChainLimits {
  return {
    maxLength: policy.maxChainLength ?? Number.POSITIVE_INFINITY,
    ...(policy.maxChainAge && { maxAge: policy.maxChainAge }),
    timezone: policy.timezone,
  };
}

type DiskDecision =
  | { readonly level: "full"; readonly reason: string }
  | { readonly level: "differential" | "incremental"; readonly base: Link; readonly reason: string };

/**
 * Chooses level and base of every disk at one slot, and advances the state to after the run.
 * A full of one disk does not make the others full; a chain limit does, so that their chains stay in step.
 */
export function planRun(
  policyName: string,
  paths: DomainPaths,
  limits: ChainLimits,
  state: ChainState,
  slot: Slot,
): PlannedRun {
  const point = `${policyName}-${slot.compact}`;
  const streamed = paths.mode === "pull" && paths.stream !== undefined;
  const decisions = paths.disks.map(({ choice }) => decide(choice, slot.level, state, streamed));
  const limit = decisions
    .map((decision) => limitReached(decision, limits, slot))
    .find((text) => text !== undefined);
  const names = { point, slot: slot.compact };
  const made = (index: number): DiskDecision => {
    const free = decisions[index] as DiskDecision;
    return limit === undefined || free.level === "full" ? free : { level: "full", reason: limit };
  };
  const disks =
    paths.mode === "push"
      ? paths.disks.map((disk, index) => writtenDisk(disk, made(index), names))
      : paths.disks.map((disk, index) => servedDisk(disk, made(index), names));

  for (const [index, disk] of disks.entries()) {
    if (!disk.bitmap) continue;
    const decision = decisions[index] as DiskDecision;
    const base = disk.level === "full" || decision.level === "full" ? null : decision.base;
    const link: Link = {
      point,
      time: slot.time,
      streamed,
      ...buildingOn(base),
    };
    state.base.set(disk.target, link);
    state.chains.set(disk.target, base === null ? [link] : [...(state.chains.get(disk.target) ?? []), link]);
    if (base === null) state.full.set(disk.target, link);
  }

  return {
    slot: slot.utc,
    localTime: slot.local,
    level: disks.every((disk) => disk.level === "full") ? "full" : slot.level,
    scheduled: slot.level,
    point,
    checkpoint: disks.some((disk) => disk.bitmap),
    disks,
  };
}

function decide(
  choice: BackedUpChoice,
  scheduled: Level,
  state: ChainState,
  streamed: boolean,
): DiskDecision {
  if (scheduled === "full") return { level: "full", reason: "the schedule says full" };
  if (choice.backup === "whole") return { level: "full", reason: choice.why };
  const target = choice.resolved.target;
  const link = (scheduled === "incremental" ? state.base : state.full).get(target);
  if (link === undefined) {
    return { level: "full", reason: firstRun(state) };
  }
  if (isMissing(link)) return { level: "full", reason: `base missing: ${link.missing}` };
  if (link.streamed !== streamed) {
    return {
      level: "full",
      reason: streamed
        ? "the last run was not streamed"
        : "the last run was streamed, so its image is not here",
    };
  }
  return {
    level: scheduled,
    base: link,
    reason: `changes since the last ${scheduled === "incremental" ? "run" : "full"}${link.madeOn === undefined ? "" : `, which was on ${link.madeOn}; the checkpoint came along`}`,
  };
}

function firstRun({ base, leftBehindOn, formerName }: ChainState): string {
  if (base.size > 0) return "first run of this disk, which was added after the last run";
  if (formerName !== undefined) return `first run under this name; the domain was called ${formerName}`;
  return leftBehindOn === undefined
    ? "first run of this policy"
    : `first run here; the domain moved from ${leftBehindOn}, which has another repository`;
}

function limitReached(decision: DiskDecision, limits: ChainLimits, slot: Slot): string | undefined {
  if (decision.level === "full") return undefined;
  const { base } = decision;
  if (base.depth + 1 > limits.maxLength) {
    return `the chain has reached maxChainLength (${limits.maxLength})`;
  }
  if (limits.maxAge !== undefined) {
    const root = DateTime.fromMillis((base.root ?? base).time, { zone: limits.timezone });
    if (root.plus(limits.maxAge.units).toMillis() <= slot.time) return "the chain has reached maxChainAge";
  }
  return undefined;
}

/** A disk that QEMU writes to its image. */
function writtenDisk(disk: DiskPaths, decision: DiskDecision, names: RunNames): RunDisk {
  const { choice, format } = disk;
  const { path: image, type: imageType } = disk.image(names);
  const { target } = choice.resolved;
  const { reason } = decision;
  return decision.level === "full"
    ? {
        target,
        level: "full",
        base: null,
        reason,
        bitmap: choice.backup === "changes",
        image,
        imageType,
        format,
      }
    : {
        target,
        level: decision.level,
        base: decision.base.point,
        reason,
        bitmap: true,
        image,
        imageType,
        format: "qcow2",
      };
}

/** A disk that is read from QEMU's server. */
function servedDisk(disk: ServedDisk, decision: DiskDecision, names: RunNames): RunDisk {
  const written = writtenDisk(disk, decision, names);
  const { path: scratch, type: scratchType } = disk.scratch(names);
  const pull = { scratch, scratchType, exportName: disk.exportName };
  return written.level === "full"
    ? { ...written, pull }
    : { ...written, pull: { ...pull, exportBitmap: disk.exportBitmap } };
}
