import { humanDuration, plural } from "../diagnostics/amounts.js";
import type { Manifest } from "../inventory/manifest.js";
import { type Life, livesOf } from "../plan/lives.js";
import { wallClock } from "../plan/local-time.js";
import type { DomainPlan, PlanHeader, Run } from "../plan/plan.js";
import type { Outcome } from "../repository/outcomes.js";
import { isOfImages } from "../repository/verified.js";
import type { Present } from "./present.js";
import type { DomainStatus, PointStatus, Remark, SlotStatus } from "./status.js";

/** What holds for all domains of a status. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly timezone: string;
  /** Seconds; an older restore point is an alarm. */
  readonly maxAge?: number;
}

/** Seconds for which a slot without a restore point stays a remark after a later run was done. */
const REMEMBERED = 7 * 86_400;

/**
 * The status of a planned domain.
 * @param present what is there of it; undefined: nothing
 */
export function plannedStatus(
  header: PlanHeader,
  plan: DomainPlan,
  present: Present | undefined,
  moment: Moment,
): DomainStatus {
  const manifests = (present?.manifests ?? []).filter(({ policy }) => plan.owners.includes(policy));
  const lives = livesOf(plan);
  const slots = slotsOf(plan, lives, manifests, present?.outcomes ?? [], moment);
  const next = plan.runs.find((run) => startOf(run) > moment.at);
  const ofPoints = statusOf(manifests, present, lives, moment);
  const remarks = [
    ...scheduleRemarks(slots, ofPoints.last, moment),
    ...horizonRemarks(header, moment),
    ...remarksOf(ofPoints, present, moment),
  ];
  return {
    name: plan.name,
    uuid: plan.uuid,
    ...(plan.host !== undefined && { host: plan.host }),
    state: stateOf(remarks),
    remarks,
    ...ofPoints,
    slots,
    ...(next && {
      next: {
        slot: next.slot,
        start: new Date(startOf(next)).toISOString().replace(".000", ""),
        level: next.level,
      },
    }),
  };
}

/** The status of a domain of which only the repository is known. */
export function storedStatus(present: Present, moment: Moment): DomainStatus {
  const ofPoints = statusOf(present.manifests, present, [], moment);
  const remarks = remarksOf(ofPoints, present, moment);
  const { failed } = ofPoints;
  if (failed !== undefined) {
    remarks.unshift({
      grade: "alarm",
      kind: "failed",
      text: `the run of ${wallClock(failed.slot, moment.timezone)} ${failureText(failed)}`,
    });
  }
  return { name: present.name, uuid: present.uuid, state: stateOf(remarks), remarks, ...ofPoints };
}

type OfPoints = Pick<DomainStatus, "last" | "age" | "failed" | "unfinished" | "chain" | "bytes" | "points">;

function statusOf(
  manifests: readonly Manifest[],
  present: Present | undefined,
  lives: readonly Life[],
  { at }: Moment,
): OfPoints {
  const byName = new Map(lives.map((life) => [life.point, life]));
  const points = manifests.map((manifest) => pointStatus(manifest, present, byName.get(manifest.point)));
  const last = points.at(-1);
  const newest = present?.outcomes?.at(-1);
  const isFailure =
    newest !== undefined &&
    newest.outcome !== "done" &&
    newest.outcome !== "partial" &&
    newest.outcome !== "skipped" &&
    newest.slot > (last?.slot ?? "");
  return {
    ...(last && { last, age: Math.max(0, Math.floor((at - Date.parse(last.slot)) / 1000)) }),
    ...(isFailure && { failed: newest }),
    unfinished: present?.unfinished ?? false,
    chain: chainOf(manifests),
    bytes: points.reduce((sum, { bytes }) => sum + bytes, 0),
    points,
  };
}

