import { IANAZone } from "luxon";
import { plural } from "../diagnostics/amounts.js";
import { nearest } from "../diagnostics/did-you-mean.js";
import { type BandwidthWindow, overlapOf } from "./bandwidth.js";
import { parseDates, parseHours } from "./blackout.js";
import { isReadOtherwise, parseCron, parseWeekdays } from "./cron.js";
import { MOMENT_FORMS, parseMoment } from "./moment.js";
import { parseSpan, parseWait, SPAN_EXAMPLES, spanSeconds } from "./span.js";
import type { Visit } from "./visit.js";

export function checkZone({ key, parent, value, say }: Visit): void {
  if (key !== "timezone" || parent !== "" || typeof value !== "string" || IANAZone.isValidZone(value)) return;
  const meant = nearest(value, Intl.supportedValuesOf("timeZone"));
  say(
    "TM111",
    `there is no time zone "${value}"`,
    meant === undefined ? "use an IANA name such as Europe/Berlin" : `did you mean "${meant}"?`,
  );
}

export function checkCron({ key, parent, value, say }: Visit): void {
  const inList = parent === "at" && /^\d+$/.test(key);
  if ((key !== "at" && !inList) || typeof value !== "string") return;
  const read = parseCron(value);
  if ("times" in read) {
    if (isReadOtherwise(read.times))
      say(
        "TM118",
        `"${value}" fires on every day that matches the day or the weekday; cron itself would take only days that match both, because one of the two begins with *`,
        "write the days as a range, such as 1-31/2, if this is meant; no expression here means both",
        "warning",
      );
    return;
  }
  say(
    "TM110",
    `the cron expression "${value}" is not valid: ${read.problem}`,
    'write five fields: minute hour day month weekday, such as "0 2 * * mon-sat" or "0 2 * * sun#1"; or @daily, @weekly, @monthly',
  );
}

/** Settings for which months make no sense: no job, hook or wait takes a month. */
const CLOCKS: ReadonlySet<string> = new Set(["timeLimit", "hookTimeLimit", "freezePatience", "retry.after"]);

/** Settings for which months are possible, but minutes may have been meant. */
const COUNTED_IN_MONTHS: ReadonlySet<string> = new Set(["maxChainAge", "keepWithinHourly", "horizon.for"]);

/** The name of a setting that is a span; undefined for any other. */
function spanName({ key, parent }: Visit): string | undefined {
  const name = parent === "horizon" || parent === "retry" ? `${parent}.${key}` : key;
  const isSpan =
    CLOCKS.has(name) || COUNTED_IN_MONTHS.has(name) || key.startsWith("keepWithin") || key === "jitter";
  return isSpan ? name : undefined;
}

export function checkSpan(visit: Visit): void {
  const { key, parent, value, say } = visit;
  const parse = key === "freezePatience" ? parseWait : parseSpan;
  if (spanName(visit) === undefined || typeof value !== "string" || parse(value) !== undefined) return;
  // Only after hours is an m refused that could be months.
  const minutes = value.replace(/(\d)m(?!in)/, "$1min");
  const months = value.replace(/^(.*h.*?)(\d+m)(?!in)/, "$2$1");
  say(
    parent === "horizon" ? "TM112" : "TM108",
    `"${value}" is not a span of time`,
    parseSpan(minutes) === undefined || parseSpan(months) === undefined
      ? `write a span such as ${SPAN_EXAMPLES}`
      : `m means months: for minutes write "${minutes}", for months "${months}"`,
  );
}

/** `10m` means ten months. No job takes that long, and nobody writes more than twelve months in months. */
export function checkMonths(visit: Visit): void {
  const { parent, value, say } = visit;
  const name = spanName(visit);
  if (name === undefined || typeof value !== "string") return;
  const months = parseSpan(value)?.units.months ?? 0;
  const isClock = CLOCKS.has(name);
  if (isClock ? months === 0 : months <= 12 || !COUNTED_IN_MONTHS.has(name)) return;
  const years = `${Math.floor(months / 12)}y${months % 12 === 0 ? "" : `${months % 12}m`}`;
  const minutes = `m means months; for minutes write ${value.replace(/(\d)m(?!in)/, "$1min")}`;
  say(
    "TM117",
    `${parent === "horizon" ? "the horizon" : name} is ${months} ${plural(months, "month")}`,
    isClock || value !== `${months}m` ? minutes : `${minutes}, and for ${months} months write ${years}`,
    "warning",
  );
}

