import { isMissing, type Missing } from "../../diagnostics/diagnostic.js";
import type { Figures, Run } from "../../plan/plan.js";
import { afterManifest, afterSteps, type DomainState } from "../../plan/replay.js";
import { instant, type Slot } from "../calendar/schedule.js";
import { jitterOf } from "../fleet/turns.js";
import { type ChainState, chainLimits, foldChains, planRun, startChain } from "./chain.js";
import { dueAfter, stepsOf } from "./due.js";
import { unknownOf } from "./estimate.js";
import { Ledger } from "./ledger.js";
import type { Link } from "./link.js";
import type { History } from "./past.js";
import { POINTS, type Point, pointOf } from "./point.js";
import type { HostTerms, PreparedDomain } from "./prepared.js";
import { ScratchForecast } from "./scratch.js";

/**
 * By restore point, where that can be told: the seconds that its run is expected to take if it starts at an instant, in milliseconds.
 * Its bandwidth may depend on the hour.
 */
export type Durations = ReadonlyMap<string, (start: number) => number>;

/** The runs of one domain, and what they come to. */
export interface Unrolled {
  readonly runs: readonly Run[];
  readonly figures: Figures;
  readonly durations: Durations;
  /** Disks whose scratch files are expected to grow to their size (`ScratchForecast`). */
  readonly outrun: ScratchForecast["outrun"];
  /** Restore points that are there when the horizon ends, oldest first. */
  readonly left: readonly Point[];
}

/**
 * Plans one slot after the other, each over what the runs before it have left.
 * @param starts when each run gets its turn, in milliseconds; without it each starts when it may
 */
export function unroll(
  { policy, retain }: HostTerms,
  { domain, choices, paths, estimate, limits }: PreparedDomain,
  history: History,
  slots: readonly Slot[],
  starts?: ReadonlyMap<string, number>,
): Unrolled {
  const chains = startChain(history, choices, domain.facts.moved);
  const ofChains = chainLimits(policy);
  const keepsFulls = policy.schedule.some((entry) => entry.level === "differential");
  const delay = jitterOf(domain.facts.domain.name, policy.jitter);
  const freeze = domain.settings.freeze === true;
  const ledger = estimate.disks.size === 0 ? undefined : new Ledger(estimate, limits, history.points);
  const isKnown = unknownOf(estimate, domain.facts.domain.name) === undefined;
  const durations = new Map<string, (start: number) => number>();
  let state: DomainState<Point> = { points: history.points, checkpoints: history.ownCheckpoints };
  let imagesToRestore = history.deepest;
  const scratch = new ScratchForecast(estimate);
  let longestRun = 0;
  let checkpointsPerDisk = state.checkpoints.length;
  const runs = slots.map((slot): Run => {
    const run = planRun(policy.name, paths, ofChains, chains, slot);
    const made = afterManifest(state, pointOf(run), run.checkpoint);
    imagesToRestore = Math.max(imagesToRestore, 1, ...[...chains.base.values()].map(depthOf));
    checkpointsPerDisk = Math.max(checkpointsPerDisk, made.checkpoints.length);
    const expected = ledger?.run(run);
    const start = starts?.get(run.point) ?? slot.time + delay;
    if (expected !== undefined && isKnown) {
      durations.set(run.point, expected.seconds);
      const seconds = expected.seconds(start);
      longestRun = Math.max(longestRun, seconds);
      const targets = run.disks.map(({ target }) => target);
      if (paths.mode === "pull") scratch.run(targets, seconds);
    }
    // By a damaged manifest nobody knows what builds on what.
    const due =
      domain.facts.damaged === undefined
        ? dueAfter(retain, policy.consolidate, made, run, keepsFulls ? fullsOf(chains) : [])
        : undefined;
    const steps = stepsOf(run, paths, freeze, due);
    const changes = afterSteps(POINTS, made, steps);
    for (const change of changes) {
      ledger?.follow(change);
      if (change.step.do === "consolidate") foldChains(chains, change.step);
    }
    state = changes.at(-1)?.after ?? made;
    return {
      ...run,
      ...(start > slot.time && { start: instant(start) }),
      ...(expected !== undefined && { copies: expected.bytes }),
      steps,
    };
  });
  const figures = {
    imagesToRestore,
    checkpointsPerDisk,
    ...(ledger && {
      forecast: {
        ...ledger.forecast,
        ...(longestRun > 0 && { longestRun, ...(paths.mode === "pull" && { scratch: scratch.forecast }) }),
      },
    }),
  };
  return { runs, figures, durations, outrun: scratch.outrun, left: state.points };
}

/** Restore points that coming differentials read changes since. */
function fullsOf({ full }: ChainState): readonly string[] {
  return [...full.values()].flatMap((link) => (isMissing(link) ? [] : link.point));
}

/** Where a base is missing, the next image of that disk stands alone. */
function depthOf(link: Link | Missing): number {
  return isMissing(link) ? 1 : link.depth;
}
