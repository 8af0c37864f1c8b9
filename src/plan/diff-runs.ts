import type { Level } from "../policy/policy.js";
import { prefixed, runChanges } from "./diff-run.js";
import type { Danger, PointChange, RunChange } from "./difference.js";
import { deletionsOf } from "./lives.js";
import type { DomainPlan, PlanHeader, Run, RunDisk } from "./plan.js";

/** A domain in the old plan and in the new one. */
export interface Pair {
  readonly was: DomainPlan;
  readonly is: DomainPlan;
  readonly before: PlanHeader;
  readonly after: PlanHeader;
  /**
   * The instant from which times without a restore point count: the new plan's beginning, or the last known restore
   * point before it.
   */
  readonly since: string;
}

/**
 * Which run of the new plan belongs to each run of the old one: the run of the same slot, or the run to which it has
 * moved.
 */
export interface Match {
  /** Runs of the old plan in the time of the new one, and runs of the new plan in the time of the old one. */
  readonly old: readonly Run[];
  readonly now: readonly Run[];
  /** By the slot of the new run. */
  readonly earlier: ReadonlyMap<string, Run>;
  /** Slots and restore points, from old to new. */
  readonly slots: ReadonlyMap<string, string>;
  readonly points: ReadonlyMap<string, string>;
}

export function matchRuns({ was, is, before, after }: Pair): Match {
  const happened = new Set(is.found.map(({ point }) => point));
  const old = was.runs.filter(({ slot, point }) => slot >= after.horizon.from && !happened.has(point));
  const now = is.runs.filter(({ slot }) => slot < before.horizon.until);
  const oldBySlot = new Map(old.map((run) => [run.slot, run]));
  const newSlots = new Set(now.map(({ slot }) => slot));
  const vanished = new Map<string, Run[]>();
  for (const run of old) {
    if (newSlots.has(run.slot)) continue;
    const key = dayKey(run, 0);
    vanished.set(key, [...(vanished.get(key) ?? []), run]);
  }
  const earlier = new Map<string, Run>();
  for (const run of now) {
    const from = oldBySlot.get(run.slot) ?? takeNearest(run, vanished);
    if (from !== undefined) earlier.set(run.slot, from);
  }
  const matched = now.flatMap((run) => {
    const from = earlier.get(run.slot);
    return from === undefined ? [] : [[from, run] as const];
  });
  return {
    old,
    now,
    earlier,
    slots: new Map(matched.map(([from, run]) => [from.slot, run.slot])),
    points: new Map(matched.map(([from, run]) => [from.point, run.point])),
  };
}

const HALF_A_DAY = 12 * 3600 * 1000;

/** A run has moved if there is one of the same level at another time on the same day, or half a day away. */
function takeNearest(run: Run, vanished: ReadonlyMap<string, Run[]>): Run | undefined {
  const distance = (each: Run) => Math.abs(Date.parse(each.slot) - Date.parse(run.slot));
  const near = [0, -1, 1].flatMap((days) =>
    (vanished.get(dayKey(run, days)) ?? []).filter((each) => days === 0 || distance(each) < HALF_A_DAY),
  );
  const [first, ...others] = near;
  if (first === undefined) return undefined;
  const nearest = others.reduce((best, each) => (distance(each) < distance(best) ? each : best), first);
  const day = vanished.get(dayKey(nearest, 0));
  day?.splice(day.indexOf(nearest), 1);
  return nearest;
}