/** `30m` means thirty months, but as a jitter it was meant as minutes. */
export function checkJitter({ key, parent, value, say }: Visit): void {
  if (key !== "jitter" || parent !== "" || typeof value !== "string") return;
  const span = parseSpan(value);
  if (span === undefined || spanSeconds(span) <= 24 * 60 * 60) return;
  const minutes = /^(\d+)m$/.exec(value)?.[1];
  say(
    "TM108",
    `a jitter of ${value} is more than a day`,
    minutes === undefined ? "write a shorter span, such as 30min" : `m means months; write ${minutes}min`,
  );
}

export function checkTime({ key, parent, value, siblings, say }: Visit): void {
  if (typeof value !== "string") return;
  // Any zone will do to see whether the text is a time, and which of two times is earlier.
  const timeOf = (text: unknown) => (typeof text === "string" ? parseMoment(text, "UTC")?.time : undefined);
  const time = timeOf(value);
  const inHorizon = parent === "horizon" && (key === "from" || key === "until");
  const inSchedule = siblings["at"] !== undefined && (key === "start" || key === "until");
  if ((inHorizon || inSchedule) && time === undefined) {
    say(inHorizon ? "TM112" : "TM108", `"${value}" is not a time`, `write ${MOMENT_FORMS}`);
  }
  const start = timeOf(siblings["start"]);
  if (inSchedule && key === "until" && start !== undefined && time !== undefined && time <= start) {
    say(
      "TM108",
      `the entry ends (${value}) before it begins (${siblings["start"]})`,
      "set until to a time after start",
    );
  }
  if (parent === "horizon" && key === "for" && siblings["until"] !== undefined) {
    say("TM112", "the horizon has both until and for", "remove one of the two");
  }
  const pinned = parent === "keep" ? /^\d+$/.test(key) : parent === "retention" && key === "keep";
  const isDate = /^\d{4}-\d\d-\d\d$/.test(value) && time !== undefined;
  if (pinned && !/-\d{8}T\d{6}Z$/.test(value) && !isDate) {
    say(
      "TM108",
      `"${value}" is neither a date nor the name of a restore point`,
      "write 2026-12-24, or nightly-20261224T010000Z",
    );
  }
}

const BLACKOUT_PARTS: Readonly<Record<string, { reads: (text: string) => unknown; hint: string }>> = {
  dates: {
    reads: parseDates,
    hint: "write 2026-12-24 or 2026-12-24..2026-12-26; without a year, 12-24..01-02 holds in every year",
  },
  weekdays: { reads: parseWeekdays, hint: "write mon-fri or sat,sun" },
  hours: { reads: parseHours, hint: "write 08:00-18:00, or 22:00-06:00 for a night" },
};

export function checkBlackout({ key, parent, value, say }: Visit): void {
  const name = /^\d+$/.test(key) ? parent : key;
  const part = BLACKOUT_PARTS[name];
  if (part === undefined || typeof value !== "string" || part.reads(value) !== undefined) return;
  say("TM108", `"${value}" is not valid in ${name}`, part.hint);
}

/** At no time may two windows of one bandwidth hold. */
export function checkBandwidth({ key, parent, siblings, value, say }: Visit): void {
  const window = windowOf(value);
  if (parent !== "bandwidth" || window === undefined) return;
  for (let other = 0; other < Number(key); other++) {
    const earlier = windowOf(siblings[other]);
    const time = earlier && overlapOf(earlier, window);
    if (time === undefined) continue;
    say(
      "TM114",
      `two entries of bandwidth hold at the same time, first at ${time}: this one and entry ${other + 1}`,
      "write hours that no other entry has; the end of a range is exclusive",
    );
  }
}

/** The times of a window whose types have not been checked; undefined where they cannot be read, which the schema reports. */
function windowOf(value: unknown): BandwidthWindow | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { limit: _, ...parts } = value as Readonly<Record<string, unknown>>;
  const window: Record<string, readonly string[]> = {};
  for (const [part, texts] of Object.entries(parts)) {
    const list: unknown = typeof texts === "string" ? [texts] : texts;
    const isRead =
      part in BLACKOUT_PARTS && Array.isArray(list) && list.every((each) => typeof each === "string");
    if (!isRead) return undefined;
    window[part] = list;
  }
  return window;
}
