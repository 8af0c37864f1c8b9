import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { localTime } from "../plan/local-time.js";
import { domainLabel, type Run } from "../plan/plan.js";
import { located } from "../policy/policy.js";
import { checkRuns } from "./check.js";
import { type PlannedDomain, planDomain } from "./domain/plan-domain.js";
import type { PreparedDomain } from "./domain/prepared.js";
import type { Prepared } from "./prepare.js";

/** The plans of the prepared domains, one at a time, so that a caller can write each and forget it. */
export function* planDomains(prepared: Prepared): Generator<PlannedDomain> {
  for (const domain of prepared.domains) yield planPrepared(prepared, domain);
}

/** The plan of one prepared domain; it is the same each time. */
export function planPrepared(prepared: Prepared, domain: PreparedDomain): PlannedDomain {
  const label = domainLabel(domain.domain.facts.domain.name, prepared.header.host);
  const planned = planDomain(prepared, domain, prepared.turns()?.get(label));
  const late = planned.plan.runs.find(
    ({ start = "" }, index, runs) => start > (runs[index + 1]?.slot ?? "9999"),
  );
  const diagnostics = [
    ...planned.diagnostics,
    ...checkRuns(prepared.policy, domain.domain, planned.plan),
    ...(late === undefined ? [] : [tooSlow(prepared, planned.plan.name, late)]),
  ];
  return { ...planned, diagnostics };
}

function tooSlow(
  { policy }: Prepared,
  name: string,
  { slot, start = slot, localTime: due }: Run,
): Diagnostic {
  return {
    code: "TM315",
    severity: "warning",
    message: `the run of "${name}" of ${due} starts at ${localTime(start, policy.timezone)}, after its next slot`,
    hint:
      policy.maxConcurrent === undefined
        ? "make the jitter shorter than the time between slots"
        : "raise maxConcurrent, schedule fewer runs, or correct the estimates",
    ...located(policy, policy.maxConcurrent === undefined ? "/jitter" : "/maxConcurrent"),
  };
}
