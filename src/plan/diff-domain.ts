import { isLoopback } from "../policy/policy.js";
import { byLevel, diffLives, diffRuns, matchRuns, type Pair } from "./diff-runs.js";
import { changes, type Danger, type DiskChange, type DomainDiff, type SettingChange } from "./difference.js";
import { type DomainPlan, domainLabel, type Figures, type PlanHeader, type PlannedDisk } from "./plan.js";
import { weakenedSettings } from "./protection.js";

/** A gap that grows by less is told among the figures: when runs move by an hour, one night is longer. */
const MUCH_LONGER = 1.5;

const NOTHING = { dangers: [], settings: [], disks: [], runs: [], keptLonger: [], figures: [] } as const;

export function addedDomain(domain: DomainPlan): DomainDiff {
  return {
    ...NOTHING,
    ...whoOf(domain),
    change: "added",
    dangers: [...domain.disks.flatMap(leftOut), ...plainTcp(undefined, domain)],
    runs: byLevel("appear", domain.runs),
    figures: figuresOf(undefined, domain),
  };
}

export function droppedDomain(domain: DomainPlan, after: PlanHeader): DomainDiff {
  const reason = after.unplanned.includes(domainLabel(domain.name, domain.host))
    ? "no entry of the policy names it"
    : "the inventory does not have it";
  return {
    ...NOTHING,
    ...whoOf(domain),
    change: "removed",
    dangers: [{ kind: "domain-dropped", reason, points: domain.found.length }],
    runs: byLevel("vanish", domain.runs),
  };
}

function whoOf({ name, host }: DomainPlan): Pick<DomainDiff, "name" | "host"> {
  return { name, ...(host !== undefined && { host }) };
}

export function isEmpty({ dangers, settings, disks, runs, keptLonger }: DomainDiff): boolean {
  return [dangers, settings, disks, runs, keptLonger].every((list) => list.length === 0);
}

export function diffDomain(pair: Pair): DomainDiff {
  const { was, is, before, after, since } = pair;
  const match = matchRuns(pair);
  const { lost, longer, forgotten } = diffLives(pair, match);
  const { runs, restarts } = diffRuns(pair, match);
  const { disks, dangers: ofDisks } = diffDisks(was, is);
  const until = before.horizon.until < after.horizon.until ? before.horizon.until : after.horizon.until;
  const both = { from: since, until };
  const gaps = [longestGap(was, both), longestGap(is, both)] as const;
  const weakened = weakenedSettings(was, is);
  const dangers: Danger[] = [
    ...ofDisks,
    ...(lost.length > 0 ? [{ kind: "restore-points-lost", points: lost } as const] : []),
    ...(forgotten.length > 0
      ? [{ kind: "restore-points-forgotten", points: forgotten, reason: forgottenBecause(was, is) } as const]
      : []),
    ...(was.uuid === is.uuid ? [] : [{ kind: "another-machine", old: was.uuid, new: is.uuid } as const]),
    ...weakened.map((each) => ({ kind: "weakened", ...each }) as const),
    ...(gaps[1] > gaps[0] * MUCH_LONGER ? [{ kind: "longer-gap", old: gaps[0], new: gaps[1] } as const] : []),
    ...restarts,
    ...plainTcp(was, is),
  ];
  return {
    ...whoOf(is),
    change: "changed",
    dangers,
    settings: domainSettings(was, is).filter((each) =>
      weakened.every(({ setting }) => setting !== each.setting),
    ),
    disks,
    runs,
    keptLonger: longer,
    figures: [...changes([["longest time without a restore point", ...gaps]]), ...figuresOf(was, is)],
  };
}

function forgottenBecause(was: DomainPlan, is: DomainPlan): string {
  const [owner = ""] = was.owners;
  if (was.name !== is.name) return `they are in the folder of the domain's old name, "${was.name}"`;
  return is.owners.includes(owner)
    ? "the catalog no longer has them"
    : `they are of the policy "${owner}", which the new one does not adopt`;
}

