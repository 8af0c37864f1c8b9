import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { DomainPlan, FoundPoint, KeptPoint, PlannedDisk } from "../../plan/plan.js";
import { type Mode, ownersOf, type Policy } from "../../policy/policy.js";
import { parseSpan, spanSeconds } from "../../policy/span.js";
import { instant, slotAt } from "../calendar/schedule.js";
import type { DiskChoice } from "./disks.js";
import { futureSlots } from "./future-slots.js";
import { type History, readHistory } from "./history.js";
import type { Point } from "./point.js";
import type { HostTerms, PreparedDomain } from "./prepared.js";
import type { Retainer } from "./retain.js";
import { unroll } from "./unroll.js";

/** The schema's default for `timeLimit`. */
const DEFAULT_LIMIT = { years: 0, months: 0, weeks: 0, days: 0, hours: 6, minutes: 0 };

/** A domain's plan, and what else came of it. */
export interface PlannedDomain {
  readonly plan: DomainPlan;
  /** Restore points of the catalog. */
  readonly past: readonly Point[];
  /** Seconds that each run is expected to take, where that can be told. */
  readonly durations: ReadonlyMap<string, number>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Unrolls the slots into runs of one domain, carrying on from what the inventory says has happened.
 * @param starts when each run gets its turn, in milliseconds; without it each starts when it may
 */
export function planDomain(
  terms: HostTerms,
  prepared: PreparedDomain,
  starts?: ReadonlyMap<string, number>,
): PlannedDomain {
  const { policy, retain } = terms;
  const { history, diagnostics: reading } = historyOf(policy, prepared);
  const { slots, diagnostics } = futureSlots(terms, prepared.domain, history);
  const { runs, figures, durations, left } = unroll(terms, prepared, history, slots, starts);
  return {
    plan: {
      ...settledTerms(terms, prepared),
      found: history.points.map((point) => asFound(point, policy.timezone)),
      figures,
      runs,
      kept: keptPoints(prepared.domain.facts.damaged === undefined ? retain : keepingAll(retain), left),
    },
    past: history.points,
    durations,
    diagnostics: [...reading, ...diagnostics],
  };
}

/** By damage in the repository, what retention would delete stays as well. */
function keepingAll(retain: Retainer): Retainer {
  return (points) =>
    retain(points).map((verdict) =>
      verdict.kept ? verdict : { ...verdict, kept: true, rules: ["a manifest is damaged"] },
    );
}

function historyOf(
  policy: Policy,
  { domain: { facts, origins }, choices, places }: PreparedDomain,
): { history: History; diagnostics: readonly Diagnostic[] } {
  const expectedImage = (target: string, point: string): string | undefined => {
    const choice = choices.find((each) => each.resolved.target === target);
    return choice && places.image(choice, { point, slot: point.slice(-16) }).path;
  };
  return readHistory(policy, facts, expectedImage, places.stream !== undefined, origins.entry);
}

/** What a domain's plan says of all its runs together. */
function settledTerms(
  { policy, diskLevels }: HostTerms,
  prepared: PreparedDomain,
): Omit<DomainPlan, "found" | "figures" | "runs" | "kept"> {
  const { facts, settings } = prepared.domain;
  const { places } = prepared;
  return {
    name: facts.domain.name,
    uuid: facts.domain.uuid,
    directory: directoryOf(facts.domain.name),
    mode: places.mode,
    ...(!diskLevels && { withoutDiskLevels: true }),
    ...(places.server && { server: places.server }),
    ...(places.stream && { stream: places.stream }),
    ...(settings.description !== undefined && { description: settings.description }),
    freeze:
      settings.freeze === true
        ? settings.onFreezeFailure === "continue"
          ? "continue-on-failure"
          : "fail-on-failure"
        : "no",
    onMissingBase: policy.onMissingBase,
    onDrift: policy.onDrift,
    onStopped: policy.onStopped,
    timeLimit: spanSeconds(parseSpan(policy.timeLimit) ?? DEFAULT_LIMIT),
    owners: ownersOf(policy),
    disks: plannedDisks(prepared),
    ...(facts.moved && { moved: facts.moved }),
  };
}

/** Every disk of the domain, and what is decided of it. */
export function plannedDisks({ choices, places }: PreparedDomain): readonly PlannedDisk[] {
  return choices.map((choice) => asPlannedDisk(choice, places.mode));
}

function asFound({ point, time, level, needs }: Point, timezone: string): FoundPoint {
  const { utc, local } = slotAt(time, level, timezone);
  return { point, slot: utc, localTime: local, level, needs };
}

function keptPoints(retain: Retainer, points: readonly Point[]): readonly KeptPoint[] {
  return retain(points).map((verdict, index) => {
    const { point, time, level } = points[index] as Point;
    return {
      point,
      slot: instant(time),
      level,
      reasons: verdict.rules.length > 0 ? verdict.rules : verdict.neededBy.map((name) => `needed by ${name}`),
    };
  });
}

function asPlannedDisk({ disk, leftOut, noCheckpoint, resolved }: DiskChoice, mode: Mode): PlannedDisk {
  const { seclabels, scratchSecret } = resolved.settings;
  return {
    target: disk.target,
    type: disk.type,
    device: disk.device,
    format: disk.format,
    ...(disk.source !== undefined && { source: disk.source }),
    ...(leftOut !== undefined && { leftOut }),
    ...(noCheckpoint !== undefined && { noCheckpoint }),
    ...(leftOut === undefined && seclabels && { seclabels }),
    ...(leftOut === undefined && mode === "pull" && scratchSecret && { scratchSecret }),
  };
}
