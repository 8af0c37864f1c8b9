import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { template } from "../templates/template.js";
import { comment, quote } from "./shell.js";

type DueDomain = Pick<DomainPlan, "name" | "directory" | "owners">;

interface DueView {
  readonly plan: PlanHeader;
  readonly domains: readonly DueDomain[];
  readonly comment: typeof comment;
}

const dueTemplate = template<DueView>("run-due.sh", quote);

/** The script that finds what is due on a host and runs it, for timers, Ansible and people. */
export function renderDueScript(plan: PlanHeader, domains: readonly DueDomain[]): string {
  return dueTemplate({ plan, domains, comment });
}