function domainSettings(was: DomainPlan, is: DomainPlan): SettingChange[] {
  const settings = (domain: DomainPlan): Record<string, string | number | undefined> => ({
    host: domain.host,
    // Of one machine; elsewhere those of one name are compared.
    name: domain.name,
    mode: domain.mode,
    server: domain.server && addressOf(domain),
    "stream send": domain.stream?.send,
    "stream receive": domain.stream?.receive,
    "stream delete": domain.stream?.delete,
    description: domain.description,
    freeze: domain.freeze,
    onMissingBase: domain.onMissingBase,
    onDrift: domain.onDrift,
    onStopped: domain.onStopped,
    timeLimit: domain.timeLimit,
    adopt: domain.owners.slice(1).join(", ") || undefined,
  });
  const old = settings(was);
  return changes(Object.entries(settings(is)).map(([setting, value]) => [setting, old[setting], value]));
}

function diffDisks(was: DomainPlan, is: DomainPlan): { disks: DiskChange[]; dangers: Danger[] } {
  const old = new Map(was.disks.map((disk) => [disk.target, disk]));
  const now = new Map(is.disks.map((disk) => [disk.target, disk]));
  const isIn = (disk: PlannedDisk | undefined) => disk !== undefined && disk.leftOut === undefined;
  const disks: DiskChange[] = [];
  const dropped: Danger[] = [];
  const others: Danger[] = [];
  for (const target of new Set([...old.keys(), ...now.keys()])) {
    const [one, other] = [old.get(target), now.get(target)];
    if (isIn(one) && !isIn(other)) {
      const reason = other?.leftOut ?? "the domain no longer has it";
      dropped.push({ kind: "disk-dropped", target, reason });
      disks.push({ target, change: "leaves", what: reason });
    } else if (one === undefined && other !== undefined && !isIn(other)) {
      dropped.push(...leftOut(other));
    } else if (!isIn(one) && isIn(other)) {
      disks.push({ target, change: "joins", what: "backed up from now on" });
    } else if (one !== undefined && other !== undefined && isIn(other)) {
      if (one.source !== undefined && other.source !== undefined && one.source !== other.source)
        others.push({ kind: "disk-replaced", target, old: one.source, new: other.source });
      if (one.scratchSecret !== undefined && other.scratchSecret === undefined && is.mode === "pull")
        others.push({ kind: "plain-scratch", target });
      const what = changes([
        ["type", one.type, other.type],
        ["format", one.format, other.format],
        ["scratchSecret", secretOf(one), secretOf(other)],
        ["seclabels", labelsOf(one), labelsOf(other)],
      ]).map((each) => `${each.setting} ${each.old ?? "none"} → ${each.new ?? "none"}`);
      if ((one.noCheckpoint === undefined) !== (other.noCheckpoint === undefined)) {
        what.push(
          other.noCheckpoint === undefined
            ? "covered by checkpoints from now on"
            : `a full in each run from now on: ${other.noCheckpoint}`,
        );
      }
      if (what.length > 0) disks.push({ target, change: "changes", what: what.join(", ") });
    }
  }
  return { disks, dangers: [...dropped, ...others] };
}

function secretOf({ scratchSecret: secret }: PlannedDisk): string | undefined {
  return secret && ("usage" in secret ? secret.usage : secret.uuid);
}

function labelsOf({ seclabels }: PlannedDisk): string | undefined {
  return seclabels
    ?.map((each) => ("label" in each ? `${each.model} ${each.label}` : `${each.model}, not relabelled`))
    .join("; ");
}

/** Of a disk that is new. Empty drives and images that nobody writes to are no loss. */
function leftOut({ target, device, leftOut: reason }: PlannedDisk): Danger[] {
  return reason === undefined || device !== "disk" ? [] : [{ kind: "disk-left-out", target, reason }];
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
function figuresOf(was: DomainPlan | undefined, is: DomainPlan): SettingChange[] {
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
