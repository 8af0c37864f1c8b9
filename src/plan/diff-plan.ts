import { humanBytes, humanDuration } from "../diagnostics/amounts.js";
import { asked, type Decision, type Decisions, notShown, shown, within } from "./decisions.js";
import { changed, type DomainDiff, type PlanDanger, type SettingChange } from "./difference.js";
import type { LazyPlan } from "./lazy.js";
import { domainLabel, type PlanHeader, type PlannedEntry } from "./plan.js";
import { loosenedRules, silenced, tellersOf } from "./protection.js";
import { retentionText } from "./retention-text.js";
import { boundsText } from "./schedule-text.js";

/** What has changed of the plan as a whole. */
export interface PlanChanges {
  readonly planDangers: readonly PlanDanger[];
  readonly settings: readonly SettingChange[];
}

interface PlanPair {
  readonly one: LazyPlan;
  readonly other: LazyPlan;
  readonly before: PlanHeader;
  readonly after: PlanHeader;
  /** What has changed of the domains. */
  readonly domains: readonly DomainDiff[];
}

type PlanComparison = (pair: PlanPair) => Partial<PlanChanges>;

const PLAN: Decisions<PlanHeader, PlanComparison> = {
  formatVersion: notShown("it says how a plan is written down, not what is in it"),
  policy: within((pair) => askAll(POLICY, pair)),
  host: setting("host", ({ host }) => host),
  inventory: notShown("a digest; the facts that a plan rests on are in its domains"),
  timezone: setting("calendar", ({ timezone }) => timezone),
  schedule: shown(({ before, after }) => {
    const [old, now] = [withoutCalendars(before), withoutCalendars(after)];
    const settings = changed("schedule", old, now, scheduleText);
    if (settings.length > 0 || before.timezone !== after.timezone) return { settings };
    if (before.systemd === undefined || after.systemd === undefined) return {};
    return { settings: changed("timer", calendars(before), calendars(after), (all) => all.join("; ")) };
  }),
  except: setting("blackouts", ({ except }) => except?.join("; ")),
  maxConcurrent: setting("at a time", ({ maxConcurrent }) => maxConcurrent),
  systemd: shown(({ before, after }) => ({
    settings: changed("systemd", before.systemd, after.systemd, unitText),
  })),
  retention: shown(({ before, after }) => {
    const rules = loosenedRules(before.retention, after.retention);
    return {
      planDangers: rules.length > 0 ? [{ kind: "retention-loosened", rules }] : [],
      settings: changed("retention", before.retention, after.retention, retentionText),
    };
  }),
  consolidate: setting("consolidate", ({ consolidate }) => (consolidate === true ? "on" : "off")),
  hooks: shown(({ before, after }) => {
    const silence = silenced(before, after);
    return {
      planDangers: silence.length > 0 ? [{ kind: "failures-untold", settings: silence }] : [],
      settings: changed("hook before", before.hooks?.before, after.hooks?.before, String),
    };
  }),
  hookTimeLimit: setting("hookTimeLimit", ({ hookTimeLimit }) => hookTimeLimit),
  retry: shown(({ before, after }) => ({
    settings: changed("tries again", before.retry, after.retry, retryText),
  })),
  spaceMargin: shown(({ before, after }) => ({
    settings: changed("space margin", before.spaceMargin, after.spaceMargin, marginText),
  })),
  permissions: shown(({ before, after }) => ({
    settings: changed("permissions", before.permissions, after.permissions, permissionsText),
  })),
  // Metrics and hooks are compared together: if none of them is left that reports a failure, that is a danger, which names them.
  metrics: shown(({ before, after }) => {
    if (silenced(before, after).length > 0) return {};
    const [old, now] = [tellersOf(before), tellersOf(after)];
    return { settings: Object.keys(now).flatMap((name) => changed(name, old[name], now[name], String)) };
  }),
  repository: shown(({ before: { repository: old }, after: { repository: now } }) =>
    old === now ? {} : { planDangers: [{ kind: "repository-moved", old, new: now }] },
  ),
  horizon: within((pair) => askAll(HORIZON, pair)),
  unplanned: shown(({ one, before, after }) => {
    const planned = one.domains.map(({ name, host }) => domainLabel(name, host));
    const known = new Set([...before.unplanned, ...planned]);
    const strangers = after.unplanned.filter((name) => !known.has(name));
    const list = ({ unplanned }: PlanHeader) => unplanned.join(", ") || undefined;
    return {
      planDangers: strangers.length > 0 ? [{ kind: "domains-in-no-entry", domains: strangers }] : [],
      settings: changed("domains in no entry", list(before), list(after), String),
    };
  }),
};

