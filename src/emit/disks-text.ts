import type { RunDisk } from "../plan/plan.js";

/** Disks with the same decision are named together: `vda, vdb: incremental since X (why)`. */
export function disksText(disks: readonly RunDisk[]): string {
  const groups = new Map<string, string[]>();
  for (const { target, level, base, reason } of disks) {
    const decision = `${level}${base === null ? "" : ` since ${base}`} (${reason})`;
    groups.set(decision, [...(groups.get(decision) ?? []), target]);
  }
  return [...groups].map(([decision, targets]) => `${targets.join(", ")}: ${decision}`).join("; ");
}
