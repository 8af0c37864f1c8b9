import { humanBytes, humanDuration, plural } from "../diagnostics/amounts.js";
import { type Diagnostic, inReadingOrder } from "../diagnostics/diagnostic.js";
import type { FleetHost } from "../plan/fleet.js";
import { localTime } from "../plan/local-time.js";
import { type Overview, someOf, unprotectedText } from "../plan/overview.js";
import type { DomainPlan, PlanHeader, Run, RunDisk } from "../plan/plan.js";
import { retentionText } from "../plan/retention-text.js";
import { boundsText } from "../plan/schedule-text.js";
import { template } from "../templates/template.js";
import { disksText } from "./disks-text.js";

/** Text that Markdown shows as it is, in a table's cell too. */
export function escapeMarkdown(value: unknown): string {
  return String(value).replace(/[\\`*_{}[\]<>|&~$]/g, "\\$&");
}

const topTemplate = template<TopView>("PLAN.md", escapeMarkdown);
const domainTemplate = template<DomainView>("PLAN.domain.md", escapeMarkdown);

/** An instant in the time zone of the plan. */
type Local = (instant: string) => string;

interface TopView {
  readonly plan: PlanHeader;
  readonly overview: Overview;
  readonly retention: string;
  readonly unprotected: string;
  readonly warnings: readonly Diagnostic[];
  /** Of a plan for several. */
  readonly hosts: readonly FleetHost[];
  readonly local: Local;
  readonly bytes: typeof humanBytes;
  readonly duration: typeof humanDuration;
  readonly some: typeof someOf;
  readonly bounds: typeof boundsText;
}

interface DomainView {
  readonly domain: DomainPlan;
  readonly local: Local;
  readonly fulls: number;
  /** After a move: which disks' chains go on, and which begin anew. */
  readonly goOn: readonly string[];
  readonly anew: readonly string[];
  readonly deletions: number;
  readonly bytes: typeof humanBytes;
  readonly plural: typeof plural;
  readonly runs: readonly { readonly run: Run; readonly disks: string; readonly after: string }[];
}

/** The top of PLAN.md, for who reads no further; a section a domain follows, or of several hosts nothing. */
export function planMarkdownTop(
  plan: PlanHeader,
  overview: Overview,
  warnings: readonly Diagnostic[],
  hosts: readonly FleetHost[] = [],
): string {
  return topTemplate({
    plan,
    overview,
    local: (time) => localTime(time, plan.timezone),
    retention: retentionText(plan.retention),
    unprotected: unprotectedText(overview.unprotected),
    // Not where they stand in the policy: the plan is the same wherever the policy is read from.
    warnings: inReadingOrder(warnings.filter(({ severity }) => severity === "warning")),
    hosts,
    bytes: humanBytes,
    duration: humanDuration,
    some: someOf,
    bounds: boundsText,
  });
}

/** A domain's section of PLAN.md: what is covered, the calendar of runs, what is left when the horizon ends. */
export function domainMarkdown(domain: DomainPlan, timezone: string): string {
  return domainTemplate({
    domain,
    local: (time) => localTime(time, timezone),
    goOn: firstDisks(domain, (disk) => disk.level !== "full"),
    anew: firstDisks(domain, (disk) => disk.level === "full"),
    fulls: domain.runs.filter((run) => run.level === "full").length,
    deletions: domain.runs.reduce((sum, run) => sum + prunedBy(run).length, 0),
    bytes: humanBytes,
    plural,
    runs: domain.runs.map((run) => ({ run, disks: disksText(run.disks), after: afterOf(run) })),
  });
}

/** Targets of the first run's disks of which that is true. */
function firstDisks({ runs: [first] }: DomainPlan, is: (disk: RunDisk) => boolean): readonly string[] {
  return (first?.disks ?? []).filter(is).map(({ target }) => target);
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
