import { plural } from "../../diagnostics/amounts.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { Move } from "../../inventory/inventory.js";
import type { Fold } from "../../plan/fold.js";
import type { DomainPlan, FoundPoint, KeptPoint, PlannedDisk, Run, Step } from "../../plan/plan.js";
import { type Mode, ownersOf, placed } from "../../policy/policy.js";
import { parseSpan, spanSeconds } from "../../policy/span.js";
import { instant, type Slot, slotAt } from "../calendar/schedule.js";
import { checkRuns } from "../check.js";
import type { Prepared, PreparedDomain } from "../compile.js";
import { jitterOf } from "../fleet/turns.js";
import { chainLimits, foldChains, type PlannedRun, planRun, startChain } from "./chain.js";
import type { DiskChoice } from "./disks.js";
import { fold, needsOf } from "./fold.js";
import { type History, type Link, type Point, readHistory } from "./history.js";
import { Ledger } from "./ledger.js";
import type { Retainer } from "./retain.js";

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
  prepared: Prepared,
  { domain, choices, places, estimate, sound }: PreparedDomain,
  starts?: ReadonlyMap<string, number>,
): PlannedDomain {
  const { policy, retain } = prepared;
  const { facts, settings, origins } = domain;
  const { history, diagnostics: reading } = readHistory(
    policy,
    facts,
    (target, point) => {
      const choice = choices.find((each) => each.resolved.target === target);
      return choice && places.image(choice, { point, slot: point.slice(-16) }).path;
    },
    places.stream !== undefined,
    origins.entry,
  );
  const { slots, diagnostics } = futureSlots(
    prepared,
    domain.origins.entry,
    facts.domain.name,
    { ...history, ...newestOf(history, facts.moved) },
    facts.catalog !== undefined,
  );

  const state = startChain(history, choices, facts.moved);
  const limits = chainLimits(policy);
  const keepsFulls = policy.schedule.some((entry) => entry.level === "differential");
  let points: readonly Point[] = history.points;
  let checkpoints: readonly string[] = history.ownCheckpoints;
  const delay = jitterOf(facts.domain.name, policy.jitter);
  const ledger = "unknown" in estimate ? undefined : new Ledger(estimate, history.points.map(withSizes));
  const durations = new Map<string, number>();
  let imagesToRestore = history.deepest;
  let checkpointsPerDisk = checkpoints.length;
  const runs = slots.map((slot): Run => {
    const run = planRun(policy.name, choices, places, limits, state, slot);
    const bases = keepsFulls
      ? [...state.full.values()].flatMap((link) => ("missing" in link ? [] : link.point))
      : [];
    const keep = run.checkpoint ? [...new Set([...bases, run.point])].sort() : [];
    const retired = checkpoints.filter((name) => !keep.includes(name));
    imagesToRestore = Math.max(imagesToRestore, 1, ...[...state.base.values()].map(depthOf));
    checkpointsPerDisk = Math.max(checkpointsPerDisk, checkpoints.length + (run.checkpoint ? 1 : 0));
    const there = [...points, asPoint(run)];
    const pruned = prune(retain, policy.consolidate, there);
    const expected = ledger?.run(run);
    if (expected !== undefined) durations.set(run.point, expected.seconds);
    for (const each of pruned.folds) {
      ledger?.fold(there, each);
      foldChains(state, each);
    }
    ledger?.delete(pruned.points);
    const start = starts?.get(run.point) ?? slot.time + delay;
    const freeze = settings.freeze === true;
    const steps: Step[] = [
      { do: "check-host" },
      { do: "create-images" },
      ...(freeze ? [{ do: "freeze" } as const] : []),
      { do: "begin", fallback: run.level !== "full" },
      ...(freeze ? [{ do: "thaw" } as const] : []),
      { do: places.mode === "push" ? "wait" : "copy" },
      { do: "verify" },
      { do: "write-manifest" },
      ...(run.checkpoint || retired.length > 0
        ? [{ do: "retire-checkpoints", delete: retired, keep } as const]
        : []),
      ...pruned.folds.map((each) => ({ do: "consolidate", ...each, becauseOf: pruned.becauseOf }) as const),
      ...(pruned.points.length > 0
        ? [{ do: "prune", points: pruned.points, becauseOf: pruned.becauseOf } as const]
        : []),
    ];
    points = pruned.left;
    checkpoints = keep;
    return {
      ...run,
      ...(start > slot.time && { start: instant(start) }),
      ...(expected !== undefined && { copies: expected.bytes }),
      directory: `${slot.compact}-${run.level}`,
      steps,
    };
  });

  const plan: DomainPlan = {
    name: facts.domain.name,
    uuid: facts.domain.uuid,
    directory: directoryOf(facts.domain.name),
    mode: places.mode,
    ...(!prepared.diskLevels && { withoutDiskLevels: true }),
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
    disks: choices.map((choice) => asPlannedDisk(choice, places.mode)),
    ...(facts.moved && { moved: facts.moved }),
    found: history.points.map((point) => asFound(point, policy.timezone)),
    figures: { imagesToRestore, checkpointsPerDisk, ...(ledger && { forecast: ledger.forecast }) },
    runs,
    kept: keptPoints(retain, points),
  };
  return {
    plan,
    past: history.points,
    durations,
    diagnostics: [...reading, ...diagnostics, ...(sound ? checkRuns(policy, domain, plan) : [])],
  };
}

