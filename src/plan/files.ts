import { isSession } from "../policy/policy.js";
import type { DomainPlan, PlanHeader, Run } from "./plan.js";

/** Names in a plan directory; every path is relative to it, with `/`. */
export const PLAN_JSON = "plan.json";
/** The index of a plan directory with a folder a host; each of those has a plan.json. */
export const FLEET_JSON = "fleet.json";
export const PLAN_MD = "PLAN.md";
export const TIMELINE_SVG = "timeline.svg";
/** Runs what is due on the host. */
export const RUN_DUE = "run-due.sh";
/** What holds for all runs; each run.sh sources it. */
export const PLAN_BASH = "plan.bash";

/** The shell machinery, in the order in which scripts read it: the files of `templates/lib/`. */
export const LIBRARY = [
  "guard",
  "messages",
  "settings",
  "state",
  "utf8",
  "json",
  "manifest",
  "restorable",
  "xml",
  "files",
  "checksum",
  "chain",
  "host",
  "parts",
  "evidence",
  "ownership",
  "marks",
  "seal",
  "locks",
  "journal",
  "table",
  "compress",
  "images",
  "probe",
  "bases",
  "documents",
  "demand",
  "pins",
  "bandwidth",
  "job",
  "copies",
  "hours",
  "nbd",
  "stream",
  "offline",
  "machine",
  "consolidate",
  "prune",
  "hooks",
  "metrics",
  "outcomes",
  "run",
  "targets",
  "define",
  "replace",
  "mount",
  "instant",
  "restore",
  "due",
] as const;

/** A file of a plan directory, and what it holds. */
export type PlanPath =
  | { readonly path: string; readonly holds: "index" }
  | { readonly path: string; readonly holds: "page" }
  | { readonly path: string; readonly holds: "timeline" | "due" | "declarations" }
  | { readonly path: string; readonly holds: "service" | "timer" | "session" }
  | { readonly path: string; readonly holds: "library"; readonly name: (typeof LIBRARY)[number] };

/** A file of a domain, and what it holds. */
export type DomainPath =
  | { readonly path: string; readonly holds: "declarations" | "runs" | "run" | "restore" }
  | { readonly path: string; readonly holds: "backup" | "checkpoint"; readonly run: Run };

/** The files of the Ansible role in a fleet's plan, in the folder `templates/ansible/` as well. */
const ANSIBLE_ROLE = [
  "defaults/main.yml",
  "meta/main.yml",
  "vars/main.yml",
  "tasks/main.yml",
  "tasks/copy.yml",
  "tasks/units.yml",
  "tasks/run.yml",
  "tasks/gather.yml",
];

/** A file that a fleet's plan has above the folders of its hosts, and what it holds. */
export interface FleetPath {
  readonly path: string;
  readonly holds: "page" | "timeline" | "hosts" | "playbook" | "role" | "index";
}

/** All files that a fleet's plan has above the folders of its hosts; those of `ansible/` only if the policy sets `ansible`. */
export function* filesOfFleet(): Generator<FleetPath> {
  yield { path: PLAN_MD, holds: "page" };
  yield { path: TIMELINE_SVG, holds: "timeline" };
  yield { path: "ansible/inventory.yml", holds: "hosts" };
  yield { path: "ansible/playbook.yml", holds: "playbook" };
  for (const path of ANSIBLE_ROLE) yield { path: `ansible/roles/tidemark/${path}`, holds: "role" };
  // The index comes last, because it says which other files there are.
  yield { path: FLEET_JSON, holds: "index" };
}

/** All files that a plan has beside those of its domains: what is written, and what is obsolete when a later plan has it no more. */
export function* filesOfPlan({
  policy,
  systemd,
}: Pick<PlanHeader, "policy" | "systemd">): Generator<PlanPath> {
  yield { path: PLAN_MD, holds: "page" };
  yield { path: TIMELINE_SVG, holds: "timeline" };
  yield { path: RUN_DUE, holds: "due" };
  yield { path: PLAN_BASH, holds: "declarations" };
  for (const name of LIBRARY) yield { path: `lib/${name}.bash`, holds: "library", name };
  if (systemd !== undefined) {
    // A plan that somebody has changed may lack its policy.
    const unit = `systemd/tidemark-${policy?.name}`;
    yield { path: `${unit}.service`, holds: "service" };
    yield { path: `${unit}.timer`, holds: "timer" };
    if (isSession(systemd.connect)) {
      yield { path: `systemd/${sessionUnit(policy?.name)}`, holds: "session" };
    }
  }
  // The index comes last, because it says which other files there are.
  yield { path: PLAN_JSON, holds: "index" };
}

/** The unit beside that of a policy for `qemu:///session`. It begins as no unit of another policy does. */
export function sessionUnit(policy: string): string {
  return `libvirt-for-tidemark-${policy}.service`;
}

/** All files that a plan has of a domain; at most two a run. */
export function* filesOfDomain({
  directory,
  runs,
}: Pick<DomainPlan, "directory" | "runs">): Generator<DomainPath> {
  yield { path: `${directory}/domain.bash`, holds: "declarations" };
  yield { path: `${directory}/runs.bash`, holds: "runs" };
  yield { path: `${directory}/run.sh`, holds: "run" };
  yield { path: `${directory}/restore.sh`, holds: "restore" };
  for (const run of runs) {
    const start = `${directory}/${compactSlot(run)}`;
    yield { path: `${start}.backup.xml`, holds: "backup", run };
    if (run.checkpoint) yield { path: `${start}.checkpoint.xml`, holds: "checkpoint", run };
  }
}

/** A run's slot as in the names of files: `20261201T010000Z`. */
export function compactSlot({ slot }: Pick<Run, "slot">): string {
  return String(slot).replaceAll(/[-:]/g, "");
}
