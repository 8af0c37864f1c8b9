import { isDeepStrictEqual } from "node:util";
import { asked, type Decisions, derived, notShown, type Round, shown, within } from "./decisions.js";
import type { DomainPlan, PlanHeader, Run, RunDisk, Step } from "./plan.js";

/** The two plans that the old run and the new run are from. */
export interface RunContext {
  readonly was: DomainPlan;
  readonly is: DomainPlan;
  readonly before: PlanHeader;
  readonly after: PlanHeader;
  /** The names of restore points of the old plan's runs in the new one. */
  readonly points: ReadonlyMap<string, string>;
}

/** A run of the old plan, and the run of the new plan that it became. */
interface RunPair extends RunContext {
  readonly old: Run;
  readonly now: Run;
  /** Disks whose chains begin anew, which is shown as a danger. */
  readonly restarted: readonly RunDisk[];
}

type RunComparison = (pair: RunPair, round: Round) => readonly string[];
type RunDiskComparison = (old: RunDisk, now: RunDisk, pair: RunPair, round: Round) => readonly string[];

const RUN: Decisions<Run, RunComparison> = {
  slot: notShown("a run at another slot has moved, which is shown with all runs that move alike"),
  localTime: derived(({ old, now, before, after }) =>
    before.timezone === after.timezone && old.slot === now.slot && old.localTime !== now.localTime
      ? [`the clocks show ${now.localTime} then, not ${old.localTime}`]
      : [],
  ),
  scheduled: shown(({ old, now }) =>
    old.scheduled === now.scheduled ? [] : [`${old.scheduled} → ${now.scheduled}`],
  ),
  // A run that keeps its delay after the slot has not changed.
  start: shown(({ old, now }) => {
    const delay = ({ slot, start = slot }: Run) => Date.parse(start) - Date.parse(slot);
    return delay(old) === delay(now) ? [] : ["starts at another time"];
  }),
  copies: notShown("what is expected to be copied is an estimate; the figures have the sum"),
  level: derived(({ old, now }) => (old.level === now.level ? [] : [`${old.level} → ${now.level}`])),
  point: derived(({ old, now, before, after }) =>
    before.policy.name === after.policy.name && old.slot === now.slot && old.point !== now.point
      ? [`the restore point is called ${now.point}, not ${old.point}`]
      : [],
  ),
  checkpoint: derived(({ old, now }) =>
    old.checkpoint === now.checkpoint ? [] : [now.checkpoint ? "it makes a checkpoint" : "no checkpoint"],
  ),
  disks: within((pair, round) => {
    const ofDisks = diskChanges(pair, round);
    const targets = ({ disks }: Run) => disks.map(({ target }) => target).join(", ");
    const [old, now] = [targets(pair.old), targets(pair.now)];
    return round === "direct" || old === now ? ofDisks : [...ofDisks, `disks ${now}, not ${old}`];
  }),
  steps: derived(({ old, now, points }) =>
    isDeepStrictEqual(renamed(old.steps, points), now.steps) ? [] : [stepsText(old, now, points)],
  ),
};

const DISK: Decisions<RunDisk, RunDiskComparison> = {
  target: notShown("disks are matched by it"),
  level: shown((old, now, pair) =>
    old.level !== now.level && pair.old.scheduled === pair.now.scheduled && !pair.restarted.includes(now)
      ? [`${old.level} → ${now.level}`]
      : [],
  ),
  base: shown((old, now, { points }) => {
    const base = old.base === null ? null : (points.get(old.base) ?? old.base);
    return old.level === now.level && base !== now.base ? ["another base"] : [];
  }),
  reason: derived((old, now) => (old.reason === now.reason ? [] : [`for another reason: ${now.reason}`])),
  bitmap: derived((old, now) =>
    old.bitmap === now.bitmap ? [] : [now.bitmap ? "the checkpoint covers it" : "no checkpoint covers it"],
  ),
  format: shown((old, now) => (old.format === now.format ? [] : [`${old.format} → ${now.format}`])),
  image: shown((old, now, pair) => elsewhere("images", old.image, now.image, now.target, pair)),
  imageType: shown((old, now) =>
    old.imageType === now.imageType ? [] : [`images are ${KIND[now.imageType]}, not ${KIND[old.imageType]}`],
  ),
  pull: within((old, now, pair, round) => {
    if (old.pull !== undefined && now.pull !== undefined) {
      const pulls = { old: old.pull, now: now.pull, target: now.target, pair };
      return asked(PULL, round).flatMap((compare) => compare(pulls));
    }
    return round === "direct" || old.pull === now.pull ? [] : ["another mode"];
  }),
};

