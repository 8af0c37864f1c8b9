import { humanBytes } from "../plan/bytes.js";
import type { DomainPlan, Forecast, PlanHeader, Run } from "../plan/plan.js";
import { template } from "../templates/template.js";

/** Text that Markdown shows as it is, in a table's cell too. */
export function escapeMarkdown(value: unknown): string {
  return String(value).replace(/[\\`*_{}[\]<>|&~$]/g, "\\$&");
}

const headerTemplate = template<PlanHeader>("PLAN.md", escapeMarkdown);
const domainTemplate = template<DomainView>("PLAN.domain.md", escapeMarkdown);

const summaryTemplate = template<{
  readonly domains: readonly DomainSummary[];
  readonly all: DomainSummary;
  readonly bytes: typeof humanBytes;
}>("PLAN.summary.md", escapeMarkdown);

interface DomainView {
  readonly domain: DomainPlan;
  readonly fulls: number;
  readonly deletions: number;
  readonly bytes: typeof humanBytes;
  readonly runs: readonly { readonly run: Run; readonly disks: string; readonly after: string }[];
}

/** A domain's line in the summary. */
export interface DomainSummary {
  readonly name: string;
  readonly runs: number;
  readonly kept: number;
  readonly imagesToRestore: number;
  readonly forecast?: Forecast;
}

export function summarize({ name, runs, kept, figures }: DomainPlan): DomainSummary {
  const { imagesToRestore, forecast } = figures;
  return { name, runs: runs.length, kept: kept.length, imagesToRestore, ...(forecast && { forecast }) };
}

/** The end of PLAN.md. */
export function planMarkdownEnd(domains: readonly DomainSummary[]): string {
  const total = (pick: (domain: DomainSummary) => number) =>
    domains.reduce((sum, domain) => sum + pick(domain), 0);
  const ofForecasts = (pick: (forecast: Forecast) => number) =>
    total(({ forecast }) => (forecast ? pick(forecast) : 0));
  return summaryTemplate({
    domains,
    all: {
      name: "",
      runs: total(({ runs }) => runs),
      kept: total(({ kept }) => kept),
      imagesToRestore: Math.max(0, ...domains.map(({ imagesToRestore }) => imagesToRestore)),
      ...(domains.every(({ forecast }) => forecast !== undefined) && {
        forecast: {
          copied: ofForecasts(({ copied }) => copied),
          copiedByLargestRun: Math.max(
            0,
            ...domains.map(({ forecast }) => forecast?.copiedByLargestRun ?? 0),
          ),
          repositoryPeak: ofForecasts(({ repositoryPeak }) => repositoryPeak),
          repositoryAtEnd: ofForecasts(({ repositoryAtEnd }) => repositoryAtEnd),
        },
      }),
    },
    bytes: humanBytes,
  });
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
    bytes: humanBytes,
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
  const foldedInto = new Map(
    run.steps.flatMap((step) =>
      step.do === "consolidate" ? step.of.map((point) => [point, step.into] as const) : [],
    ),
  );
  return prunedBy(run)
    .map((point) => (foldedInto.has(point) ? `${point} (folded into ${foldedInto.get(point)})` : point))
    .join(", ");
}