const POLICY: Decisions<PlanHeader["policy"], PlanComparison> = {
  name: shown(({ one, other, before: { policy: old }, after: { policy: now } }) => {
    if (old.name === now.name) return {};
    return isDisowned(one, other)
      ? { planDangers: [{ kind: "policy-renamed", old: old.name, new: now.name }] }
      : { settings: changed("policy", old.name, now.name, String) };
  }),
  digest: notShown("it changes with settings that change nothing in the plan, too"),
};

const HORIZON: Decisions<PlanHeader["horizon"], PlanComparison> = {
  from: notShown("time passes"),
  until: shown(({ before, after, domains }) => {
    const [old, now] = [before.horizon.until, after.horizon.until];
    // Less than a day is a change of the time zone, in which a day begins at another instant.
    if (Date.parse(old) - Date.parse(now) > A_DAY)
      return { planDangers: [{ kind: "plan-ends-earlier", old, new: now }] };
    // If the plan covers more or less time, its runs show that.
    const isShown = domains.some(({ runs }) =>
      runs.some(({ change }) => change === "follow" || change === "vanish"),
    );
    return isShown ? {} : { settings: changed("ends", old, now, String) };
  }),
};

const A_DAY = 86_400_000;

/** The worst first. */
const RANK: Readonly<Record<PlanDanger["kind"], number>> = {
  "policy-renamed": 0,
  "retention-loosened": 1,
  "repository-moved": 2,
  "plan-ends-earlier": 3,
  "domains-in-no-entry": 4,
  "failures-untold": 5,
};

/** @param domains what has changed of them */
export function diffPlan(one: LazyPlan, other: LazyPlan, domains: readonly DomainDiff[]): PlanChanges {
  const { planDangers, settings } = askAll(PLAN, {
    one,
    other,
    before: one.header,
    after: other.header,
    domains,
  });
  return { planDangers: [...planDangers].sort((a, b) => RANK[a.kind] - RANK[b.kind]), settings };
}

function askAll(decisions: Readonly<Record<string, Decision<PlanComparison>>>, pair: PlanPair): PlanChanges {
  const all = asked<PlanComparison>(decisions, "direct").map((compare) => compare(pair));
  return {
    planDangers: all.flatMap(({ planDangers = [] }) => planDangers),
    settings: all.flatMap(({ settings = [] }) => settings),
  };
}

function setting(name: string, value: (header: PlanHeader) => string | number | undefined) {
  return shown<PlanComparison>(({ before, after }) => ({
    settings: changed(name, value(before), value(after), (each) => each),
  }));
}

/** Restore points and checkpoints bear the policy's name: those of another are neither built on nor deleted. */
function isDisowned({ header: { policy } }: LazyPlan, { header, domains }: LazyPlan): boolean {
  return (
    policy.name !== header.policy.name &&
    domains.some((domain) => !domain.plan().owners.includes(policy.name))
  );
}

/** When systemd's timer fires follows from the schedule and the zone. */
function withoutCalendars({ schedule }: PlanHeader): readonly Omit<PlannedEntry, "onCalendar">[] {
  return schedule.map(({ onCalendar: _, ...entry }) => entry);
}

function calendars({ schedule }: PlanHeader): readonly string[] {
  return schedule.flatMap(({ onCalendar }) => onCalendar);
}

function scheduleText(entries: ReturnType<typeof withoutCalendars>): string {
  return entries
    .map((entry) => [entry.level, entry.at.join("; "), boundsText(entry)].filter(Boolean).join(" "))
    .join(", ");
}

function retryText({ times, seconds }: PlanHeader["retry"]): string {
  return times === 0 ? "never" : `${times} times, ${humanDuration(seconds)} after the last try`;
}

function marginText({ percent, bytes }: PlanHeader["spaceMargin"]): string {
  return [`${percent} %`, ...(bytes > 0 ? [humanBytes(bytes)] : [])].join(" and ");
}

function permissionsText({ owner, group, files, folders }: PlanHeader["permissions"]): string {
  return `${owner ?? "the run's user"}:${group ?? "its group"}, files ${files}, folders ${folders}`;
}

function unitText({ directory, connect, persistent, onFailure }: NonNullable<PlanHeader["systemd"]>): string {
  return [
    directory,
    connect && `over ${connect}`,
    !persistent && "missed runs are not made up for",
    onFailure && `a failure starts ${onFailure}`,
  ]
    .filter(Boolean)
    .join(", ");
}
