import { posix } from "node:path";
import { LIB } from "../plan/files.js";
import type { DomainPlan, PlanHeader, Run, Step } from "../plan/plan.js";
import { template, verbatim } from "../templates/template.js";
import type { PlanFile } from "./plan-directory.js";
import { comment, quote } from "./shell.js";

const MACHINERY = [
  "run.bash",
  "restore.bash",
  "messages.bash",
  "manifest.bash",
  "host.bash",
  "journal.bash",
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

interface RunView {
  readonly plan: PlanHeader;
  readonly domain: DomainPlan;
  readonly run: Run;
  readonly folder: string;
  readonly steps: readonly string[];
  readonly comment: typeof comment;
}

const runTemplate = template<RunView>("run.sh", quote);

/** The script of one run: the plan's assumptions as declarations, then its steps, one a line. */
export function renderRunScript(plan: PlanHeader, domain: DomainPlan, run: Run): string {
  return runTemplate({
    plan,
    domain,
    run,
    folder: posix.join(plan.repository, domain.directory),
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
