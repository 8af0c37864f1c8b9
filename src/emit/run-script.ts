import { posix } from "node:path";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { template } from "../templates/template.js";
import { comment, quote } from "./shell.js";

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

const planTemplate = template<PlanHeader>("plan.bash", quote);
const domainTemplate = template<DomainView>("domain.bash", quote);
const runTemplate = template<RunView>("run.sh", quote);
const restoreTemplate = template<DomainView>("restore.sh", quote);

/** The declarations for all runs of a plan, in one file, so that a change of the policy or horizon changes no run. */
export function renderPlanDeclarations(plan: PlanHeader): string {
  return planTemplate(plan);
}

/** The declarations for all runs of a domain: what the plan assumes about the domain. */
export function renderDomainDeclarations(plan: PlanHeader, domain: DomainPlan): string {
  return domainTemplate({ domain, folder: folderOf(plan, domain), comment });
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
function stepsOf({ mode, freeze }: DomainPlan): readonly string[] {
  const frozen = freeze !== "no";
  return [
    "check_host",
    "create_images",
    ...(frozen ? [`freeze ${freeze === "continue-on-failure" ? "continue" : "fail"}`] : []),
    "begin_backup",
    ...(frozen ? ["thaw"] : []),
    mode === "push" ? "wait_for_job" : "copy_over_nbd",
    "verify_images",
    "write_manifest",
    "retire_checkpoints",
    "consolidate_points",
    "prune_points",
  ];
}
