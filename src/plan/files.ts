import type { DomainPlan, Run } from "./plan.js";

/** Names in a plan directory; every path is relative to it, with `/`. */
export const PLAN_JSON = "plan.json";
/** The index of a plan directory with a folder a host; each of those has a plan.json. */
export const FLEET_JSON = "fleet.json";
export const PLAN_MD = "PLAN.md";
export const TIMELINE_SVG = "timeline.svg";
/** Runs what is due on the host. */
export const RUN_DUE = "run-due.sh";
export const LIB = "lib";
/** What holds for all runs; each run.sh sources it. */
export const PLAN_BASH = "plan.bash";

/** The units of a policy, where it asks for them. */
export function unitFiles(policy: string): { service: string; timer: string } {
  return { service: `systemd/tidemark-${policy}.service`, timer: `systemd/tidemark-${policy}.timer` };
}

export function runFolder(domain: Pick<DomainPlan, "directory">, run: Pick<Run, "directory">): string {
  return `${domain.directory}/${run.directory}`;
}

/** What holds for all runs of a domain; each of its run.sh sources it. */
export function domainBash(domain: Pick<DomainPlan, "directory">): string {
  return `${domain.directory}/domain.bash`;
}

/** The files of one run, in the order in which a reader wants them. */
export function runFiles(
  domain: Pick<DomainPlan, "directory">,
  run: Pick<Run, "directory" | "checkpoint" | "level">,
): { backup: string; checkpoint?: string; fallback?: string; script: string } {
  const folder = runFolder(domain, run);
  return {
    backup: `${folder}/backup.xml`,
    ...(run.checkpoint && { checkpoint: `${folder}/checkpoint.xml` }),
    ...(run.level !== "full" && { fallback: `${folder}/fallback/backup.xml` }),
    script: `${folder}/run.sh`,
  };
}

/** The script that restores one restore point. */
export function restoreFile(domain: Pick<DomainPlan, "directory">, point: string): string {
  return `${domain.directory}/restore/${point}.sh`;
}

/** The restore points that a plan has a script for: those it found, also if it will delete them, and those of its runs. */
export function restorablePoints(domain: Pick<DomainPlan, "runs" | "found">): string[] {
  return [...new Set([...domain.found, ...domain.runs].map(({ point }) => point))].sort();
}
