import type { DomainPlan, PlanHeader, Run } from "../plan/plan.js";
import { template } from "../templates/template.js";

/** Text that Markdown shows as it is, in a table's cell too. */
export function escapeMarkdown(value: unknown): string {
  return String(value).replace(/[\\`*_{}[\]<>|&~$]/g, "\\$&");
}

const headerTemplate = template<PlanHeader>("PLAN.md", escapeMarkdown);
const domainTemplate = template<DomainView>("PLAN.domain.md", escapeMarkdown);

interface DomainView {
  readonly domain: DomainPlan;
  readonly fulls: number;
  readonly deletions: number;
  readonly runs: readonly { readonly run: Run; readonly disks: string; readonly after: string }[];
}

/** The top of PLAN.md; a section a domain follows. */
export function planMarkdownStart(header: PlanHeader): string {
  return headerTemplate(header);
}

/** A domain's section of PLAN.md: what is covered, the calendar of runs, what is left when the horizon ends. */
export function domainMarkdown(domain: DomainPlan): string {
  return domainTemplate({
    domain,
    fulls: domain.runs.filter((run) => run.level === "full").length,
    deletions: domain.runs.reduce((sum, run) => sum + prunedBy(run).length, 0),
    runs: domain.runs.map((run) => ({ run, disks: disksOf(run), after: afterOf(run) })),
  });
}

/** Disks of one decision are named together: `vda, vdb incremental since X (why)`. */
function disksOf(run: Run): string {
  const groups = new Map<string, string[]>();
  for (const { target, level, base, reason } of run.disks) {
    const decision = `${level}${base === null ? "" : ` since ${base}`} (${reason})`;
    groups.set(decision, [...(groups.get(decision) ?? []), target]);
  }
  return [...groups].map(([decision, targets]) => `${targets.join(", ")}: ${decision}`).join("; ");
}

export function prunedBy(run: Run): readonly string[] {
  return run.steps.find((step) => step.do === "prune")?.points ?? [];
}

function afterOf(run: Run): string {
  return [
    ...run.steps.flatMap((step) =>
      step.do === "consolidate" ? `folds ${step.of.join(", ")} into ${step.into};` : [],
    ),
    prunedBy(run).join(", "),
  ].join(" ");
}
