import { posix } from "node:path";
import { type ClockChange, clockChanges } from "../plan/clock-changes.js";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { type WeekStep, weekOf } from "../policy/bandwidth.js";
import { template } from "../templates/template.js";
import { comment, quote } from "./shell.js";

interface PlanView extends PlanHeader {
  /** Of most domains; absent where there are none. */
  readonly answers?: string;
}

interface DeclarationsView extends DomainView {
  readonly answers: string;
  /** What plan.bash has of them. */
  readonly usual: string;
  /** What the bandwidth allows, and the clocks by which it does. */
  readonly limits: readonly WeekStep[];
  readonly clocks: readonly ClockChange[];
}

interface DomainView {
  readonly domain: DomainPlan;
  /** The domain's in the repository. */
  readonly folder: string;
  readonly comment: typeof comment;
}

interface RunView {
  readonly plan: PlanHeader;
  readonly domain: DomainPlan;
  readonly steps: readonly string[];
  readonly comment: typeof comment;
}

const planTemplate = template<PlanView>("plan.bash", quote);
const domainTemplate = template<DeclarationsView>("domain.bash", quote);
const runTemplate = template<RunView>("run.sh", quote);
const restoreTemplate = template<DomainView>("restore.sh", quote);

/**
 * The declarations for all runs of a plan, in one file, so that a change of the policy or horizon changes no run.
 * @param answers the answers that most domains share; undefined if there is no domain
 */
export function renderPlanDeclarations(plan: PlanHeader, answers: string | undefined): string {
  return planTemplate({ ...plan, ...(answers !== undefined && { answers }) });
}

/**
 * The declarations for all runs of a domain: what the plan assumes about the domain.
 * @param usual the answers that plan.bash gives already
 */
export function renderDomainDeclarations(plan: PlanHeader, domain: DomainPlan, usual: string): string {
  return domainTemplate({
    domain,
    answers: answersOf(domain),
    usual,
    ...bandwidthOf(plan, domain),
    folder: folderOf(plan, domain),
    comment,
  });
}

/** The clocks are known for a year after the plan's end, because a run of its last day may be late. */
function bandwidthOf(
  { timezone, horizon }: PlanHeader,
  { bandwidth }: DomainPlan,
): Pick<DeclarationsView, "limits" | "clocks"> {
  const limits = bandwidth === undefined ? [] : weekOf(bandwidth);
  if (limits.length < 2) return { limits, clocks: [] };
  const [from, until] = [Date.parse(horizon.from) / 1000, Date.parse(horizon.until) / 1000];
  const clocks = clockChanges(timezone, from, until + 366 * 86_400);
  // The first holds before as well; with its instant, each later plan would change the file.
  return { limits, clocks: clocks.map((change, index) => (index === 0 ? { ...change, from: 0 } : change)) };
}

/** What a domain's runs do if the host is not as planned: the words after `answers` (lib/run.bash). */
export function answersOf(domain: DomainPlan): string {
  const { onMissingBase, onDrift, onStopped, timeLimit, owners, onNewDisk } = domain;
  return `${onMissingBase} ${onDrift} ${onStopped} ${timeLimit} ${quote(owners.join(" "))} ${onNewDisk}`;
}

/** The script of a domain's runs: the steps of each, one a line. */
export function renderRunScript(plan: PlanHeader, domain: DomainPlan): string {
  return runTemplate({ plan, domain, steps: stepsOf(domain), comment });
}

/** The script that restores a domain; which images a restore point needs, it reads from the manifests. */
export function renderRestoreScript(plan: PlanHeader, domain: DomainPlan): string {
  return restoreTemplate({ domain, folder: folderOf(plan, domain), comment });
}

/** The domain's folder in the repository. */
export function folderOf({ repository }: Pick<PlanHeader, "repository">, { directory }: DomainPlan): string {
  return posix.join(repository, directory);
}

/** The last three have nothing to do where the table of runs has nothing for them. */
function stepsOf({ mode, freeze, disks }: DomainPlan): readonly string[] {
  const frozen = freeze !== "no";
  return [
    "check_host",
    "create_images",
    ...(frozen ? [`freeze ${freeze === "continue-on-failure" ? "continue" : "fail"}`] : []),
    "begin_backup",
    "take_machine",
    ...(frozen ? ["thaw"] : []),
    mode === "push" ? "wait_for_job" : "copy_over_nbd",
    ...(mode === "push" && disks.some(({ compress }) => compress !== undefined) ? ["compress_images"] : []),
    "verify_images",
    "write_manifest",
    "retire_checkpoints",
    "consolidate_points",
    "prune_points",
  ];
}