function pointStatus(manifest: Manifest, present: Present | undefined, life: Life | undefined): PointStatus {
  const { point, slot, level, finished, disks, deviation, planned, frozen, onDemand, pin } = manifest;
  const record = present?.verified.get(point);
  const verified = record !== undefined && isOfImages(record, manifest) ? record : undefined;
  return {
    point,
    slot,
    level,
    finished,
    bytes: disks.reduce((sum, { size }) => sum + size, 0),
    ...(deviation !== undefined && { deviation }),
    ...(planned !== undefined && { planned }),
    ...(frozen !== undefined && { frozen }),
    ...(onDemand !== undefined && { onDemand }),
    ...(pin && { pin }),
    ...(verified && {
      verified: { at: verified.at, checksums: verified.checksums, restorable: verified.restorable },
    }),
    ...(life?.deletion && {
      end: {
        slot: life.deletion.slot,
        ...(life.deletion.foldedInto !== undefined && { foldedInto: life.deletion.foldedInto }),
      },
    }),
    ...(life !== undefined && life.deletion === undefined && { keptBy: life.reasons }),
  };
}

/** Images of the longest chain of the newest restore point; manifests that name each other in a circle end it. */
function chainOf(manifests: readonly Manifest[]): number {
  const newest = manifests.at(-1);
  const byName = new Map(manifests.map((manifest) => [manifest.point, manifest]));
  const lengths = (newest?.disks ?? []).map(({ target }) => {
    const seen = new Set<string>();
    for (let at = newest; at !== undefined && !seen.has(at.point); ) {
      seen.add(at.point);
      const base: string | null | undefined = at.disks.find((disk) => disk.target === target)?.base;
      at = base === null || base === undefined ? undefined : byName.get(base);
    }
    return seen.size;
  });
  return Math.max(0, ...lengths);
}

/** Milliseconds. */
function startOf({ slot, start }: Run): number {
  return Date.parse(start ?? slot);
}

function slotsOf(
  { runs, timeLimit }: DomainPlan,
  lives: readonly Life[],
  manifests: readonly Manifest[],
  outcomes: readonly Outcome[],
  { at }: Moment,
): SlotStatus[] {
  const there = new Set(manifests.map(({ point }) => point));
  const ended = new Map(lives.map(({ point, deletion }) => [point, deletion?.slot]));
  const bySlot = new Map(outcomes.map((outcome) => [outcome.slot, outcome]));
  const recordedSince = outcomes[0]?.slot;
  const come = runs.filter((run) => startOf(run) <= at);
  return come.map((run, index): SlotStatus => {
    const { slot, level, point } = run;
    const outcome = bySlot.get(slot);
    if (there.has(point) || ["done", "partial"].includes(outcome?.outcome ?? ""))
      return { slot, level, state: "done" };
    if (outcome?.outcome === "skipped") return { slot, level, state: "skipped" };
    if (outcome !== undefined) return { slot, level, state: "failed", why: failureText(outcome) };
    if (index === come.length - 1 && at - startOf(run) < timeLimit * 1000)
      return { slot, level, state: "due" };
    const end = ended.get(point);
    const isDeleted = end !== undefined && Date.parse(end) <= at;
    const isRecorded = recordedSince !== undefined && recordedSince <= slot;
    return { slot, level, state: isDeleted && !isRecorded ? "gone" : "missed" };
  });
}

/** `failed with exit status 1 at "begin the backup": …` */
function failureText({ outcome, exit, step, why }: Outcome): string {
  const how =
    outcome === "refused"
      ? "was refused"
      : outcome === "busy"
        ? "found the domain busy"
        : `failed with exit status ${exit} at "${step}"`;
  return why === "" ? how : `${how}: ${why}`;
}

