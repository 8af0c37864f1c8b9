import { humanBytes, humanDuration, plural } from "../diagnostics/amounts.js";
import { type Diagnostic, inReadingOrder } from "../diagnostics/diagnostic.js";
import { bandwidthText } from "../plan/bandwidth-text.js";
import type { FleetHost } from "../plan/fleet.js";
import { localTime } from "../plan/local-time.js";
import { type Overview, someOf, unknownIn, unprotectedText } from "../plan/overview.js";
import { pinText } from "../plan/pin-text.js";
import type { Assumed, DomainPlan, PlanHeader, Run, RunDisk } from "../plan/plan.js";
import { retentionText } from "../plan/retention-text.js";
import { boundsText } from "../plan/schedule-text.js";
import { template } from "../templates/template.js";
import { disksText } from "./disks-text.js";

/** Escapes a text for Markdown, also within a table. */
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
  /** Hosts of a plan for several hosts. */
  readonly hosts: readonly FleetHost[];
  readonly local: Local;
  readonly sum: (bytes: number, partial: boolean) => string;
  readonly bytes: typeof humanBytes;
  readonly duration: typeof humanDuration;
  readonly some: typeof someOf;
  readonly bounds: typeof boundsText;
}

interface DomainView {
  readonly domain: DomainPlan;
  readonly local: Local;
  readonly fulls: number;
  /** After a move: disks whose chains continue, and disks whose chains begin anew. */
  readonly goOn: readonly string[];
  readonly anew: readonly string[];
  readonly deletions: number;
  readonly bytes: typeof humanBytes;
  readonly plural: typeof plural;
  readonly pinText: typeof pinText;
  readonly unknown: readonly string[];
  readonly assumed: typeof assumedText;
  readonly bandwidth: typeof bandwidthText;
  readonly duration: typeof humanDuration;
  readonly runs: readonly { readonly run: Run; readonly disks: string; readonly after: string }[];
}

/**
 * The top of PLAN.md, for readers who read no further. Sections of domains follow, unless the plan is for several
 * hosts.
 */
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
    // Without locations, because the plan is the same wherever the policy is.
    warnings: inReadingOrder(warnings.filter(({ severity }) => severity === "warning")),
    hosts,
    sum: (bytes, partial) => `${humanBytes(bytes)}${partial ? " or more" : ""}`,
    bytes: humanBytes,
    duration: humanDuration,
    some: someOf,
    bounds: boundsText,
  });
}

/** A domain's section of PLAN.md: its disks, its runs, and what is kept when the horizon ends. */
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
    pinText,
    unknown: unknownIn(domain.figures.forecast?.assumptions ?? []),
    assumed: assumedText,
    bandwidth: bandwidthText,
    duration: humanDuration,
    runs: domain.runs.map((run) => ({ run, disks: disksText(run.disks), after: afterOf(run) })),
  });
}

const FROM: Readonly<Record<Assumed["from"], string>> = {
  policy: "the policy's estimate",
  catalog: "earlier runs",
  checkpoint: "a checkpoint",
  allocation: "what the disk takes on its host",
  capacity: "the size that the guest sees",
  default: "the default",
  full: "each image is a full",
};

function assumedText(assumed: Assumed | undefined, per = ""): string {
  return assumed === undefined ? "?" : `${humanBytes(assumed.bytes)}${per} (${FROM[assumed.from]})`;
}

/** Targets of the disks of the first run that match. */
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
