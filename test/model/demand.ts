import type { Pin } from "../../src/inventory/manifest.js";
import type { DomainPlan, Run, RunDisk } from "../../src/plan/plan.js";
import { lastVerified, newestCovering } from "./bases.js";
import type { Host } from "./host.js";

/** A restore point on demand: `run.sh --now`. */
export interface Demand {
  readonly full: boolean;
  readonly pinned: boolean;
}

/** What its manifest says beside what a night's says. */
export function demandedManifest({ pinned }: Demand): { onDemand: true; pin?: Pin } {
  return { onDemand: true, ...(pinned && { pin: { reason: "kept" } }) };
}

/** Its time, in the second before the next night's slot. */
export function demandedAt(next: Run): string {
  return new Date(Date.parse(next.slot) - 1000).toISOString().replace(".000", "");
}

/** The run of a restore point on demand, as `demand.bash` makes it of the last run of the plan that reads changes. */
export function demandedRun(host: Host, domain: DomainPlan, slot: string, { full }: Demand): Run | undefined {
  const model =
    domain.runs.findLast(({ disks }) => disks.some(({ base }) => base !== null)) ?? domain.runs.at(-1);
  if (model === undefined) return undefined;
  const [former, now] = [model.point.slice(-16), slot.replaceAll(/[-:]/g, "")];
  const point = model.point.replace(former, now);
  const disks = model.disks.map((disk): RunDisk => {
    const { level: _, base: planned, format, bitmap, ...rest } = disk;
    const image = disk.image.replace(former, now);
    const base =
      planned === null || full
        ? undefined
        : host.isRunning
          ? lastVerified(host, point, disk.target)
          : newestCovering(host, point, disk.target);
    const pull = disk.pull && {
      ...disk.pull,
      scratch: disk.pull.scratch.replace(former, now),
    };
    return (
      base === undefined
        ? { ...rest, image, level: "full", base: null, format, bitmap, ...(pull && { pull }) }
        : { ...rest, image, level: "incremental", base, format, bitmap, ...(pull && { pull }) }
    ) as RunDisk;
  });
  const level = disks.some(({ base }) => base !== null) ? "incremental" : "full";
  return {
    ...model,
    slot,
    point,
    disks,
    level,
    scheduled: level,
    steps: model.steps.filter((step) => !["retire-checkpoints", "consolidate", "prune"].includes(step.do)),
  };
}
