import { DateTime } from "luxon";
import type { Pin } from "../../inventory/manifest.js";
import { pinText } from "../../plan/pin-text.js";
import type { Level, Retention } from "../../policy/policy.js";
import type { Span } from "../../policy/span.js";

/** A restore point as the rules see it. */
export interface RetainablePoint {
  readonly point: string;
  /** The slot, in milliseconds. */
  readonly time: number;
  readonly level: Level;
  /** Restore points that its images build on directly. */
  readonly needs: readonly string[];
  /** One that it builds on, and that is gone: not all of its disks can be restored. */
  readonly lacks?: string;
  /** Its manifest keeps it whatever the rules say, and it takes no other's place in them. */
  readonly pin?: Pin;
}

export interface Verdict {
  readonly point: string;
  readonly kept: boolean;
  /** Rules that keep it for itself, such as `daily 2026-12-01`. */
  readonly rules: readonly string[];
  /** Kept restore points that stand directly on it. */
  readonly neededBy: readonly string[];
}

/** Applies one policy's rules to the restore points that exist at one moment; verdicts come in the order of the points. */
export type Retainer = (points: readonly RetainablePoint[]) => readonly Verdict[];

type Bucket = (point: RetainablePoint) => string;

interface CountRule {
  readonly name: string;
  readonly count: number;
  readonly bucket: Bucket;
}

interface WithinRule {
  readonly name: string;
  readonly span: Span;
  readonly bucket: Bucket;
}

/**
 * restic's rules (internal/data/snapshot_policy.go), then the chain: what a kept restore point builds on is kept with it,
 * and the newest restore point never goes. Calendars are those of `timezone`.
 * A restore point that cannot be restored replaces no older one. It is kept, because what it lacks may be brought back.
 * @param sparesNewestFull false where the newest full may be folded into what builds on it
 */
export function retainer(retention: Retention, timezone: string, sparesNewestFull = true): Retainer {
  const calendar = calendarOf(timezone);
  const counts = countRules(retention, calendar);
  const withins = withinRules(retention, calendar);
  const pins = new Set(retention.keep ?? []);
  const ruleless =
    counts.length + withins.length === 0 &&
    retention.keepFull === undefined &&
    retention.keepDifferential === undefined;

  return (points) => {
    const reasons = new Map<string, string[]>(points.map(({ point }) => [point, []]));
    const keep = ({ point }: RetainablePoint, why: string) => reasons.get(point)?.push(why);
    const newestFirst = [...points].sort((a, b) => b.time - a.time);
    const present = newestFirst.filter(({ lacks }) => lacks === undefined);
    const now = present[0]?.time ?? 0;
    const isPinned = ({ pin }: RetainablePoint) =>
      pin !== undefined && (pin.until === undefined || Date.parse(pin.until) > now);
    const whole = present.filter((point) => !isPinned(point));

    if (ruleless) for (const point of points) keep(point, "no rule");
    for (const rule of counts) applyCount(rule, whole, keep);
    for (const rule of withins) applyWithin(rule, whole, timezone, keep);
    keepLevels(retention, present, isPinned, keep);
    for (const point of points) {
      if (pins.has(point.point) || pins.has(calendar.day(point))) keep(point, "pinned");
      if (point.pin !== undefined && isPinned(point)) keep(point, pinText(point.pin));
      if (point.lacks !== undefined) keep(point, `lacks ${point.lacks}`);
    }
    const newest = present[0];
    const newestFull = sparesNewestFull ? present.find((point) => point.level === "full") : undefined;
    for (const safe of [newest, newestFull]) {
      if (safe !== undefined && reasons.get(safe.point)?.length === 0) {
        keep(safe, safe === newest ? "newest" : "newest full");
      }
    }
    return closeOverChains(points, newestFirst, reasons);
  };
}

/** A kept restore point keeps what it builds on; dependants are younger, so one pass from the newest finds them all. */
function closeOverChains(
  points: readonly RetainablePoint[],
  newestFirst: readonly RetainablePoint[],
  reasons: ReadonlyMap<string, readonly string[]>,
): Verdict[] {
  const neededBy = new Map<string, string[]>(points.map(({ point }) => [point, []]));
  for (const { point, needs } of newestFirst) {
    if (reasons.get(point)?.length || neededBy.get(point)?.length) {
      for (const base of needs) neededBy.get(base)?.push(point);
    }
  }
  return points.map(({ point }) => {
    const rules = reasons.get(point) ?? [];
    const dependants = neededBy.get(point) ?? [];
    return { point, kept: rules.length + dependants.length > 0, rules, neededBy: dependants };
  });
}

/** The newest of each bucket until the count is used up; the oldest of all too, while some of it is left. */
function applyCount(
  { name, count, bucket }: CountRule,
  newestFirst: readonly RetainablePoint[],
  keep: (point: RetainablePoint, why: string) => void,
): void {
  let left = count;
  let last: string | undefined;
  for (const [index, point] of newestFirst.entries()) {
    if (left === 0) return;
    const key = bucket(point);
    if (key === last && index < newestFirst.length - 1) continue;
    keep(point, key === last ? `${name} (oldest)` : name === "last" ? name : `${name} ${key}`);
    last = key;
    left -= 1;
  }
}