function scheduleRemarks(
  slots: readonly SlotStatus[],
  last: PointStatus | undefined,
  { at, timezone }: Moment,
): Remark[] {
  const remarks: Remark[] = [];
  const settled = slots.filter(({ state }) => state !== "due");
  const newest = settled.at(-1);
  const isLost = ({ state }: SlotStatus) => state === "failed" || state === "missed";
  const lostNow = newest !== undefined && isLost(newest) ? newest : undefined;
  if (lostNow !== undefined) {
    // A restore point that is younger than the slot has what the slot's run would have copied.
    const grade = last !== undefined && last.slot > lostNow.slot ? "attention" : "alarm";
    const time = wallClock(lostNow.slot, timezone);
    const since = settled.filter((slot) => isLost(slot) && slot.slot > (last?.slot ?? ""));
    const more =
      since.length < 2
        ? ""
        : last === undefined
          ? `; none of the ${since.length} slots that have come has a restore point`
          : `; ${since.length} slots since the last restore point have none`;
    remarks.push(
      lostNow.state === "failed"
        ? { grade, kind: "failed", text: `the run of ${time} ${lostNow.why}${more}` }
        : { grade, kind: "late", text: `the run of ${time} was not made${more}` },
    );
  }
  const isToldAbove = ({ slot }: SlotStatus) => lostNow !== undefined && slot > (last?.slot ?? "");
  const earlier = settled.filter(
    (slot) =>
      isLost(slot) &&
      slot !== lostNow &&
      !isToldAbove(slot) &&
      at - Date.parse(slot.slot) < REMEMBERED * 1000,
  );
  if (earlier.length > 0) {
    const times = earlier.slice(-3).map(({ slot }) => wallClock(slot, timezone));
    const more = earlier.length > times.length ? `, and ${earlier.length - times.length} before` : "";
    remarks.push({
      grade: "attention",
      kind: "missed",
      text: `${earlier.length} ${plural(earlier.length, "slot")} of the last seven days ${earlier.length === 1 ? "has" : "have"} no restore point: ${times.join(", ")}${more}`,
    });
  }
  return remarks;
}

function horizonRemarks({ horizon, timezone }: PlanHeader, { at }: Moment): Remark[] {
  const [from, until] = [Date.parse(horizon.from), Date.parse(horizon.until)];
  const time = wallClock(horizon.until, timezone);
  if (at >= until)
    return [
      {
        grade: "alarm",
        kind: "expired",
        text: `the plan ended on ${time}, and nothing is backed up since: compile the policy again`,
      },
    ];
  // The same share as in lib/messages.bash.
  if (at >= from && (until - at) * 5 < until - from)
    return [
      {
        grade: "attention",
        kind: "ends-soon",
        text: `the plan ends on ${time}: compile the policy again before that`,
      },
    ];
  return [];
}

/** What is said of the restore points themselves. */
function remarksOf(
  { last, age, points, unfinished }: OfPoints,
  present: Present | undefined,
  { maxAge, timezone }: Moment,
): Remark[] {
  const remarks: Remark[] = [];
  const say = (grade: Remark["grade"], kind: Remark["kind"], text: string) =>
    remarks.push({ grade, kind, text });
  for (const fault of present?.damaged ?? []) say("alarm", "damaged", `a manifest is damaged: ${fault}`);
  for (const { point, target, fault } of present?.broken ?? [])
    say("alarm", "broken", `the image of disk ${target} in ${point} ${fault}`);
  for (const { point, verified } of points)
    if (verified?.restorable === false)
      say(
        "alarm",
        "broken",
        `${point} could not be restored when it was verified on ${wallClock(verified.at, timezone)}`,
      );
  if (maxAge !== undefined && (age ?? Number.POSITIVE_INFINITY) > maxAge)
    say(
      "alarm",
      age === undefined ? "no-restore-point" : "too-old",
      age === undefined
        ? "there is no restore point"
        : `the last restore point is ${humanDuration(age)} old, and at most ${humanDuration(maxAge)} is allowed`,
    );
  if (last?.deviation !== undefined)
    say("attention", "deviation", `the last restore point is not as planned: ${deviationText(last)}`);
  if (last?.frozen === false && last.deviation !== "not frozen")
    say(
      "attention",
      "not-frozen",
      "the guest was not frozen for the last restore point, so its disks are as after a power cut",
    );
  if (unfinished)
    say("attention", "unfinished", "a run is at work, or was interrupted; the next run undoes it then");
  return remarks;
}

/** `full instead of incremental: base missing: …` */
export function deviationText({ level, planned, deviation }: PointStatus): string {
  return [planned === undefined ? undefined : `${level} instead of ${planned}`, deviation]
    .filter((part) => part !== undefined)
    .join(": ");
}

function stateOf(remarks: readonly Remark[]): DomainStatus["state"] {
  if (remarks.some(({ grade }) => grade === "alarm")) return "alarm";
  return remarks.length > 0 ? "attention" : "well";
}
