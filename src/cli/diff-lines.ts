import { humanBytes, humanDuration, plural } from "../diagnostics/amounts.js";
import type {
  Danger,
  DomainDiff,
  PlanDanger,
  PlanDiff,
  PointChange,
  RunChange,
  SettingChange,
  WeakenedSetting,
} from "../plan/difference.js";
import { wallClock } from "../plan/local-time.js";
import { someOf } from "../plan/overview.js";
import { domainLabel } from "../plan/plan.js";

/** What a line says: danger, more, less, changed, made anew; or it goes on with the one above. */
export type Mark = "!" | "+" | "-" | "~" | "-/+" | "";

export interface Line {
  readonly mark: Mark;
  readonly text: string;
}

/** Longest list of single restore points. */
const SHOWN = 5;

/** Instants as the policy's clocks show them. */
export interface Clock {
  /** `2026-12-01 02:00` */
  time(instant: string): string;
  /** `2026-12-01`; with the time where that is not midnight. */
  day(instant: string): string;
  /** `2026-12-01 02:00`, `2026-12-01 to 2026-12-14` */
  span(instants: readonly string[]): string;
}

export function clockOf({ new: { timezone } }: PlanDiff): Clock {
  const time = (instant: string) => wallClock(instant, timezone);
  return {
    time,
    day: (instant) => time(instant).replace(/ 00:00$/, ""),
    span: (instants) => {
      const [first = "", last = ""] = [instants[0], instants.at(-1)];
      if (first === last) return time(first);
      const days = [first, last].map((instant) => time(instant).slice(0, 10));
      return days[0] === days[1] ? `${time(first)} to ${time(last).slice(11)}` : days.join(" to ");
    },
  };
}

/** Domains of which the same is to be said. */
export interface Alike {
  readonly names: readonly string[];
  readonly change: DomainDiff["change"];
  /** Of each. */
  readonly dangers: number;
  readonly lines: readonly Line[];
}

/** A change of the defaults touches a thousand domains in one way, and is told once; their figures are added up. */
export function alike(diff: PlanDiff): readonly Alike[] {
  const clock = clockOf(diff);
  const groups = new Map<string, { readonly lines: readonly Line[]; readonly domains: DomainDiff[] }>();
  for (const domain of diff.domains) {
    const lines = domainLines(domain, clock);
    const key = JSON.stringify([domain.change, lines]);
    const group = groups.get(key) ?? { lines, domains: [] };
    groups.set(key, group);
    group.domains.push(domain);
  }
  return [...groups.values()].flatMap(({ lines, domains }) => {
    const [first] = domains;
    if (first === undefined) return [];
    return {
      names: domains.map(({ name, host }) => domainLabel(name, host)),
      change: first.change,
      dangers: first.dangers.length,
      lines: [...lines, ...figureLines(domains)],
    };
  });
}

export function planLines(diff: PlanDiff): Line[] {
  const clock = clockOf(diff);
  const shownDangers = new Set<string>(diff.planDangers.map(({ kind }) => kind));
  const settings = diff.settings.filter(
    ({ setting }) => setting !== "domains in no entry" || !shownDangers.has("domains-in-no-entry"),
  );
  return [...diff.planDangers.map((danger) => planDangerLine(danger, clock)), ...settings.map(settingLine)];
}

function planDangerLine(danger: PlanDanger, clock: Clock): Line {
  const text = () => {
    switch (danger.kind) {
      case "policy-renamed":
        return `the policy is ${danger.new} now, and does not adopt ${danger.old}: chains begin anew, and restore points of ${danger.old} are neither built on nor deleted`;
      case "retention-loosened":
        return `fewer restore points are kept: ${danger.rules.map((rule) => `${rule.setting} ${arrow(rule)}`).join(", ")}`;
      case "repository-moved":
        return `the repository moves from ${danger.old} to ${danger.new}: move the restore points there before the next run`;
      case "plan-ends-earlier":
        return `the plan ends earlier, ${clock.day(danger.old)} → ${clock.day(danger.new)}: nothing is backed up after that until it is compiled again`;
      case "domains-in-no-entry":
        return `new on the host and not backed up, because no entry of the policy names them: ${someOf(danger.domains)}`;
      case "failures-untold":
        return `nothing reports failed runs any more: ${danger.settings.map((change) => `${change.setting} ${arrow(change)}`).join(", ")}`;
    }
  };
  return { mark: "!", text: text() };
}

