import { isDeepStrictEqual } from "node:util";
import { compareText } from "../diagnostics/diagnostic.js";
import { addedDomain, diffDomain, droppedDomain } from "./diff-domain.js";
import { diffPlan } from "./diff-plan.js";
import type { DomainDiff, PlanDiff, PlanName } from "./difference.js";
import { isSameText, type LazyPlan } from "./lazy.js";
import type { PlanHeader } from "./plan.js";

/** Compares two plans. Runs that have taken place since are not a change. */
export function diffPlans(one: LazyPlan, other: LazyPlan): PlanDiff {
  const [before, after] = [one.header, other.header];
  // Two hosts may have domains of the same name, and a domain that moves is still the same domain.
  const isFleet = [one, other].some(({ domains }) => domains.some(({ host }) => host !== undefined));
  const keyed = ({ domains }: LazyPlan) =>
    new Map(domains.map((domain) => [isFleet ? domain.uuid : domain.name, domain]));
  const [old, now] = [keyed(one), keyed(other)];
  // All other changes of the whole plan do not concern a single domain.
  const isComparedAlike =
    isDeepStrictEqual(before.horizon, after.horizon) && before.repository === after.repository;
  const since = lastKnown(one, other);
  const nameOfKey = (key: string) => (now.get(key) ?? old.get(key))?.name ?? key;
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort(
    (a, b) => compareText(nameOfKey(a), nameOfKey(b)) || compareText(a, b),
  );
  const domains = keys.flatMap((key): DomainDiff | [] => {
    const was = old.get(key);
    const is = now.get(key);
    if (was === undefined) return is === undefined ? [] : addedDomain(is.plan());
    if (is === undefined) return droppedDomain(was.plan(), after);
    if (isComparedAlike && isSameText(was, is)) return [];
    return diffDomain({ was: was.plan(), is: is.plan(), before, after, since }) ?? [];
  });
  const isInDanger = ({ dangers }: DomainDiff) => dangers.length > 0;
  const { planDangers, settings } = diffPlan(one, other, domains);
  return {
    formatVersion: "1.0",
    old: nameOf(before),
    new: nameOf(after),
    planDangers,
    settings,
    domains: [...domains.filter(isInDanger), ...domains.filter((domain) => !isInDanger(domain))],
    unchangedDomains: keys.length - domains.length,
    dangers: domains.reduce((sum, domain) => sum + domain.dangers.length, planDangers.length),
  };
}

/**
 * The time between the newest restore point of all domains and a plan that begins later is in no plan. The newest
 * restore point of a single domain may be old, because the domain does not run.
 */
function lastKnown({ header: { horizon: before } }: LazyPlan, { header, domains }: LazyPlan): string {
  const { from } = header.horizon;
  if (from <= before.from) return from;
  const slots = domains.map((domain) => domain.plan().found.at(-1)?.slot ?? "");
  const newest = slots.reduce((last, slot) => (slot > last ? slot : last), "");
  if (newest === "" || newest > from) return from;
  return newest > before.from ? newest : before.from;
}

function nameOf({ policy, timezone, horizon }: PlanHeader): PlanName {
  return { policy: policy.name, timezone, from: horizon.from, until: horizon.until };
}