type Pull = NonNullable<RunDisk["pull"]>;
type PullComparison = (pulls: {
  readonly old: Pull;
  readonly now: Pull;
  readonly target: string;
  readonly pair: RunPair;
}) => readonly string[];

const PULL: Decisions<Pull, PullComparison> = {
  scratch: shown(({ old, now, target, pair }) =>
    elsewhere("scratch files", old.scratch, now.scratch, target, pair),
  ),
  scratchType: shown(({ old, now }) =>
    old.scratchType === now.scratchType
      ? []
      : [`scratch files are ${KIND[now.scratchType]}, not ${KIND[old.scratchType]}`],
  ),
  exportName: shown(({ old, now }) =>
    old.exportName === now.exportName ? [] : [`exported as ${now.exportName}, not ${old.exportName}`],
  ),
  // A full exports no bitmap, and its level is shown already.
  exportBitmap: shown(({ old: { exportBitmap: old }, now: { exportBitmap: now } }) =>
    old === undefined || now === undefined || old === now
      ? []
      : [`its bitmap exported as ${now}, not ${old}`],
  ),
};

const KIND = { file: "files", block: "block devices" } as const;

/** What a run does otherwise than the one it was, disks that change alike together; chains that begin anew aside. */
export function runChanges(
  old: Run,
  now: Run,
  restarted: readonly RunDisk[],
  context: RunContext,
  round: Round,
): string[] {
  const pair: RunPair = { ...context, old, now, restarted };
  return asked(RUN, round).flatMap((compare) => compare(pair, round));
}

function diskChanges(pair: RunPair, round: Round): string[] {
  const before = new Map(pair.old.disks.map((disk) => [disk.target, disk]));
  const targets = new Map<string, string[]>();
  for (const now of pair.now.disks) {
    const old = before.get(now.target);
    // A disk that is new in all runs is told as the domain's.
    if (old === undefined) continue;
    for (const what of asked(DISK, round).flatMap((compare) => compare(old, now, pair, round)))
      targets.set(what, [...(targets.get(what) ?? []), now.target]);
  }
  return [...targets].map(([what, those]) => prefixed(those, pair.now, what));
}

/** Names the disks, unless they are all disks of the run. */
export function prefixed(targets: readonly string[], { disks }: Run, what: string): string {
  return targets.length === disks.length ? what : `${targets.join(", ")}: ${what}`;
}

function elsewhere(
  what: string,
  path: string,
  newPath: string,
  target: string,
  { old, now, was, is, before, after }: RunPair,
): string[] {
  const place = placeOf(path, target, old, before, was);
  const newPlace = placeOf(newPath, target, now, after, is);
  return place === newPlace ? [] : [`${what} go to ${newPlace}, not ${place}`];
}

/** The path of an image or scratch file, without the parts that differ between runs, disks and domains. */
function placeOf(
  path: string,
  target: string,
  { point }: Run,
  { repository }: PlanHeader,
  { directory }: DomainPlan,
): string {
  const below = path.startsWith(`${repository}/`) ? `{repository}${path.slice(repository.length)}` : path;
  return below
    .replaceAll(point, "{point}")
    .replaceAll(point.slice(-16), "{slot}")
    .replace(`/${directory}/`, "/{domain}/")
    .replace(`/${directory}-${target}.`, "/{domain}-{disk}.")
    .replace(`/${target}.`, "/{disk}.");
}

/** Steps of the old plan with the restore points' names in the new one. */
function renamed(steps: readonly Step[], points: ReadonlyMap<string, string>): readonly Step[] {
  const name = (point: string) => points.get(point) ?? point;
  const names = (list: readonly string[]) => list.map(name);
  return steps.map((step): Step => {
    switch (step.do) {
      case "retire-checkpoints":
        return { ...step, delete: names(step.delete), keep: names(step.keep) };
      case "consolidate":
        return { ...step, into: name(step.into), of: names(step.of), becauseOf: names(step.becauseOf) };
      case "prune":
        return { ...step, points: names(step.points), becauseOf: names(step.becauseOf) };
      default:
        return step;
    }
  });
}

/** Names the steps that differ. */
function stepsText(old: Run, now: Run, points: ReadonlyMap<string, string>): string {
  const before = renamed(old.steps, points);
  const isIn = (steps: readonly Step[], step: Step) => steps.some((each) => isDeepStrictEqual(each, step));
  const differing = [
    ...now.steps.filter((step) => !isIn(before, step)),
    ...before.filter((step) => !isIn(now.steps, step)),
  ];
  return `other steps: ${[...new Set(differing.map((step) => step.do))].join(", ") || "in another order"}`;
}
