import { isLoopback, type Level } from "../policy/policy.js";
import { deletionsOf } from "./lives.js";
import type { DomainPlan, Figures, Plan, PlannedDisk, Run } from "./plan.js";
import { retentionText } from "./retention-text.js";

/** What changes between two plans, by meaning: `schemas/diff.schema.json`. */
export interface PlanDiff {
  readonly formatVersion: "1.0";
  readonly old: PlanName;
  readonly new: PlanName;
  /** Of the plan as a whole: calendar, repository, schedule. */
  readonly settings: readonly SettingChange[];
  /** Those that change, sorted by name. */
  readonly domains: readonly DomainDiff[];
  readonly unchangedDomains: number;
  /** How many changes are dangerous. */
  readonly dangers: number;
}

export interface PlanName {
  readonly policy: string;
  readonly from: string;
  readonly until: string;
}

export interface DomainDiff {
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  /** Changes that can cost data, the worst first. */
  readonly dangers: readonly Danger[];
  readonly settings: readonly SettingChange[];
  readonly disks: readonly DiskChange[];
  /** Runs in the time that both plans cover, and in what the new one adds to it. */
  readonly runs: readonly RunChange[];
  readonly keptLonger: readonly PointChange[];
  readonly figures: readonly SettingChange[];
}

export interface SettingChange {
  readonly setting: string;
  /** null: not set. */
  readonly old: string | number | null;
  readonly new: string | number | null;
}

export type Danger =
  | { readonly kind: "restore-points-lost"; readonly points: readonly PointChange[] }
  | { readonly kind: "domain-dropped" }
  | { readonly kind: "disk-dropped"; readonly target: string; readonly reason: string }
  | { readonly kind: "longer-gap"; readonly old: number; readonly new: number }
  | { readonly kind: "chain-restart"; readonly slots: readonly string[]; readonly reason: string }
  | { readonly kind: "plain-tcp"; readonly address: string };

export interface DiskChange {
  readonly target: string;
  readonly change: "joins" | "leaves" | "changes";
  readonly what: string;
}

/** Runs that change alike, together. */
export interface RunChange {
  readonly change: "appear" | "vanish" | "move" | "change" | "follow";
  /** `incremental`, `02:00 → 03:00`, `vda: incremental → full` … */
  readonly what: string;
  /** Slots, in order; of a move the new ones. */
  readonly slots: readonly string[];
}

/** The run that deletes a restore point in either plan; null: it is kept to the horizon's end. */
export interface PointChange {
  readonly point: string;
  readonly old: string | null;
  readonly new: string | null;
}

/** Compares two plans. What only the passing of time changes, runs that have happened by now, is no change. */
export function diffPlans(before: Plan, after: Plan): PlanDiff {
  const byName = (plan: Plan) => new Map(plan.domains.map((domain) => [domain.name, domain]));
  const [old, now] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => (a < b ? -1 : 1));
  const domains = names.flatMap((name): DomainDiff | [] => {
    const was = old.get(name);
    const is = now.get(name);
    if (was === undefined) return is === undefined ? [] : addedDomain(is);
    if (is === undefined) return droppedDomain(was);
    const diff = diffDomain(was, is, before, after);
    return isEmpty(diff) ? [] : diff;
  });
  return {
    formatVersion: "1.0",
    old: nameOf(before),
    new: nameOf(after),
    settings: planSettings(before, after),
    domains,
    unchangedDomains: names.length - domains.length,
    dangers: domains.reduce((sum, domain) => sum + domain.dangers.length, 0),
  };
}

/** Whether the two plans say the same of the future. */
export function isUnchanged({ settings, domains }: PlanDiff): boolean {
  return settings.length === 0 && domains.length === 0;
}

function nameOf({ policy, horizon }: Plan): PlanName {
  return { policy: policy.name, from: horizon.from, until: horizon.until };
}

function planSettings(before: Plan, after: Plan): SettingChange[] {
  const schedule = ({ schedule: entries }: Plan) =>
    entries
      .map(({ level, at, start, until }) =>
        [level, at.join("; "), start && `from ${start}`, until && `until ${until}`].filter(Boolean).join(" "),
      )
      .join(", ");
  const list = (names: readonly string[]) => names.join(", ") || undefined;
  return changes([
    ["policy", before.policy.name, after.policy.name],
    ["calendar", before.timezone, after.timezone],
    ["repository", before.repository, after.repository],
    ["schedule", schedule(before), schedule(after)],
    ["kept", retentionText(before.retention), retentionText(after.retention)],
    ["domains in no entry", list(before.unplanned), list(after.unplanned)],
  ]);
}

