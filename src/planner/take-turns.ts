import { domainLabel, type PlanHeader } from "../plan/plan.js";
import { planDomain } from "./domain/plan-domain.js";
import type { HostTerms, PreparedDomain } from "./domain/prepared.js";
import { queue, type Waiting } from "./fleet/turns.js";

/** When each run starts, in milliseconds: by domain label, then by restore point. */
export type Turns = ReturnType<typeof queue>;

interface Host extends HostTerms {
  readonly header: PlanHeader;
  readonly domains: readonly PreparedDomain[];
}

/**
 * The queue depends on all domains. So each domain is planned twice: once to know how long its runs take, and once to
 * be written.
 */
export function takeTurns(hosts: readonly Host[], limit: number): Turns {
  const waiting: Waiting[] = [];
  for (const host of hosts) {
    for (const each of host.domains) {
      const { plan, durations } = planDomain(host, each);
      const domain = domainLabel(plan.name, host.header.host);
      for (const { point, slot, start = slot } of plan.runs) {
        const seconds = durations.get(point);
        if (seconds !== undefined) waiting.push({ domain, point, ready: Date.parse(start), seconds });
      }
    }
  }
  return queue(waiting, limit);
}
