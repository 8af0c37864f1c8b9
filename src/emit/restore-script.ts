import { posix } from "node:path";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { template } from "../templates/template.js";
import { comment, quote } from "./shell.js";

interface RestoreView {
  readonly domain: DomainPlan;
  readonly folder: string;
  readonly point: string;
  readonly comment: typeof comment;
}

const restoreTemplate = template<RestoreView>("restore.sh", quote);

/** The script that restores one restore point; which images it needs, it reads from the manifests. */
export function renderRestoreScript(plan: PlanHeader, domain: DomainPlan, point: string): string {
  return restoreTemplate({ domain, folder: posix.join(plan.repository, domain.directory), point, comment });
}