function addedDomain(domain: DomainPlan): DomainDiff {
  return {
    ...NOTHING,
    name: domain.name,
    change: "added",
    dangers: plainTcp(undefined, domain),
    runs: byLevel("appear", domain.runs),
    figures: figuresOf(undefined, domain),
  };
}

function droppedDomain(domain: DomainPlan): DomainDiff {
  return {
    ...NOTHING,
    name: domain.name,
    change: "removed",
    dangers: [{ kind: "domain-dropped" }],
    runs: byLevel("vanish", domain.runs),
    figures: figuresOf(domain, undefined),
  };
}

/** A gap that grows by less is told among the figures: when runs move by an hour, one night is longer. */
const MUCH_LONGER = 1.5;

const NOTHING = { dangers: [], settings: [], disks: [], runs: [], keptLonger: [], figures: [] } as const;

function isEmpty({ dangers, settings, disks, runs, keptLonger }: DomainDiff): boolean {
  return [dangers, settings, disks, runs, keptLonger].every((list) => list.length === 0);
}

function diffDomain(was: DomainPlan, is: DomainPlan, before: Plan, after: Plan): DomainDiff {
  const { lost, longer } = diffLives(was, is, before, after);
  const { runs, restarts } = diffRuns(was, is, before, after);
  const disks = diffDisks(was, is);
  const both = { from: after.horizon.from, until: before.horizon.until };
  const gaps = [longestGap(was, both), longestGap(is, both)] as const;
  const dangers: Danger[] = [
    ...(lost.length > 0 ? [{ kind: "restore-points-lost", points: lost } as const] : []),
    ...disks.flatMap(({ target, change, what }): Danger | [] =>
      change === "leaves" ? { kind: "disk-dropped", target, reason: what } : [],
    ),
    ...(gaps[1] > gaps[0] * MUCH_LONGER ? [{ kind: "longer-gap", old: gaps[0], new: gaps[1] } as const] : []),
    ...restarts,
    ...plainTcp(was, is),
  ];
  return {
    name: is.name,
    change: "changed",
    dangers,
    settings: domainSettings(was, is),
    disks,
    runs,
    keptLonger: longer,
    figures: [...changes([["longest time without a restore point", ...gaps]]), ...figuresOf(was, is)],
  };
}

function domainSettings(was: DomainPlan, is: DomainPlan): SettingChange[] {
  const settings = (domain: DomainPlan): Record<string, string | number | undefined> => ({
    uuid: domain.uuid,
    mode: domain.mode,
    server: domain.server && addressOf(domain),
    send: domain.stream?.send,
    receive: domain.stream?.receive,
    delete: domain.stream?.delete,
    description: domain.description,
    freeze: domain.freeze,
    onMissingBase: domain.onMissingBase,
    onDrift: domain.onDrift,
    onStopped: domain.onStopped,
    timeLimit: `${domain.timeLimit} s`,
    adopt: domain.owners.slice(1).join(", ") || undefined,
  });
  const old = settings(was);
  return changes(Object.entries(settings(is)).map(([setting, value]) => [setting, old[setting], value]));
}

function diffDisks(was: DomainPlan, is: DomainPlan): DiskChange[] {
  const old = new Map(was.disks.map((disk) => [disk.target, disk]));
  const now = new Map(is.disks.map((disk) => [disk.target, disk]));
  const isIn = (disk: PlannedDisk | undefined) => disk !== undefined && disk.leftOut === undefined;
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((target): DiskChange | [] => {
    const [one, other] = [old.get(target), now.get(target)];
    if (isIn(one) && !isIn(other)) {
      return { target, change: "leaves", what: other?.leftOut ?? "the domain no longer has it" };
    }
    if (!isIn(one) && isIn(other)) return { target, change: "joins", what: "it is backed up from now on" };
    if (one === undefined || other === undefined) return [];
    const what = changes([
      ["type", one.type, other.type],
      ["format", one.format, other.format],
      ["source", one.source, other.source],
      ["no checkpoint", one.noCheckpoint, other.noCheckpoint],
    ]);
    return what.length === 0
      ? []
      : { target, change: "changes", what: what.map((each) => `${each.setting} ${arrow(each)}`).join(", ") };
  });
}

