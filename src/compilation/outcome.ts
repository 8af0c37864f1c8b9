import type { Written } from "../emit/plan-directory.js";
import type { PlanDiff } from "../plan/difference.js";
import type { Unprotected } from "../plan/overview.js";
import type { Plans } from "./plans.js";

/** The result of a policy: `schemas/compilation.schema.json`. */
export interface Outcome {
  readonly policy: string;
  readonly directory: string;
  /** Names of the hosts, if the policy names hosts. */
  readonly hosts?: readonly string[];
  readonly domains: number;
  readonly unplanned: readonly string[];
  /** Parts of domains that no backup holds, beside their disks. */
  readonly outside: readonly Unprotected[];
  readonly runs: number;
  /** Counts of files of the plan directory; with --check as they would be. */
  readonly files: Written;
  /** With --check: the difference from the committed plan; null if there is no plan yet. */
  readonly diff?: PlanDiff | null;
}

export function outcomeOf(
  { header, hosts }: Plans,
  directory: string,
): Pick<Outcome, "policy" | "directory" | "hosts" | "domains" | "unplanned"> {
  const names = hosts.flatMap((host) => host.header.host ?? []);
  return {
    policy: header.policy.name,
    directory,
    ...(names.length > 0 && { hosts: names }),
    domains: hosts.reduce((sum, { count }) => sum + count, 0),
    unplanned: header.unplanned,
  };
}

export function isUnwritten({ created, changed, removed }: Written): boolean {
  return created + changed + removed === 0;
}
