import { humanBytes, humanDuration, plural } from "../diagnostics/amounts.js";
import { wallClock } from "../plan/local-time.js";
import { deviationText } from "./domain-status.js";
import type { DomainStatus, PointStatus, Status } from "./status.js";

/** A line of a domain's status: its title and its text. */
export type Fact = readonly [title: string, text: string];

/** The zone in which a status shows times: that of the plan, or UTC. */
export function zoneOf({ plan }: Status): string {
  return plan?.timezone ?? "UTC";
}

/** What the terminal and the page tell of a domain. */
export function factsOf(domain: DomainStatus, status: Status): Fact[] {
  const time = (instant: string) => wallClock(instant, zoneOf(status));
  const { last, age = 0, slots, next, points } = domain;
  const facts: Fact[] = [];
  facts.push([
    "last point",
    last === undefined
      ? "none"
      : `${time(last.slot)}, ${last.level}, ${humanDuration(age)} old${last.frozen === undefined ? "" : last.frozen ? ", guest frozen" : ", guest not frozen"}`,
  ]);
  if (slots !== undefined) facts.push(["slots", slotsText(slots)]);
  if (status.plan !== undefined)
    facts.push(["next run", next === undefined ? "none in this plan" : `${time(next.start)}, ${next.level}`]);
  const deviating = points.filter(({ deviation }) => deviation !== undefined);
  for (const point of deviating.slice(-3).reverse())
    facts.push([
      point === deviating.at(-1) ? "deviations" : "",
      `${time(point.slot)}: ${deviationText(point)}`,
    ]);
  if (deviating.length > 3) facts.push(["", `and ${deviating.length - 3} earlier`]);
  facts.push([
    "restoring",
    last === undefined
      ? "nothing to restore"
      : `reads ${domain.chain} ${plural(domain.chain, "image")} for each disk`,
  ]);
  facts.push([
    "size",
    `${points.length} ${plural(points.length, "restore point")}, ${humanBytes(domain.bytes)}${points[0] === undefined ? "" : `, since ${time(points[0].slot)}`}`,
  ]);
  facts.push(["verified", verifiedText(points, time)]);
  const ending = points.filter(({ end }) => end !== undefined);
  const first = [...ending].sort((a, b) => ((a.end?.slot ?? "") < (b.end?.slot ?? "") ? -1 : 1))[0];
  if (first !== undefined)
    facts.push(["next to end", `${time(first.slot)}, ${endText(first, status.at, time)}`]);
  if (status.plan !== undefined) facts.push(["plan ends", time(status.plan.until)]);
  return facts;
}

function slotsText(slots: NonNullable<DomainStatus["slots"]>): string {
  const count = (state: (typeof slots)[number]["state"]) =>
    slots.filter((slot) => slot.state === state).length;
  const parts = (
    [
      ["done", "done"],
      ["failed", "failed"],
      ["missed", "missed"],
      ["skipped", "skipped, as the domain did not run"],
      ["due", "due now"],
      ["gone", "of which no record is left"],
    ] as const
  ).flatMap(([state, text]) => (count(state) > 0 ? `${count(state)} ${text}` : []));
  return slots.length === 0 ? "none has come yet" : `${slots.length} have come: ${parts.join(", ")}`;
}

function verifiedText(points: readonly PointStatus[], time: (instant: string) => string): string {
  const verified = points.filter((point) => point.verified !== undefined);
  const newest = verified
    .map((point) => point.verified?.at ?? "")
    .sort()
    .at(-1);
  if (newest === undefined) return points.length === 0 ? "nothing to verify" : "never";
  const whole = verified.every((point) => point.verified?.checksums === true);
  const left = points.length - verified.length;
  return `${time(newest)}, ${whole ? "with checksums" : "some without checksums"}${left === 0 ? "" : `; ${left} ${plural(left, "restore point")} never`}`;
}

/** How a restore point ends, as the end of a sentence. */
export function endText({ end, keptBy }: PointStatus, at: string, time: (instant: string) => string): string {
  if (end !== undefined) {
    const what = end.foldedInto === undefined ? "deleted" : `folded into ${end.foldedInto}`;
    return end.slot <= at
      ? `was to be ${what} by the run of ${time(end.slot)}; the next run that is done does it`
      : `${what} by the run of ${time(end.slot)}`;
  }
  return keptBy === undefined ? "not in this plan" : `kept: ${keptBy.join(", ")}`;
}
