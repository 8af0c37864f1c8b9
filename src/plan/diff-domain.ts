import { isLoopback } from "../policy/policy.js";
import { bandwidthText } from "./bandwidth-text.js";
import { asked, type Decisions, derived, notShown, type Round, shown, within } from "./decisions.js";
import { diffDisks, leftOut } from "./diff-disks.js";
import { figuresOf } from "./diff-figures.js";
import {
  byLevel,
  derivedChanges,
  diffLives,
  diffRuns,
  type Match,
  matchRuns,
  type Pair,
} from "./diff-runs.js";
import { changed, changes, type Danger, type DomainDiff, type WeakenedSetting } from "./difference.js";
import { pinText } from "./pin-text.js";
import { type DomainPlan, domainLabel, type PlanHeader } from "./plan.js";
import { isWeaker } from "./protection.js";

/** A gap that grows by less is shown among the figures only: when runs move by an hour, one night is longer. */
const MUCH_LONGER = 1.5;

/** What has changed of a domain that both plans have. */
type DomainChanges = Pick<DomainDiff, "dangers" | "settings" | "disks" | "runs" | "keptLonger">;

interface MatchedPair extends Pair {
  readonly match: Match;
  readonly lives: ReturnType<typeof diffLives>;
}

type DomainComparison = (pair: MatchedPair, round: Round) => Partial<DomainChanges>;

const DOMAIN: Decisions<DomainPlan, DomainComparison> = {
  host: setting("host", ({ host }) => host),
  // Domains are matched by UUID, and those without a match by name.
  name: setting("name", ({ name }) => name),
  uuid: shown(({ was: { uuid: old }, is: { uuid: now } }) =>
    old === now ? {} : { dangers: [{ kind: "another-machine", old, new: now }] },
  ),
  directory: derived(({ was, is }) => ({
    settings: was.name === is.name ? changed("folder", was.directory, is.directory, String) : [],
  })),
  mode: setting("mode", ({ mode }) => mode),
  withoutDiskLevels: setting("levels in documents", ({ withoutDiskLevels }) =>
    withoutDiskLevels === true ? "left out, which makes fulls of all disks" : "of each disk",
  ),
  server: shown(({ was, is }) => ({
    dangers: plainTcp(was, is),
    settings: changed("server", was.server, is.server, addressOf),
  })),
  stream: shown(({ was, is }) => ({
    settings: (["send", "receive", "delete"] as const satisfies readonly (keyof Stream)[]).flatMap(
      (command) => changed(`stream ${command}`, was.stream?.[command], is.stream?.[command], String),
    ),
  })),
  description: setting("description", ({ description }) => description),
  freeze: protecting("freeze"),
  freezePatience: setting("freezePatience", ({ freezePatience }) => freezePatience),
  bandwidth: setting("bandwidth", ({ bandwidth }) =>
    bandwidth === undefined ? undefined : bandwidthText(bandwidth),
  ),
  onMissingBase: protecting("onMissingBase"),
  onDrift: protecting("onDrift"),
  onNewDisk: protecting("onNewDisk"),
  onStopped: protecting("onStopped"),
  timeLimit: setting("timeLimit", ({ timeLimit }) => timeLimit),
  owners: shown(({ was, is, before, after }) => {
    const [old, now] = [adopted(was, before), adopted(is, after)];
    return {
      settings: changed("adopt", old, now, (all) => all.filter((name) => name !== ITSELF).join(", ")),
    };
  }),
  disks: shown(({ was, is }) => {
    const order = ({ disks }: DomainPlan) => disks.map(({ target }) => target);
    const [old, now] = [order(was), order(is)];
    const isSameSet = old.length === now.length && old.every((target) => now.includes(target));
    return {
      ...diffDisks(was, is),
      settings: isSameSet ? changed("order of disks", old, now, (all) => all.join(", ")) : [],
    };
  }),
  outside: shown(({ was, is }) => ({
    settings: changed("parts that no backup holds", was.outside, is.outside, (parts) =>
      parts.map(({ part }) => part).join(", "),
    ),
  })),
  moved: notShown("it says where the past was made; what that means is shown with the runs"),
  found: shown((pair) => {
    const { forgotten: points } = pair.lives;
    const reason = forgottenBecause(pair.was, pair.is);
    return {
      ...(points.length > 0 && { dangers: [{ kind: "restore-points-forgotten", points, reason }] }),
      settings: changed("pinned", pinned(pair.was), pinned(pair.is), (all) => all.join("; ")),
    };
  }),
  figures: notShown("they are sums over runs and restore points, and are shown beside these"),
  runs: within((pair, round) => {
    if (round === "derived") return { runs: derivedChanges(pair, pair.match) };
    const { runs, restarts } = diffRuns(pair, pair.match);
    const { lost, longer } = pair.lives;
    const [old, now] = longestGaps(pair);
    return {
      dangers: [
        ...(lost.length > 0 ? [{ kind: "restore-points-lost", points: lost } as const] : []),
        ...(now > old * MUCH_LONGER ? [{ kind: "longer-gap", old, new: now } as const] : []),
        ...restarts,
      ],
      runs,
      keptLonger: longer,
    };
  }),
  kept: notShown("what runs leave and what they delete is shown with the runs"),
};

