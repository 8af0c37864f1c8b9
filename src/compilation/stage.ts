import { join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { DomainWriter } from "../emit/domain-files.js";
import type { PlanDirectory } from "../emit/plan-directory.js";
import type { StagedDirectory } from "../emit/staging.js";
import { FleetWriter } from "../emit/write-plan.js";
import { PLAN_JSON } from "../plan/files.js";
import type { LazyPlan } from "../plan/lazy.js";
import { Lacks, type Unprotected } from "../plan/overview.js";
import { domainLabel } from "../plan/plan.js";
import { openPlan } from "../plan/read.js";
import { ansibleOf } from "./ansible-plan.js";
import type { EarlierPlan } from "./earlier-plan.js";
import { fileBytes } from "./file-bytes.js";
import type { Plans } from "./plans.js";
import type { Watch } from "./watch.js";

/** What writes the files of domains; `atMost` so many runs. */
export type DomainWriters = (staged: StagedDirectory, atMost: number) => DomainWriter;

interface Staging {
  readonly runs: number;
  readonly outside: readonly Unprotected[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Plans each domain once and stages its files.
 * @param before earlier diagnostics, for the reviewer
 * @returns how many runs there are, which parts of domains no backup holds, and what was found while planning; after an error not
 * all is staged
 */
export async function stage(
  { policy, header, hosts }: Plans,
  directory: PlanDirectory,
  writers: DomainWriters,
  before: readonly Diagnostic[],
  watch: Watch,
): Promise<Staging> {
  const isFleet = hosts.some((host) => host.header.host !== undefined);
  const total = hosts.reduce((sum, { count }) => sum + count, 0);
  const atMost = hosts.reduce((sum, { count, slots }) => sum + count * slots, 0);
  const domains = writers(directory.stagedDirectory, atMost);
  const meter = watch("domains");
  const diagnostics: Diagnostic[] = [];
  const lacks = new Lacks();
  let [planned, runs, isSound] = [0, 0, true];
  try {
    const ansible = ansibleOf(policy, hosts);
    const writer = new FleetWriter(directory, domains, header, ansible);
    for (const host of hosts) {
      const ofHost: Diagnostic[] = [];
      const hostWriter = writer.host(host.header);
      for (const { plan, diagnostics: planning } of host.domains()) {
        ofHost.push(...planning);
        // After an error nothing is kept, but the diagnostics of the other domains are still useful.
        isSound &&= !hasErrors(planning);
        if (isSound) await hostWriter.add(plan);
        runs += plan.runs.length;
        for (const lack of plan.outside ?? []) lacks.add(domainLabel(plan.name, host.header.host), lack);
        meter.update(++planned, total);
      }
      diagnostics.push(...ofHost);
      hostWriter.close([...(isFleet ? host.diagnostics : before), ...ofHost]);
    }
    writer.close([...before, ...diagnostics]);
    directory.count(await domains.close());
  } finally {
    meter.end();
    await domains.stop();
  }
  return { runs, outside: lacks.all(), diagnostics };
}

/** The staged plans by host, from their files; an unchanged plan as it was read before. */
export function stagedPlans(
  { hosts }: Plans,
  directory: PlanDirectory,
  out: string,
  { plans: before }: EarlierPlan,
): ReadonlyMap<string, LazyPlan> {
  return new Map(
    hosts.map(({ header: { host = "" } }) => {
      const path = join(host, PLAN_JSON);
      const shown = join(out, path);
      const staged = directory.stagedPath(path);
      const old = staged === undefined ? before.get(host) : undefined;
      if (old !== undefined) return [host, old];
      const { plan, diagnostics } = openPlan(fileBytes(staged ?? shown), shown, "files");
      if (plan === undefined) throw new Error(diagnostics.map(({ message }) => message).join("; "));
      return [host, plan];
    }),
  );
}