/** The level and calendar day of a run, or of a day near it. */
function dayKey({ localTime, scheduled }: Run, days: number): string {
  const day = new Date(`${localTime.slice(0, 10)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return `${scheduled} ${day.toISOString().slice(0, 10)}`;
}

/** Deletions in the time that both plans cover. A restore point whose run moves is the same restore point. */
export function diffLives(
  { was, is, before, after }: Pair,
  { slots, points }: Match,
): { lost: PointChange[]; longer: PointChange[]; forgotten: string[] } {
  const [old, now] = [deletionsOf(was), deletionsOf(is)];
  const isThere = new Set(is.found.map(({ point }) => point));
  const wasThere = new Set(was.found.map(({ point }) => point));
  const known = new Set([...is.found, ...is.runs].map(({ point }) => point));
  const lost: PointChange[] = [];
  const longer: PointChange[] = [];
  const forgotten: string[] = [];
  for (const { point: oldName } of [...was.found, ...was.runs]) {
    const point = points.get(oldName) ?? oldName;
    const oldEnd = old.get(oldName)?.slot ?? null;
    const deletion = now.get(point);
    const newEnd = deletion?.slot ?? null;
    // The run that deletes it may have moved as well.
    const expected = oldEnd === null ? null : (slots.get(oldEnd) ?? oldEnd);
    const change = {
      point,
      old: oldEnd,
      new: newEnd,
      ...(deletion?.foldedInto !== undefined && { foldedInto: deletion.foldedInto }),
    };
    if (wasThere.has(oldName) ? !isThere.has(oldName) : !known.has(point)) {
      // A removed run is shown as a run; a restore point of the old catalog may be deleted by now.
      if (wasThere.has(oldName) && (oldEnd === null || oldEnd >= after.horizon.from)) forgotten.push(oldName);
    } else if (newEnd !== null && newEnd < (expected ?? before.horizon.until)) {
      lost.push(change);
    } else if (
      oldEnd !== null &&
      expected !== null &&
      oldEnd >= after.horizon.from &&
      (newEnd === null ? oldEnd < after.horizon.until : newEnd > expected)
    ) {
      longer.push(change);
    }
  }
  // Restore points of a policy that is adopted now existed before, and the old plan did not delete them.
  const formerPoints = new Set([...was.found, ...was.runs].map(({ point }) => points.get(point) ?? point));
  for (const { point } of is.found) {
    const end = now.get(point);
    if (formerPoints.has(point) || end === undefined || end.slot >= before.horizon.until) continue;
    lost.push({
      point,
      old: null,
      new: end.slot,
      ...(end.foldedInto !== undefined && { foldedInto: end.foldedInto }),
    });
  }
  return { lost, longer, forgotten };
}

/** Gathers runs that change alike. */
function gathering(): {
  runs: () => RunChange[];
  add: (change: RunChange["change"], what: string, slot: string) => void;
} {
  const groups = new Map<string, { change: RunChange["change"]; what: string; slots: string[] }>();
  return {
    runs: () => [...groups.values()],
    add: (change, what, slot) => {
      const group = groups.get(`${change} ${what}`) ?? { change, what, slots: [] };
      groups.set(`${change} ${what}`, group);
      group.slots.push(slot);
    },
  };
}

/** Changes that follow from other keys of the plan, for a domain that shows no other change. */
export function derivedChanges(pair: Pair, { now, earlier, points }: Match): RunChange[] {
  const { runs, add } = gathering();
  for (const run of now) {
    const from = earlier.get(run.slot);
    if (from === undefined) continue;
    for (const what of runChanges(from, run, [], { ...pair, points }, "derived"))
      add("change", what, run.slot);
  }
  return runs();
}

export function diffRuns(
  pair: Pair,
  { old, now, earlier, slots, points }: Match,
): { runs: RunChange[]; restarts: Danger[] } {
  const { is, before, after } = pair;
  const { runs, add } = gathering();
  const restarts = new Map<string, string[]>();
  for (const run of now) {
    const from = earlier.get(run.slot);
    if (from === undefined) {
      add("appear", run.level, run.slot);
      continue;
    }
    if (from.slot !== run.slot) add("move", moveOf(from, run), run.slot);
    const restarted = run.disks.filter((disk) => isRestart(disk, run, from, is));
    for (const what of runChanges(from, run, restarted, { ...pair, points }, "direct"))
      add("change", what, run.slot);
    for (const reason of new Set(restarted.map((disk) => disk.reason))) {
      const why = prefixed(
        restarted.filter((disk) => disk.reason === reason).map(({ target }) => target),
        run,
        reason,
      );
      restarts.set(why, [...(restarts.get(why) ?? []), run.slot]);
    }
  }
  for (const run of old) {
    if (slots.has(run.slot)) continue;
    const past = run.slot >= after.horizon.until ? `${run.level}, past the new plan's end` : run.level;
    add("vanish", past, run.slot);
  }
  for (const run of is.runs) if (run.slot >= before.horizon.until) add("follow", run.level, run.slot);
  return {
    runs: runs(),
    restarts: [...restarts].map(([reason, when]) => ({ kind: "chain-restart", slots: when, reason })),
  };
}

export function byLevel(change: "appear" | "vanish", runs: readonly Run[]): RunChange[] {
  const levels = new Map<Level, string[]>();
  for (const { level, slot } of runs) levels.set(level, [...(levels.get(level) ?? []), slot]);
  return [...levels].map(([level, slots]) => ({ change, what: level, slots }));
}

/** Whether a disk with checkpoints has a full, although the schedule asks for less and the old plan had less. */
function isRestart(disk: RunDisk, run: Run, from: Run, { disks }: DomainPlan): boolean {
  const old = from.disks.find(({ target }) => target === disk.target);
  return (
    disk.level === "full" &&
    run.scheduled !== "full" &&
    old !== undefined &&
    old.level !== "full" &&
    disks.find(({ target }) => target === disk.target)?.noCheckpoint === undefined
  );
}

/** `02:00 → 03:30`; with the offset from UTC if the clocks show the same time. */
function moveOf({ localTime: from }: Run, { localTime: to }: Run): string {
  const [old, now] = [from.slice(11, 16), to.slice(11, 16)];
  return old === now ? `${old}${from.slice(19)} → ${now}${to.slice(19)}` : `${old} → ${now}`;
}