/** The restore points that their manifests keep, with the reasons; undefined if there are none. */
function pinned({ found }: DomainPlan): readonly string[] | undefined {
  const all = found.flatMap(({ point, pin }) => (pin ? `${point} (${pinText(pin)})` : []));
  return all.length > 0 ? all : undefined;
}

/** Stands for the policy itself, whose name is shown with the plan. */
const ITSELF = "";

/** The policies whose restore points are the plan's own; undefined where they are only the policy's. */
function adopted({ owners }: DomainPlan, { policy }: PlanHeader): readonly string[] | undefined {
  const names = owners.map((name) => (name === policy.name ? ITSELF : name));
  return names.length === 1 && names[0] === ITSELF ? undefined : names;
}

type Stream = NonNullable<DomainPlan["stream"]>;

/** The worst first. */
const RANK: Readonly<Record<Danger["kind"], number>> = {
  "domain-dropped": 0,
  "disk-dropped": 1,
  "disk-left-out": 2,
  "disk-replaced": 3,
  "plain-scratch": 4,
  "restore-points-lost": 5,
  "restore-points-forgotten": 6,
  "another-machine": 7,
  weakened: 8,
  "longer-gap": 9,
  "chain-restart": 10,
  "plain-tcp": 11,
};

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

/** undefined where nothing has changed. */
export function diffDomain(pair: Pair): DomainDiff | undefined {
  const { was, is } = pair;
  const match = matchRuns(pair);
  const matched = { ...pair, match, lives: diffLives(pair, match) };
  const direct = compareAll(matched, "direct");
  const shownChanges = isEmpty(direct) ? compareAll(matched, "derived") : direct;
  if (isEmpty(shownChanges)) return undefined;
  return {
    ...whoOf(is),
    change: "changed",
    ...shownChanges,
    dangers: [...shownChanges.dangers].sort((a, b) => RANK[a.kind] - RANK[b.kind]),
    figures: [
      ...changes([["longest time without a restore point", ...longestGaps(pair)]]),
      ...figuresOf(was, is),
    ],
  };
}

function compareAll(pair: MatchedPair, round: Round): DomainChanges {
  const all = asked<DomainComparison>(DOMAIN, round).map((compare) => compare(pair, round));
  return {
    dangers: all.flatMap(({ dangers = [] }) => dangers),
    settings: all.flatMap(({ settings = [] }) => settings),
    disks: all.flatMap(({ disks = [] }) => disks),
    runs: all.flatMap(({ runs = [] }) => runs),
    keptLonger: all.flatMap(({ keptLonger = [] }) => keptLonger),
  };
}

function isEmpty(changes: DomainChanges): boolean {
  return Object.values(changes).every((list) => list.length === 0);
}

function whoOf({ name, host }: DomainPlan): Pick<DomainDiff, "name" | "host"> {
  return { name, ...(host !== undefined && { host }) };
}

function setting(name: string, value: (domain: DomainPlan) => string | number | undefined) {
  return shown<DomainComparison>(({ was, is }) => ({
    settings: changed(name, value(was), value(is), (each) => each),
  }));
}

/** A setting whose values protect a domain more or less. */
function protecting(name: WeakenedSetting) {
  return shown<DomainComparison>(({ was, is }) => {
    const [old, now] = [was[name], is[name]];
    return isWeaker(name, old, now)
      ? { dangers: [{ kind: "weakened", setting: name, old, new: now }] }
      : { settings: changed<string>(name, old, now, String) };
  });
}

function forgottenBecause(was: DomainPlan, is: DomainPlan): string {
  const [owner = ""] = was.owners;
  if (was.name !== is.name) return `they are in the folder of the domain's old name, "${was.name}"`;
  return is.owners.includes(owner)
    ? "the catalog no longer has them"
    : `they are of the policy "${owner}", which the new one does not adopt`;
}

function plainTcp(was: DomainPlan | undefined, is: DomainPlan): Danger[] {
  const isPlain = (domain: DomainPlan | undefined) =>
    domain?.server?.transport === "tcp" && !domain.server.tls && !isLoopback(domain.server.name);
  return is.server !== undefined && isPlain(is) && !isPlain(was)
    ? [{ kind: "plain-tcp", address: addressOf(is.server) }]
    : [];
}

function addressOf(server: NonNullable<DomainPlan["server"]>): string {
  return server.transport === "unix"
    ? `unix ${server.socket}`
    : `tcp ${server.name}:${server.port}${server.tls ? " with TLS" : ""}`;
}

/**
 * Seconds without a restore point, at most, in the old plan and in the new one, within the span of time that both cover; none if
 * there is no such span. Runs of that time that have happened are in the catalog by now.
 */
function longestGaps({ was, is, before, after, since }: Pair): readonly [number, number] {
  const until = before.horizon.until < after.horizon.until ? before.horizon.until : after.horizon.until;
  const gap = ({ found, runs }: DomainPlan) => {
    const inside = [...found, ...runs].flatMap(({ slot }) => (slot >= since && slot < until ? slot : []));
    const times = [since, ...inside, until].map((slot) => Date.parse(slot) / 1000);
    return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
  };
  return [gap(was), gap(is)];
}
