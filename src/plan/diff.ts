import { compareText } from "../diagnostics/diagnostic.js";
import { addedDomain, diffDomain, droppedDomain, isEmpty } from "./diff-domain.js";
import {
  changes,
  type DomainDiff,
  type PlanDanger,
  type PlanDiff,
  type PlanName,
  type SettingChange,
} from "./difference.js";
import type { Plan } from "./plan.js";
import { retentionText } from "./retention-text.js";
import { loosenedRules, silenced, tellersOf } from "./weaker.js";

/** Compares two plans. What only the passing of time changes, runs that have happened by now, is no change. */
export function diffPlans(before: Plan, after: Plan): PlanDiff {
  // Two hosts may each have a domain of one name, and one that moves is the same still.
  const isFleet = [before, after].some(({ domains }) => domains.some(({ host }) => host !== undefined));
  const keyed = (plan: Plan) =>
    new Map(plan.domains.map((domain) => [isFleet ? domain.uuid : domain.name, domain]));
  const [old, now] = [keyed(before), keyed(after)];
  const nameOfKey = (key: string) => (now.get(key) ?? old.get(key))?.name ?? key;
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort(
    (a, b) => compareText(nameOfKey(a), nameOfKey(b)) || compareText(a, b),
  );
  const domains = keys.flatMap((key): DomainDiff | [] => {
    const was = old.get(key);
    const is = now.get(key);
    if (was === undefined) return is === undefined ? [] : addedDomain(is);
    if (is === undefined) return droppedDomain(was, after);
    const diff = diffDomain({ was, is, before, after });
    return isEmpty(diff) ? [] : diff;
  });
  const isInDanger = ({ dangers }: DomainDiff) => dangers.length > 0;
  const planDangers = dangersOfPlan(before, after);
  return {
    formatVersion: "1.0",
    old: nameOf(before),
    new: nameOf(after),
    planDangers,
    settings: planSettings(before, after),
    domains: [...domains.filter(isInDanger), ...domains.filter((domain) => !isInDanger(domain))],
    unchangedDomains: keys.length - domains.length,
    dangers: domains.reduce((sum, domain) => sum + domain.dangers.length, planDangers.length),
  };
}

function nameOf({ policy, timezone, horizon }: Plan): PlanName {
  return { policy: policy.name, timezone, from: horizon.from, until: horizon.until };
}

function dangersOfPlan(before: Plan, after: Plan): PlanDanger[] {
  const rules = loosenedRules(before.retention, after.retention);
  const silence = silenced(before, after);
  const known = new Set([...before.unplanned, ...before.domains.map(({ name }) => name)]);
  const strangers = after.unplanned.filter((name) => !known.has(name));
  const [ended, ends] = [before.horizon.until, after.horizon.until];
  return [
    ...(isDisowned(before, after)
      ? [{ kind: "policy-renamed", old: before.policy.name, new: after.policy.name } as const]
      : []),
    ...(rules.length > 0 ? [{ kind: "retention-loosened", rules } as const] : []),
    ...(before.repository === after.repository
      ? []
      : [{ kind: "repository-moved", old: before.repository, new: after.repository } as const]),
    // Clocks apart: a day that begins in another zone begins at another instant.
    ...(Date.parse(ended) - Date.parse(ends) > A_DAY
      ? [{ kind: "plan-ends-earlier", old: ended, new: ends } as const]
      : []),
    ...(strangers.length > 0 ? [{ kind: "domains-in-no-entry", domains: strangers } as const] : []),
    ...(silence.length > 0 ? [{ kind: "failures-untold", settings: silence } as const] : []),
  ];
}

/** Restore points and checkpoints bear the policy's name: those of another are neither built on nor deleted. */
function isDisowned(before: Plan, after: Plan): boolean {
  return after.domains.some(({ owners }) => !owners.includes(before.policy.name));
}

const A_DAY = 86_400_000;

function planSettings(before: Plan, after: Plan): SettingChange[] {
  const schedule = ({ schedule: entries }: Plan) =>
    entries
      .map(({ level, at, start, until }) =>
        [level, at.join("; "), start && `from ${start}`, until && `until ${until}`].filter(Boolean).join(" "),
      )
      .join(", ");
  const told = tellersOf(before);
  const tellers = Object.entries(tellersOf(after)).map(
    ([setting, value]) => [setting, told[setting], value] as const,
  );
  const list = (names: readonly string[]) => names.join(", ") || undefined;
  return changes([
    ...(isDisowned(before, after) ? [] : [["policy", before.policy.name, after.policy.name] as const]),
    ["calendar", before.timezone, after.timezone],
    ["schedule", schedule(before), schedule(after)],
    ["at a time", before.maxConcurrent, after.maxConcurrent],
    ["systemd", unitText(before), unitText(after)],
    ["retention", retentionText(before.retention), retentionText(after.retention)],
    ["consolidate", onOff(before), onOff(after)],
    ["hook before", before.hooks?.before, after.hooks?.before],
    ...(silenced(before, after).length > 0 ? [] : tellers),
    ["domains in no entry", list(before.unplanned), list(after.unplanned)],
  ]);
}

function unitText({ systemd }: Plan): string | undefined {
  if (systemd === undefined) return undefined;
  const { directory, connect, persistent, onFailure } = systemd;
  return [
    directory,
    connect && `over ${connect}`,
    !persistent && "what was missed is not made up",
    onFailure && `a failure starts ${onFailure}`,
  ]
    .filter(Boolean)
    .join(", ");
}

function onOff({ consolidate }: Plan): string {
  return consolidate === true ? "on" : "off";
}
