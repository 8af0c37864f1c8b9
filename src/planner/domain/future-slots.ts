import { plural } from "../../diagnostics/amounts.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Move } from "../../inventory/inventory.js";
import { located, type Policy } from "../../policy/policy.js";
import { instant, type Slot } from "../calendar/schedule.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import type { History } from "./past.js";

/** Slots that are still to come: those after the newest restore point of the catalog. */
export function futureSlots(
  { policy, slots: all }: { readonly policy: Policy; readonly slots: readonly Slot[] },
  { facts, origins: { entry } }: ResolvedDomain,
  history: History,
): { slots: readonly Slot[]; diagnostics: readonly Diagnostic[] } {
  const { name } = facts.domain;
  const hasCatalog = facts.catalog !== undefined;
  const newest = newestOf(history, facts.moved);
  const slots = all.filter((slot) => slot.time > newest);
  // A past slot without a manifest, as after a run that is not undone yet, is not planned.
  const diagnostics = takenNames(policy, entry, name, history, hasCatalog ? slots : all, hasCatalog);
  const missed = all.length - slots.length;
  if (missed > 0) {
    diagnostics.push({
      code: "TM305",
      severity: hasCatalog ? "info" : "error",
      message: `${missed} ${plural(missed, "slot")} of "${name}" up to ${instant(newest)} are before its newest run and are not planned`,
      hint: hasCatalog
        ? "this is normal when a plan is compiled again within its horizon"
        : "begin the horizon after that run (--from), or capture the catalog",
      ...located(policy, entry),
    });
  }
  return { slots, diagnostics };
}

/** Runs on the other host count too, even if their restore points cannot be seen from this host. */
function newestOf({ newest = Number.NEGATIVE_INFINITY }: History, moved: Move | undefined): number {
  return moved === undefined ? newest : Math.max(newest, Date.parse(moved.last));
}

function takenNames(
  policy: Policy,
  entry: string,
  name: string,
  { points, ownCheckpoints }: History,
  slots: readonly Slot[],
  hasCatalog: boolean,
): Diagnostic[] {
  const verified = new Set(points.map(({ point }) => point));
  return slots.flatMap((slot): Diagnostic[] => {
    const point = `${policy.name}-${slot.compact}`;
    if (!ownCheckpoints.includes(point) || verified.has(point)) return [];
    return [
      {
        code: "TM304",
        severity: "error",
        message: `the run of "${name}" at ${slot.utc} would make the checkpoint ${point}, which the domain already has`,
        hint: hasCatalog
          ? `no manifest says that this run was verified; delete the checkpoint (virsh checkpoint-delete), or begin the horizon later (--from)`
          : `if that run has taken place, capture the catalog or begin the horizon after it (--from)`,
        ...located(policy, entry),
      },
    ];
  });
}