/** Deletions in the time that both plans can speak of. */
function diffLives(
  was: DomainPlan,
  is: DomainPlan,
  before: Plan,
  after: Plan,
): { lost: PointChange[]; longer: PointChange[] } {
  const [old, now] = [deletionsOf(was), deletionsOf(is)];
  const known = new Set([...is.found, ...is.runs].map(({ point }) => point));
  const wasThere = new Set(was.found.map(({ point }) => point));
  const lost: PointChange[] = [];
  const longer: PointChange[] = [];
  for (const { point } of [...was.found, ...was.runs]) {
    const oldEnd = old.get(point)?.slot ?? null;
    const newEnd = now.get(point)?.slot ?? null;
    if (!known.has(point)) {
      // A run that has gone from the plan is told of as a run; a restore point that there was has been deleted meanwhile.
      const expected = oldEnd !== null && oldEnd < after.horizon.from;
      if (wasThere.has(point) && !expected) lost.push({ point, old: oldEnd, new: after.horizon.from });
    } else if (newEnd !== null && newEnd < (oldEnd ?? before.horizon.until)) {
      lost.push({ point, old: oldEnd, new: newEnd });
    } else if (oldEnd !== null && oldEnd >= after.horizon.from && (newEnd === null || newEnd > oldEnd)) {
      longer.push({ point, old: oldEnd, new: newEnd });
    }
  }
  return { lost, longer };
}

function diffRuns(
  was: DomainPlan,
  is: DomainPlan,
  before: Plan,
  after: Plan,
): { runs: RunChange[]; restarts: Danger[] } {
  const happened = new Set(is.found.map(({ point }) => point));
  const old = was.runs.filter(({ slot, point }) => slot >= after.horizon.from && !happened.has(point));
  const now = is.runs.filter(({ slot }) => slot < before.horizon.until);
  const oldBySlot = new Map(old.map((run) => [run.slot, run]));
  const newBySlot = new Map(now.map((run) => [run.slot, run]));
  const groups = new Map<string, { change: RunChange["change"]; what: string; slots: string[] }>();
  const add = (change: RunChange["change"], what: string, slot: string) => {
    const group = groups.get(`${change} ${what}`) ?? { change, what, slots: [] };
    groups.set(`${change} ${what}`, group);
    group.slots.push(slot);
  };
  // A run of the same level on the same day, at another time, has moved.
  const vanished = old.filter(({ slot }) => !newBySlot.has(slot));
  const left = new Set(vanished);
  for (const run of now) {
    const same = oldBySlot.get(run.slot);
    if (same !== undefined) {
      for (const what of runChanges(same, run)) add("change", what, run.slot);
      continue;
    }
    const from = vanished.find(
      (each) => left.has(each) && dayOf(each) === dayOf(run) && each.scheduled === run.scheduled,
    );
    if (from === undefined) add("appear", run.level, run.slot);
    else {
      left.delete(from);
      add("move", `${timeOf(from)} → ${timeOf(run)}`, run.slot);
    }
  }
  for (const run of left) add("vanish", run.level, run.slot);
  for (const run of is.runs) if (run.slot >= before.horizon.until) add("follow", run.level, run.slot);

  const restarts = new Map<string, string[]>();
  for (const run of now) {
    const same = oldBySlot.get(run.slot);
    for (const disk of run.disks) {
      const earlier = same?.disks.find(({ target }) => target === disk.target);
      if (
        disk.level === "full" &&
        run.scheduled !== "full" &&
        earlier !== undefined &&
        earlier.level !== "full"
      ) {
        const why = `${disk.target}: ${disk.reason}`;
        restarts.set(why, [...(restarts.get(why) ?? []), run.slot]);
      }
    }
  }
  return {
    runs: [...groups.values()],
    restarts: [...restarts].map(([reason, slots]) => ({ kind: "chain-restart", slots, reason })),
  };
}