function withSizes({ point, time, disks }: Point): {
  point: string;
  time: number;
  sizes: Map<string, number>;
} {
  return { point, time, sizes: new Map(disks.map(({ target, size = 0 }) => [target, size])) };
}

/** A base that is missing is behind us: the next image of that disk stands alone. */
function depthOf(link: Link | { readonly missing: string }): number {
  return "missing" in link ? 1 : link.depth;
}

/** Runs that another host has made have happened, though their restore points may not be seen from here. */
function newestOf({ newest }: History, moved: Move | undefined): Pick<History, "newest"> {
  if (moved === undefined) return newest === undefined ? {} : { newest };
  return { newest: Math.max(newest ?? 0, Date.parse(moved.last)) };
}

/** Slots that have not happened; a slot whose restore point is in the catalog, or that lies before one, has. */
function futureSlots(
  prepared: Prepared,
  entry: string,
  name: string,
  history: History,
  hasCatalog: boolean,
): { slots: readonly Slot[]; diagnostics: readonly Diagnostic[] } {
  const { policy } = prepared;
  const verified = new Set(history.points.map(({ point }) => point));
  const diagnostics: Diagnostic[] = [];
  const newest = history.newest ?? Number.NEGATIVE_INFINITY;
  const slots = prepared.slots.filter((slot) => slot.time > newest);
  // What a catalog does not tell of among slots that are past, as where a run was not undone yet, no run of this plan makes.
  for (const slot of hasCatalog ? slots : prepared.slots) {
    const point = `${policy.name}-${slot.compact}`;
    if (history.ownCheckpoints.includes(point) && !verified.has(point)) {
      diagnostics.push({
        code: "TM304",
        severity: "error",
        message: `the run of "${name}" at ${slot.utc} would make the checkpoint ${point}, which the domain has already`,
        hint: hasCatalog
          ? `no manifest says that this run was verified: delete it (virsh checkpoint-delete), or begin the horizon later (--from)`
          : `begin the horizon after it (--from), or add the catalog to the inventory if that run has happened`,
        ...placed(policy, entry),
      });
    }
  }
  const missed = prepared.slots.length - slots.length;
  if (missed > 0) {
    diagnostics.push({
      code: "TM305",
      severity: hasCatalog ? "info" : "error",
      message: `${missed} ${plural(missed, "slot")} of "${name}" up to ${instant(newest)} lie before its newest run and are not planned`,
      hint: hasCatalog
        ? "this is normal when a plan is compiled again within its horizon"
        : "begin the horizon after it (--from), or add the catalog to the inventory",
      ...placed(policy, entry),
    });
  }
  return { slots, diagnostics };
}

/** The restore point that a run leaves. */
export function asPoint(run: PlannedRun): Point {
  return {
    point: run.point,
    time: Date.parse(run.slot),
    level: run.level,
    needs: needsOf(run.disks),
    disks: run.disks,
  };
}

/** What goes after a run. Newest first, so that a prune that is cut short leaves chains that can be used. */
function prune(
  retain: Retainer,
  consolidate: boolean,
  points: readonly Point[],
): {
  folds: readonly Fold[];
  points: readonly string[];
  becauseOf: readonly string[];
  left: readonly Point[];
} {
  const verdicts = retain(points);
  const { folds, left } = consolidate ? fold(points, verdicts) : { folds: [], left: points };
  const kept = new Set(verdicts.flatMap((verdict) => (verdict.kept ? verdict.point : [])));
  for (const { of } of folds) for (const point of of) kept.delete(point);
  return {
    folds,
    points: points.flatMap(({ point }) => (kept.has(point) ? [] : point)).reverse(),
    becauseOf: verdicts.flatMap((verdict) => (verdict.rules.length > 0 ? verdict.point : [])),
    left: left.filter(({ point }) => kept.has(point)),
  };
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
