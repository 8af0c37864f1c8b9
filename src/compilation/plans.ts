import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { directoryOf } from "../inventory/directory.js";
import { joinHosts } from "../plan/fleet.js";
import type { LazyPlan } from "../plan/lazy.js";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { type PlannedDomain, plannedDisks } from "../planner/domain/plan-domain.js";
import { type Explanation, explain } from "../planner/explain.js";
import { planDomains, planPrepared } from "../planner/plan-domains.js";
import type { Prepared, PreparedFleet } from "../planner/prepare.js";
import type { Policy } from "../policy/policy.js";
import { type Choice, type ChosenDomain, chooseDomain } from "./choose.js";
import { type Watch, watched } from "./watch.js";

/*
 * All commands take planned domains from here, whether they print, draw, explain or write them. So each of them has the turns of
 * `maxConcurrent` and all diagnostics.
 */

export type { Explanation } from "../planner/explain.js";

/** The plans of a policy's hosts, whose domains come one at a time. */
export interface Plans {
  readonly policy: Policy;
  /** What holds of all hosts. */
  readonly header: PlanHeader;
  readonly hosts: readonly HostPlans[];
}

/** One host's plan. */
export interface HostPlans {
  readonly header: PlanHeader;
  readonly count: number;
  readonly slots: number;
  /** Diagnostics of this host from before its domains are planned; the order has them as well. */
  readonly diagnostics: readonly Diagnostic[];
  /** Plans the domains one by one, each time that it is called. */
  readonly domains: () => Iterable<{
    readonly plan: DomainPlan;
    readonly diagnostics: readonly Diagnostic[];
  }>;
}

export function plansOf({ policy, header, hosts }: PreparedFleet): Plans {
  return {
    policy,
    header,
    hosts: hosts.map((prepared) => ({
      header: prepared.header,
      count: prepared.domains.length,
      slots: prepared.slots.length,
      diagnostics: [],
      domains: () => planDomains(prepared),
    })),
  };
}

/** The diagnostics of all domains. Each domain is planned for them. */
export function diagnosticsOf({ hosts }: PreparedFleet, watch: Watch): Diagnostic[] {
  return hosts.flatMap((prepared) =>
    [...watched(planDomains(prepared), prepared.domains.length, watch)].flatMap(
      ({ diagnostics }) => diagnostics,
    ),
  );
}

/** The planned disks of each domain, also if the policy has errors. */
export function disksOf(fleet: PreparedFleet): Pick<DomainPlan, "name" | "disks">[] {
  return fleet.hosts.flatMap((prepared) =>
    prepared.judged.map((judged) => ({
      name: judged.domain.facts.domain.name,
      disks: plannedDisks(judged),
    })),
  );
}

/** One domain's plan. */
export interface ChosenPlan {
  readonly header: PlanHeader;
  readonly plan: DomainPlan;
}

/** The plan of the domain that a `--domain` names. */
export function planOfDomain(fleet: PreparedFleet, wanted: string): Choice<ChosenPlan> {
  const { chosen, diagnostics } = chooseDomain(fleet, wanted);
  if (chosen === undefined) return { diagnostics };
  const planned = plannedOf(chosen);
  return { chosen: { header: chosen.prepared.header, plan: planned.plan }, diagnostics: planned.diagnostics };
}

/** Why each restore point of that domain is what it is. */
export function explainDomain(
  fleet: PreparedFleet,
  wanted: string,
): Choice<ChosenPlan & { readonly explanations: readonly Explanation[] }> {
  const { chosen, diagnostics } = chooseDomain(fleet, wanted);
  if (chosen === undefined) return { diagnostics };
  const { header, retain } = chosen.prepared;
  const { plan, past, diagnostics: planning } = plannedOf(chosen);
  const explanations = explain(plan, past, retain, header.timezone);
  return { chosen: { header, plan, explanations }, diagnostics: planning };
}

function plannedOf({ prepared, domain }: ChosenDomain): PlannedDomain {
  return planPrepared(prepared, domain);
}

/** The plans as one that can be compared or drawn: each domain is planned when it is asked for. */
export function lazyPlanOf({ header, hosts }: PreparedFleet): LazyPlan {
  return joinHosts(header, hosts.map(lazyHost));
}

function lazyHost(prepared: Prepared): LazyPlan {
  return {
    header: prepared.header,
    domains: prepared.domains.map((domain) => {
      const { name, uuid } = domain.domain.facts.domain;
      const plan = () => planPrepared(prepared, domain).plan;
      return { name, uuid, directory: directoryOf(name), plan };
    }),
  };
}