function applyWithin(
  { name, span, bucket }: WithinRule,
  newestFirst: readonly RetainablePoint[],
  timezone: string,
  keep: (point: RetainablePoint, why: string) => void,
): void {
  const newest = newestFirst[0];
  if (newest === undefined) return;
  const limit = subtract(newest.time, span, timezone);
  let last: string | undefined;
  for (const [index, point] of newestFirst.entries()) {
    if (point.time <= limit) return;
    const key = bucket(point);
    if (key === last && index < newestFirst.length - 1) continue;
    keep(point, key === last ? `${name} (oldest)` : name);
    last = key;
  }
}

/**
 * pgBackRest's counts: the newest N fulls with all that builds on them; with `keepDifferential`, only as many
 * differentials (fulls count as such), each with the incrementals on it. What is pinned does not count; what builds on a pinned one that
 * is younger than the last of those that count is kept like what builds on them.
 */
function keepLevels(
  { keepFull, keepDifferential }: Retention,
  newestFirst: readonly RetainablePoint[],
  isPinned: (point: RetainablePoint) => boolean,
  keep: (point: RetainablePoint, why: string) => void,
): void {
  const headsOf = (is: (point: RetainablePoint) => boolean, count: number, why: string) => {
    const counted = newestFirst.filter((point) => is(point) && !isPinned(point)).slice(0, count);
    for (const head of counted) keep(head, why);
    const oldest = counted.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
    const pinned = newestFirst.filter((point) => is(point) && isPinned(point) && point.time > oldest);
    return count === 0 ? [] : [...counted, ...pinned];
  };
  const fulls = headsOf((point) => point.level === "full", keepFull ?? 0, "full");
  if (keepDifferential === undefined) {
    const kept = new Set(fulls.map(({ point }) => point));
    for (const point of [...newestFirst].reverse()) {
      if (kept.has(point.point) || !point.needs.some((base) => kept.has(base))) continue;
      kept.add(point.point);
      keep(point, "builds on a kept full");
    }
    return;
  }
  const heads = headsOf((point) => point.level !== "incremental", keepDifferential, "differential");
  const kept = new Set(heads.map(({ point }) => point));
  for (const point of [...newestFirst].reverse()) {
    if (point.level !== "incremental" || !point.needs.some((base) => kept.has(base))) continue;
    kept.add(point.point);
    keep(point, "on a kept differential");
  }
}

interface Calendar {
  readonly hour: Bucket;
  readonly day: Bucket;
  readonly week: Bucket;
  readonly month: Bucket;
  readonly year: Bucket;
}

/** Bucket names in a zone; each instant is put into the calendar once. */
function calendarOf(timezone: string): Calendar {
  const known = new Map<number, { hour: string; day: string; week: string }>();
  const read = ({ time }: RetainablePoint) => {
    let buckets = known.get(time);
    if (buckets === undefined) {
      const local = DateTime.fromMillis(time, { zone: timezone, locale: "en" });
      const day = local.toISODate() ?? "";
      const pad = (part: number) => String(part).padStart(2, "0");
      buckets = {
        hour: `${day}T${pad(local.hour)}`,
        day,
        week: `${local.weekYear}-W${pad(local.weekNumber)}`,
      };
      known.set(time, buckets);
    }
    return buckets;
  };
  return {
    hour: (point) => read(point).hour,
    day: (point) => read(point).day,
    week: (point) => read(point).week,
    month: (point) => read(point).day.slice(0, 7),
    year: (point) => read(point).day.slice(0, 4),
  };
}

function countRules(retention: Retention, calendar: Calendar): CountRule[] {
  const rules: readonly [string, number | undefined, Bucket][] = [
    ["last", retention.keepLast, (point) => point.point],
    ["hourly", retention.keepHourly, calendar.hour],
    ["daily", retention.keepDaily, calendar.day],
    ["weekly", retention.keepWeekly, calendar.week],
    ["monthly", retention.keepMonthly, calendar.month],
    ["yearly", retention.keepYearly, calendar.year],
  ];
  return rules.flatMap(([name, count, bucket]) =>
    count === undefined || count === 0 ? [] : { name, count, bucket },
  );
}

function withinRules(retention: Retention, calendar: Calendar): WithinRule[] {
  const rules: readonly [string, Span | undefined, Bucket][] = [
    ["within", retention.keepWithin, (point) => point.point],
    ["within, hourly", retention.keepWithinHourly, calendar.hour],
    ["within, daily", retention.keepWithinDaily, calendar.day],
    ["within, weekly", retention.keepWithinWeekly, calendar.week],
    ["within, monthly", retention.keepWithinMonthly, calendar.month],
    ["within, yearly", retention.keepWithinYearly, calendar.year],
  ];
  return rules.flatMap(([name, span, bucket]) =>
    span === undefined ? [] : { name: `${name} ${span.text}`, span, bucket },
  );
}

/**
 * `time` less a span, as Go's AddDate has it, which restic uses: a day that the earlier month lacks runs over into the
 * next one (31 March less a month is 3 March), where most calendars would take its last day.
 */
function subtract(time: number, { units }: Span, timezone: string): number {
  const { years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0 } = units;
  const local = DateTime.fromMillis(time, { zone: timezone, locale: "en" });
  return local
    .set({ day: 1 })
    .minus({ years, months })
    .plus({ days: local.day - 1 - days - weeks * 7 })
    .minus({ hours, minutes })
    .toMillis();
}
