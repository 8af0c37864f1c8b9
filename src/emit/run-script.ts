import { posix } from "node:path";
import { LIB } from "../plan/files.js";
import type { DomainPlan, PlanHeader, Run, Step } from "../plan/plan.js";
import { template, verbatim } from "../templates/template.js";
import { comment, quote } from "./shell.js";
import type { PlanFile } from "./staging.js";

const MACHINERY = [
  "run.bash",
  "restore.bash",
  "messages.bash",
  "manifest.bash",
  "host.bash",
  "journal.bash",
  "json.bash",
  "images.bash",
  "bases.bash",
  "job.bash",
  "nbd.bash",
  "stream.bash",
  "offline.bash",
  "consolidate.bash",
  "prune.bash",
  "hooks.bash",
  "metrics.bash",
  "due.bash",
];

interface DomainView {
  readonly domain: DomainPlan;
  readonly folder: string;
  readonly comment: typeof comment;
}

interface RunView {
  readonly plan: PlanHeader;
  readonly domain: DomainPlan;
  readonly run: Run;
  readonly steps: readonly string[];
  readonly comment: typeof comment;
}

const planTemplate = template<PlanHeader>("plan.bash", quote);
const domainTemplate = template<DomainView>("domain.bash", quote);
const runTemplate = template<RunView>("run.sh", quote);

/** What every run of a plan declares, in one place: where the policy or the horizon changes, no run does. */
export function renderPlanDeclarations(plan: PlanHeader): string {
  return planTemplate(plan);
}

/** What every run of a domain declares: what the plan assumes of it. */
export function renderDomainDeclarations({ repository }: PlanHeader, domain: DomainPlan): string {
  return domainTemplate({ domain, folder: posix.join(repository, domain.directory), comment });
}

/** The script of one run: what it is to make as declarations, then its steps, one a line. */
export function renderRunScript(plan: PlanHeader, domain: DomainPlan, run: Run): string {
  return runTemplate({
    plan,
    domain,
    run,
    steps: run.steps.map((step) => call(step, domain)),
    comment,
  });
}

/** The shell functions that every script sources, as files of the plan directory. */
export function libFiles(): readonly PlanFile[] {
  return MACHINERY.map((name) => ({ path: `${LIB}/${name}`, text: verbatim(`lib/${name}`) }));
}

function call(step: Step, domain: DomainPlan): string {
  switch (step.do) {
    case "check-host":
      return "check_host";
    case "create-images":
      return "create_images";
    case "freeze":
      return `freeze ${domain.freeze === "continue-on-failure" ? "continue" : "fail"}`;
    case "begin":
      return "begin_backup";
    case "thaw":
      return "thaw";
    case "wait":
      return "wait_for_job";
    case "copy":
      return "copy_over_nbd";
    case "verify":
      return "verify_images";
    case "write-manifest":
      return "write_manifest";
    case "retire-checkpoints":
      return ["retire_checkpoints", ...step.keep].join(" ");
    case "consolidate":
      return ["consolidate", quote(step.becauseOf.join(" ")), step.into, ...step.of].join(" ");
    case "prune":
      return ["prune_points", quote(step.becauseOf.join(" ")), ...step.points].join(" ");
  }
}
