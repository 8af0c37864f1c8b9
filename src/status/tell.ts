import { plural } from "../diagnostics/amounts.js";
import { wallClock } from "../plan/local-time.js";
import { zoneOf } from "./facts.js";
import type { Status } from "./status.js";

/** Title and first sentence of a status. */
export function headOf(status: Status): { readonly title: string; readonly summary: string } {
  const { plan, summary } = status;
  const zone = zoneOf(status);
  return {
    title: plan === undefined ? "Status of the repository" : `Status of ${plan.policy}`,
    summary: `${wallClock(status.at, zone)} (${zone}). ${countText(summary)}`,
  };
}

function countText({ domains, alarm, attention }: Status["summary"]): string {
  const all = `${domains} ${plural(domains, "domain")}`;
  if (alarm + attention === 0) return `${all}: all is well.`;
  const parts = [
    ...(alarm > 0 ? [`${alarm} ${plural(alarm, "alarm")}`] : []),
    ...(attention > 0 ? [`${attention} to look at`] : []),
  ];
  return `${all}: ${parts.join(", ")}.`;
}

/** What is said of domains that the plan leaves out; undefined if there are none. */
export function unplannedOf({ unplanned }: Status): string | undefined {
  return unplanned.length === 0 ? undefined : `Not in the plan, so not backed up: ${unplanned.join(", ")}.`;
}
