import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { fileTrouble, PlanDirectory } from "../emit/plan-directory.js";
import { diffPlans } from "../plan/diff.js";
import { joinHosts } from "../plan/fleet.js";
import { earlierPlan, obsoleteFiles } from "./earlier-plan.js";
import { type Outcome, outcomeOf } from "./outcome.js";
import { fromFile, indexOf } from "./read-plan.js";
import { type DomainWriters, stage, stagedPlans } from "./stage.js";
import type { Watch } from "./watch.js";
import type { Order } from "./write.js";

/** Compares each plan directory with what its policy compiles to, by meaning and by files; writes nothing that stays. */
export async function checkPlans(
  orders: readonly Order[],
  writers: DomainWriters,
  watch: Watch,
): Promise<{ outcomes: readonly Outcome[]; diagnostics: readonly Diagnostic[] }> {
  const outcomes: Outcome[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const order of orders) {
    const checked = await checkPlan(order, writers, watch);
    if (checked.outcome !== undefined) outcomes.push(checked.outcome);
    diagnostics.push(...checked.diagnostics);
  }
  return { outcomes, diagnostics };
}

async function checkPlan(
  { plans, out, diagnostics: loading }: Order,
  writers: DomainWriters,
  watch: Watch,
): Promise<{ outcome?: Outcome; diagnostics: readonly Diagnostic[] }> {
  const root = resolve(out);
  const { earlier, diagnostics: refused } = earlierPlan(root, out, plans.policy);
  if (earlier === undefined) return { diagnostics: refused };
  const isThere = existsSync(indexOf(root));
  const reading: Diagnostic[] = [];
  const committed = isThere ? fromFile(indexOf(out), reading) : undefined;
  if (isThere && committed === undefined) return { diagnostics: reading };
  let directory: PlanDirectory | undefined;
  try {
    directory = new PlanDirectory(root);
    const { runs, outside, diagnostics } = await stage(plans, directory, writers, loading, watch);
    const all = [...reading, ...diagnostics];
    if (hasErrors(all)) return { diagnostics: all };
    const now = stagedPlans(plans, directory, out, earlier);
    const diff =
      committed === undefined ? null : diffPlans(committed, joinHosts(plans.header, [...now.values()]));
    const files = directory.preview(() => obsoleteFiles(earlier, now));
    return { outcome: { ...outcomeOf(plans, out), outside, runs, files, diff }, diagnostics: all };
  } catch (error) {
    return { diagnostics: [...reading, fileTrouble(error, out)] };
  } finally {
    directory?.discard();
  }
}
