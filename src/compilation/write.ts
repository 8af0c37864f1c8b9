import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { fileTrouble, PlanDirectory } from "../emit/plan-directory.js";
import type { Unprotected } from "../plan/overview.js";
import { type EarlierPlan, earlierPlan, obsoleteFiles } from "./earlier-plan.js";
import { type Outcome, outcomeOf } from "./outcome.js";
import type { Plans } from "./plans.js";
import { type DomainWriters, stage, stagedPlans } from "./stage.js";
import type { Watch } from "./watch.js";

/** Plans, and the directory that they are for. */
export interface Order {
  readonly plans: Plans;
  /** The directory, as diagnostics show it. */
  readonly out: string;
  /** Diagnostics of loading the policy. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Staged extends Order {
  readonly directory: PlanDirectory;
  readonly earlier: EarlierPlan;
  readonly runs: number;
  readonly outside: readonly Unprotected[];
}

/** Writes plan directories. Everything is staged before the first of them changes; after an error none does. */
export async function writePlans(
  orders: readonly Order[],
  writers: DomainWriters,
  watch: Watch,
): Promise<{ outcomes?: readonly Outcome[]; diagnostics: readonly Diagnostic[] }> {
  const staged: Staged[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const order of orders) {
    const done = await stageOrder(order, writers, watch);
    if (done.staged !== undefined) staged.push(done.staged);
    diagnostics.push(...done.diagnostics);
  }
  const outcomes: Outcome[] = [];
  if (!hasErrors(diagnostics)) {
    for (const each of staged) {
      const committed = commit(each);
      diagnostics.push(...committed.diagnostics);
      if (committed.outcome === undefined) break;
      outcomes.push(committed.outcome);
    }
  }
  if (!hasErrors(diagnostics)) return { outcomes, diagnostics };
  for (const { directory } of staged) directory.discard();
  return { diagnostics };
}

async function stageOrder(
  order: Order,
  writers: DomainWriters,
  watch: Watch,
): Promise<{ staged?: Staged; diagnostics: readonly Diagnostic[] }> {
  const { plans, out, diagnostics: loading } = order;
  const root = resolve(out);
  const { earlier, diagnostics: refused } = earlierPlan(root, out, plans.policy);
  if (earlier === undefined) return { diagnostics: refused };
  let directory: PlanDirectory | undefined;
  try {
    directory = new PlanDirectory(root);
    const { diagnostics, ...counts } = await stage(plans, directory, writers, loading, watch);
    return { staged: { ...order, directory, earlier, ...counts }, diagnostics };
  } catch (error) {
    directory?.discard();
    return { diagnostics: [fileTrouble(error, out)] };
  }
}

function commit({ plans, out, directory, earlier, runs, outside }: Staged): {
  outcome?: Outcome;
  diagnostics: readonly Diagnostic[];
} {
  try {
    const now = earlier.plans.size === 0 ? new Map() : stagedPlans(plans, directory, out, earlier);
    const files = directory.commit(() => obsoleteFiles(earlier, now));
    return { outcome: { ...outcomeOf(plans, out), outside, runs, files }, diagnostics: [] };
  } catch (error) {
    return { diagnostics: [fileTrouble(error, out)] };
  }
}