function settingLine(change: SettingChange): Line {
  const { setting, old, new: now } = change;
  return { mark: old === null ? "+" : now === null ? "-" : "~", text: `${setting}: ${arrow(change)}` };
}

const IN_SECONDS: ReadonlySet<string> = new Set(["timeLimit", "hookTimeLimit", "freezePatience"]);

function arrow({ setting, old, new: now }: SettingChange): string {
  const show = (value: string | number | null) =>
    value === null ? "none" : IN_SECONDS.has(setting) ? humanDuration(Number(value)) : value;
  return `${show(old)} → ${show(now)}`;
}

function domainLines(domain: DomainDiff, clock: Clock): Line[] {
  return [
    ...domain.dangers.flatMap((danger) => dangerLines(danger, clock)),
    ...domain.settings.map(settingLine),
    ...domain.disks
      .filter(({ change }) => change !== "leaves")
      .map(
        ({ target, change, what }): Line => ({
          mark: change === "joins" ? "+" : "~",
          text: `disk ${target}: ${what}`,
        }),
      ),
    ...domain.runs.map((run) => runLine(run, clock)),
    ...(domain.keptLonger.length > 0
      ? [
          { mark: "+" as const, text: `${points(domain.keptLonger.length)} kept longer` },
          ...pointLines(domain.keptLonger, clock),
        ]
      : []),
  ];
}

const WEAKENED: Readonly<Record<WeakenedSetting, Readonly<Record<string, string>>>> = {
  freeze: {
    no: "guests are not frozen, so restore points are as after a power cut",
    "continue-on-failure": "if a guest cannot be frozen, its restore point is as after a power cut",
  },
  onStopped: {
    skip: "a domain that does not run is not backed up, and its run does not fail",
    fail: "a domain that does not run is not backed up, and its run fails",
  },
  onMissingBase: {
    fail: "after a failed night there is no restore point until the plan is compiled again",
  },
  onDrift: { fail: "a domain that is not as planned is not backed up" },
  onNewDisk: {
    refuse: "while a domain has a disk that its plan does not know, none of its disks is backed up",
    continue: "a disk that the plan does not know is not backed up, and the run says so",
  },
};

function dangerLines(danger: Danger, clock: Clock): Line[] {
  switch (danger.kind) {
    case "restore-points-lost":
      return [
        { mark: "!", text: `${points(danger.points.length)} lost earlier than planned` },
        ...pointLines(danger.points, clock),
      ];
    case "restore-points-forgotten":
      return [
        {
          mark: "!",
          text: `${points(danger.points.length)} no longer known; nothing builds on ${them(danger.points.length)} and nothing deletes ${them(danger.points.length)}: ${danger.reason}`,
        },
        { mark: "", text: someOf(danger.points) },
      ];
    case "domain-dropped": {
      const left =
        danger.points > 0
          ? `; ${danger.points === 1 ? "its restore point stays" : `its ${danger.points} restore points stay`} until you delete ${them(danger.points)}`
          : "";
      return [{ mark: "!", text: `the domain is no longer backed up: ${danger.reason}${left}` }];
    }
    case "disk-dropped":
      return [{ mark: "!", text: `disk ${danger.target} is no longer backed up: ${danger.reason}` }];
    case "disk-left-out":
      return [{ mark: "!", text: `disk ${danger.target} is new and not backed up: ${danger.reason}` }];
    case "disk-replaced":
      return [
        {
          mark: "!",
          text: `disk ${danger.target} is another image now, and no existing checkpoint covers it: ${danger.old} → ${danger.new}`,
        },
      ];
    case "another-machine":
      return [
        {
          mark: "!",
          text: `the name now belongs to another machine, whose restore points would continue those of the first one: UUID ${danger.old} → ${danger.new}`,
        },
      ];
    case "weakened":
      return [
        {
          mark: "!",
          text: `${danger.setting}: ${danger.old} → ${danger.new}: ${WEAKENED[danger.setting][danger.new]}`,
        },
      ];
    case "longer-gap":
      return [
        {
          mark: "!",
          text: `longer without a restore point: ${humanDuration(danger.old)} → ${humanDuration(danger.new)}`,
        },
      ];
    case "chain-restart":
      return [
        {
          mark: "-/+",
          text: `the chain begins anew, with a full that is not scheduled (${danger.reason}), ${clock.span(danger.slots)}`,
        },
      ];
    case "plain-tcp":
      return [
        {
          mark: "!",
          text: `the disks can be read without encryption at ${danger.address} while a backup runs`,
        },
      ];
    case "plain-scratch":
      return [
        {
          mark: "!",
          text: `the scratch file of disk ${danger.target} is no longer encrypted; it holds blocks of the guest while a backup runs`,
        },
      ];
  }
}

