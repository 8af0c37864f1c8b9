import { join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { domainWriter } from "../emit/domain-threads.js";
import type { PlanDirectory } from "../emit/plan-directory.js";
import { FleetWriter } from "../emit/write-plan.js";
import { PLAN_JSON } from "../plan/files.js";
import type { LazyPlan } from "../plan/lazy.js";
import { openPlan } from "../plan/read.js";
import { planDomains } from "../planner/compile.js";
import type { PreparedFleet } from "../planner/prepare.js";
import { ansibleOf } from "./ansible-plan.js";
import type { EarlierPlan } from "./earlier-plan.js";
import { fileBytes } from "./file-bytes.js";
import type { Watch } from "./watch.js";

/** The plans that have been staged, by host, from their files; those that are as they were, as they were read. */
export function plansNow(
  { hosts }: PreparedFleet,
  directory: PlanDirectory,
  out: string,
  { plans: before }: EarlierPlan,
): ReadonlyMap<string, LazyPlan> {
  return new Map(
    hosts.map(({ header: { host = "" } }) => {
      const path = join(host, PLAN_JSON);
      const shown = join(out, path);
      const staged = directory.staged(path);
      const old = staged === undefined ? before.get(host) : undefined;
      const plan = old ?? openPlan(fileBytes(staged ?? shown), shown, "files");
      if ("code" in plan) throw new Error(plan.message);
      return [host, plan];
    }),
  );
}

/**
 * Plans each domain once and puts its files where they wait for the commit.
 * @param before what was found already, for the reviewer
 * @returns how many runs there are
 */
export async function stage(
  fleet: PreparedFleet,
  directory: PlanDirectory,
  diagnostics: Diagnostic[],
  before: readonly Diagnostic[],
  watch: Watch,
): Promise<number> {
  const isFleet = fleet.hosts.some(({ header }) => header.host !== undefined);
  const total = fleet.hosts.reduce((sum, { domains }) => sum + domains.length, 0);
  const atMost = fleet.hosts.reduce((sum, { domains, slots }) => sum + domains.length * slots.length, 0);
  const domains = domainWriter(directory.place, atMost);
  const meter = watch("domains");
  let [planned, runs, isSound] = [0, 0, true];
  try {
    const writer = new FleetWriter(directory, domains, fleet.header, ansibleOf(fleet));
    for (const prepared of fleet.hosts) {
      const own: Diagnostic[] = [];
      const host = writer.host(prepared.header);
      for (const { plan, diagnostics: found } of planDomains(prepared)) {
        own.push(...found);
        diagnostics.push(...found);
        // After an error nothing will be kept, but the other domains' findings still are of use.
        isSound &&= !hasErrors(found);
        if (isSound) await host.add(plan);
        runs += plan.runs.length;
        meter.update(++planned, total);
      }
      host.close(isFleet ? own : [...before, ...own]);
    }
    writer.close([...before, ...diagnostics]);
    directory.count(await domains.close());
  } finally {
    meter.end();
    await domains.stop();
  }
  return runs;
}