/** Names of restore points aside: a base that only bears another name is another run, and that is told of already. */
function runChanges(was: Run, is: Run): string[] {
  const found: string[] = [];
  if (was.scheduled !== is.scheduled) found.push(`${was.scheduled} → ${is.scheduled}`);
  if (was.start !== is.start) found.push("starts at another time");
  for (const disk of is.disks) {
    const old = was.disks.find(({ target }) => target === disk.target);
    if (old === undefined) continue;
    if (old.level !== disk.level) {
      if (was.scheduled === is.scheduled) found.push(`${disk.target}: ${old.level} → ${disk.level}`);
    } else if (old.base !== disk.base) found.push(`${disk.target}: another base`);
    if (old.format !== disk.format) found.push(`${disk.target}: ${old.format} → ${disk.format}`);
    if (folderOf(old.image, was.point) !== folderOf(disk.image, is.point)) {
      found.push(
        `${disk.target}: image ${folderOf(old.image, was.point)} → ${folderOf(disk.image, is.point)}`,
      );
    }
  }
  return found;
}

function folderOf(image: string, point: string): string {
  return image.replaceAll(point, "{point}").replaceAll(point.slice(-16), "{slot}");
}

function byLevel(change: "appear" | "vanish", runs: readonly Run[]): RunChange[] {
  const levels = new Map<Level, string[]>();
  for (const { level, slot } of runs) levels.set(level, [...(levels.get(level) ?? []), slot]);
  return [...levels].map(([level, slots]) => ({ change, what: level, slots }));
}

function plainTcp(was: DomainPlan | undefined, is: DomainPlan): Danger[] {
  const isPlain = (domain: DomainPlan | undefined) =>
    domain?.server?.transport === "tcp" && !domain.server.tls && !isLoopback(domain.server.name);
  return isPlain(is) && !isPlain(was) ? [{ kind: "plain-tcp", address: addressOf(is) }] : [];
}

function addressOf({ server }: DomainPlan): string {
  if (server === undefined) return "";
  return server.transport === "unix"
    ? `unix ${server.socket}`
    : `tcp ${server.name}:${server.port}${server.tls ? " with TLS" : ""}`;
}

/** Protection and cost before and after, those that differ. */
function figuresOf(was: DomainPlan | undefined, is: DomainPlan | undefined): SettingChange[] {
  const figures = (domain: DomainPlan | undefined): readonly (number | undefined)[] => {
    const all: Figures | undefined = domain?.figures;
    return [
      domain?.kept.length,
      all?.imagesToRestore,
      all?.checkpointsPerDisk,
      all?.forecast?.repositoryAtEnd,
      all?.forecast?.repositoryPeak,
      domain && perWeek(domain),
    ];
  };
  const [old, now] = [figures(was), figures(is)];
  return changes(FIGURES.map((name, index) => [name, old[index], now[index]]));
}

/** Restore points, images, checkpoints, and bytes. */
const FIGURES = [
  "restore points at the end",
  "images to restore one",
  "checkpoints on a disk",
  "repository at the end",
  "repository at its peak",
  "copied in a week",
] as const;

function perWeek({ runs, figures }: DomainPlan): number | undefined {
  const [first, last] = [runs[0], runs.at(-1)];
  if (figures.forecast === undefined || first === undefined || last === undefined) return undefined;
  const seconds = (Date.parse(last.slot) - Date.parse(first.slot)) / 1000;
  return seconds === 0
    ? undefined
    : Math.round((figures.forecast.copied / runs.length) * (runs.length - 1) * (604_800 / seconds));
}

/**
 * Seconds without a restore point, at most, within a span of time that both plans cover; none if there is no such span.
 * Runs of that time that have happened are in the catalog by now.
 */
function longestGap(
  { found, runs }: DomainPlan,
  { from, until }: { readonly from: string; readonly until: string },
): number {
  const inside = [...found, ...runs].flatMap(({ slot }) => (slot >= from && slot < until ? slot : []));
  const times = [from, ...inside, until].map((slot) => Date.parse(slot) / 1000);
  return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}

function changes(
  list: readonly (readonly [string, string | number | undefined, string | number | undefined])[],
): SettingChange[] {
  return list.flatMap(([setting, old = null, now = null]) => (old === now ? [] : { setting, old, new: now }));
}

function arrow({ old, new: now }: SettingChange): string {
  return `${old ?? "none"} → ${now ?? "none"}`;
}

function dayOf({ localTime }: Run): string {
  return localTime.slice(0, 10);
}

function timeOf({ localTime }: Run): string {
  return localTime.slice(11, 16);
}