function pointLines(list: readonly PointChange[], clock: Clock): Line[] {
  const end = (slot: string | null) => (slot === null ? "kept" : `until ${clock.time(slot)}`);
  return [
    ...list.slice(0, SHOWN).map(({ point, old, new: now, foldedInto }): Line => {
      const fold = foldedInto === undefined ? "" : `, folded into ${foldedInto}`;
      return { mark: "", text: `${point}: ${end(old)} → ${end(now)}${fold}` };
    }),
    ...(list.length > SHOWN ? [{ mark: "", text: `and ${list.length - SHOWN} more` } as const] : []),
  ];
}

function runLine({ change, what, slots: when }: RunChange, clock: Clock): Line {
  const runs = `${when.length} ${plural(when.length, "run")}`;
  const tell: Readonly<Record<RunChange["change"], Line>> = {
    appear: { mark: "+", text: `${runs} more (${what})` },
    vanish: { mark: "-", text: `${runs} fewer (${what})` },
    move: { mark: "~", text: `${runs} moved: ${what}` },
    change: { mark: "~", text: `${runs} changed: ${what}` },
    follow: { mark: "+", text: `${runs} after the old plan's end (${what})` },
  };
  const { mark, text } = tell[change];
  return { mark, text: `${text}, ${clock.span(when)}` };
}

/** Of one domain its figures; of several that change alike sums, and the largest of what has no sum. */
function figureLines(domains: readonly DomainDiff[]): Line[] {
  const names = [...new Set(domains.flatMap(({ figures }) => figures.map(({ setting }) => setting)))];
  return names.flatMap((name): Line | [] => {
    const isGap = name.startsWith("longest time");
    // It is among the dangers.
    if (isGap && domains.every(({ dangers }) => dangers.some(({ kind }) => kind === "longer-gap"))) return [];
    const isBytes = /^repository|^copied|^scratch/.test(name);
    const isSum = isBytes || name.startsWith("restore points");
    const changesOfFigure = domains.flatMap(({ figures }) =>
      figures.filter(({ setting }) => setting === name),
    );
    const together = (values: readonly (string | number | null)[]) => {
      const numbers = values.flatMap((value) => (typeof value === "number" ? value : []));
      if (numbers.length < values.length) return undefined;
      return numbers.reduce((sum, value) => (isSum ? sum + value : Math.max(sum, value)), 0);
    };
    const show = (value: number | undefined) => {
      if (value === undefined) return "unknown";
      return name.startsWith("longest") ? humanDuration(value) : isBytes ? humanBytes(value) : String(value);
    };
    const [old, now] = [
      show(together(changesOfFigure.map((each) => each.old))),
      show(together(changesOfFigure.map((each) => each.new))),
    ];
    if (old === now) return [];
    const what = domains.length === 1 ? name : `${name}, ${isSum ? "together" : "at most"}`;
    const isNew = domains.every(({ change }) => change === "added");
    return { mark: "", text: `${what}: ${isNew ? now : `${old} → ${now}`}` };
  });
}

function points(count: number): string {
  return count === 1 ? "1 restore point is" : `${count} restore points are`;
}

function them(count: number): string {
  return count === 1 ? "it" : "them";
}
