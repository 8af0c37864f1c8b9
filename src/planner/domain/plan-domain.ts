import { humanDuration } from "../../diagnostics/amounts.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { DomainPlan, FoundPoint, KeptPoint, PlannedDisk } from "../../plan/plan.js";
import { type Compression, located, type Mode, ownersOf } from "../../policy/policy.js";
import { bandwidthOf, DEFAULT_SETTINGS } from "../../policy/settings.js";
import { spanSeconds } from "../../policy/span.js";
import { instant, type Slot, slotAt } from "../calendar/schedule.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import type { DiskChoice } from "./disks.js";
import { futureSlots } from "./future-slots.js";
import { readHistory } from "./history.js";
import type { History } from "./past.js";
import { type DomainPaths, isStreamed } from "./paths.js";
import type { Point } from "./point.js";
import type { HostTerms, JudgedDomain, PreparedDomain } from "./prepared.js";
import type { Retainer } from "./retain.js";
import { type Durations, type Unrolled, unroll } from "./unroll.js";

/** A domain's plan, and what else came of it. */
export interface PlannedDomain {
  readonly plan: DomainPlan;
  /** Restore points of the catalog. */
  readonly past: readonly Point[];
  readonly durations: Durations;
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
  const { history, slots, diagnostics } = pastOf(terms, prepared.domain, prepared.paths);
  const { runs, figures, durations, outrun, left } = unroll(terms, prepared, history, slots, starts);
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
    diagnostics: [...diagnostics, ...outrunBy(outrun, policy, prepared.domain)],
  };
}

/** A guest that writes faster than its disks are copied. */
function outrunBy(
  { targets, seconds }: Unrolled["outrun"],
  policy: HostTerms["policy"],
  { facts, origins, settings }: ResolvedDomain,
): Diagnostic[] {
  if (targets.length === 0) return [];
  const disks = targets.map((target) => `"${target}"`).join(", ");
  return [
    {
      code: "TM323",
      severity: "warning",
      message: `${targets.length === 1 ? `the scratch file of disk ${disks}` : `the scratch files of disks ${disks}`} of "${facts.domain.name}" may grow to the size of the disk: a run copies for ${humanDuration(seconds)}, and in that time the guest is expected to write as much as the disk holds`,
      hint: `${settings.bandwidth === undefined ? "shorten the run" : "raise bandwidth"}, or keep room for the whole disk where scratch files are`,
      ...located(policy, settings.bandwidth === undefined ? origins.entry : origins.of("bandwidth")),
    },
  ];
}

/** By damage in the repository, what retention would delete stays as well. */
function keepingAll(retain: Retainer): Retainer {
  return (points) =>
    retain(points).map((verdict) =>
      verdict.kept ? verdict : { ...verdict, kept: true, rules: ["a manifest is damaged"] },
    );
}

/**
 * What has happened, and the slots that have not.
 * @param places absent where the domain's settings are not in order, and its past is only checked
 */
export function pastOf(
  terms: Pick<HostTerms, "policy" | "slots">,
  domain: ResolvedDomain,
  paths: DomainPaths | undefined,
): { history: History; slots: readonly Slot[]; diagnostics: readonly Diagnostic[] } {
  const { facts, origins } = domain;
  const isPlanned = (target: string) =>
    paths?.disks.some(({ choice }) => choice.resolved.target === target) === true;
  const { history, diagnostics } = readHistory(
    terms.policy,
    facts,
    isPlanned,
    isStreamed(domain),
    origins.entry,
  );
  const { slots, diagnostics: ofSlots } = futureSlots(terms, domain, history);
  return { history, slots, diagnostics: [...diagnostics, ...ofSlots] };
}

/** `Omit` of each form of a type. */
type OmitEach<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

/** What a domain's plan says of all its runs together. */
function settledTerms(
  { policy, diskLevels }: HostTerms,
  prepared: PreparedDomain,
): OmitEach<DomainPlan, "found" | "figures" | "runs" | "kept"> {
  const { facts, settings } = prepared.domain;
  const { paths } = prepared;
  const bandwidth = bandwidthOf(settings);
  return {
    name: facts.domain.name,
    uuid: facts.domain.uuid,
    directory: directoryOf(facts.domain.name),
    ...(paths.mode === "push"
      ? { mode: paths.mode }
      : { mode: paths.mode, server: paths.server, ...(paths.stream && { stream: paths.stream }) }),
    ...(!diskLevels && { withoutDiskLevels: true }),
    ...(settings.description !== undefined && { description: settings.description }),
    freeze:
      settings.freeze === true
        ? settings.onFreezeFailure === "continue"
          ? "continue-on-failure"
          : "fail-on-failure"
        : "no",
    freezePatience: spanSeconds(settings.freezePatience ?? DEFAULT_SETTINGS.freezePatience),
    ...(bandwidth !== Number.POSITIVE_INFINITY && { bandwidth }),
    onMissingBase: policy.onMissingBase,
    onDrift: policy.onDrift,
    onNewDisk: policy.onNewDisk,
    onStopped: settings.onStopped ?? policy.onStopped,
    timeLimit: spanSeconds(policy.timeLimit),
    owners: ownersOf(policy),
    disks: plannedDisks(prepared, paths),
    ...(facts.domain.outside && { outside: facts.domain.outside }),
    ...(facts.moved && { moved: facts.moved }),
  };
}

/**
 * Every disk of the domain, and what is decided of it.
 * @param paths absent where the domain's settings are not in order
 */
export function plannedDisks({ domain, choices }: JudgedDomain, paths?: DomainPaths): readonly PlannedDisk[] {
  const mode = domain.settings.mode ?? DEFAULT_SETTINGS.mode;
  const compression = new Map(paths?.disks.map((disk) => [disk.choice.resolved.target, disk.compress]));
  return choices.map((choice) => asPlannedDisk(choice, mode, compression.get(choice.resolved.target)));
}

function asFound({ point, time, level, needs, onDemand, pin }: Point, timezone: string): FoundPoint {
  const { utc, local } = slotAt(time, level, timezone);
  return {
    point,
    slot: utc,
    localTime: local,
    level,
    needs,
    ...(onDemand === true && { onDemand }),
    ...(pin && { pin }),
  };
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

function asPlannedDisk(choice: DiskChoice, mode: Mode, compress: Compression | undefined): PlannedDisk {
  const { target, type, device, format, source } = choice.disk;
  const facts = { target, type, device, format, ...(source !== undefined && { source }) };
  if (choice.backup === "none") return { ...facts, leftOut: choice.why };
  const { seclabels, scratchSecret } = choice.resolved.settings;
  return {
    ...facts,
    ...(choice.backup === "whole" && { noCheckpoint: choice.why }),
    ...(compress && { compress }),
    ...(seclabels && { seclabels }),
    ...(mode === "pull" && scratchSecret && { scratchSecret }),
  };
}
