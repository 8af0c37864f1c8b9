import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { DomainFiles } from "../emit/domain-files.js";
import type { Written } from "../emit/plan-directory.js";
import type { FleetPlan, HostPlan } from "../plan/fleet.js";
import type { Plan } from "../plan/plan.js";
import type { Policy } from "../policy/policy.js";
import type { HostPlans, Plans } from "./plans.js";
import { unwatched } from "./watch.js";
import { writePlans } from "./write.js";

/**
 * Writes a plan directory as `tidemark compile` does: whole, over the earlier plan of the same policy if there is one. Files that
 * are as they were are not touched, and what the earlier plan wrote and this one does not have is removed.
 * @param plan of one host, or of all hosts of a policy that names them
 * @param warnings what was found while compiling; PLAN.md tells of it
 * @returns no `files` where a diagnostic is an error; then the directory is as it was
 */
export async function writePlan(
  directory: string,
  policy: Policy,
  plan: Plan | FleetPlan,
  warnings: readonly Diagnostic[] = [],
): Promise<{ files?: Written; diagnostics: readonly Diagnostic[] }> {
  const order = { plans: heldPlans(policy, plan), out: directory, diagnostics: warnings };
  const { outcomes, diagnostics } = await writePlans([order], (staged) => new DomainFiles(staged), unwatched);
  const files = outcomes?.[0]?.files;
  return { ...(files && { files }), diagnostics };
}

function heldPlans(policy: Policy, plan: Plan | FleetPlan): Plans {
  if ("hosts" in plan) return { policy, header: plan.header, hosts: plan.hosts.map(heldHost) };
  const host = heldHost({ plan, diagnostics: [] });
  return { policy, header: host.header, hosts: [host] };
}

function heldHost({ plan: { domains, ...header }, diagnostics }: HostPlan): HostPlans {
  return {
    header,
    count: domains.length,
    slots: Math.max(0, ...domains.map(({ runs }) => runs.length)),
    diagnostics,
    domains: () => domains.map((plan) => ({ plan, diagnostics: [] })),
  };
}
