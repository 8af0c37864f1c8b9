import { DateTime } from "luxon";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { type Horizon, type Policy, placed } from "./policy.js";
import { parseSpan, SPAN_EXAMPLES } from "./span.js";

const FORMS =
  "a local date (2026-12-01), a local time (2026-12-01T12:00) or an instant (2026-12-01T12:00:00Z)";

/** What the command line says of the horizon; it overrides the policy. */
export interface HorizonOptions {
  readonly from?: string;
  readonly until?: string;
}

/** The span that a plan covers, `[from, until)`; local times are read in the policy's zone. TM112 for what cannot be. */
export function resolveHorizon(
  policy: Policy,
  options: HorizonOptions = {},
): { horizon?: Horizon; diagnostics: readonly Diagnostic[] } {
  const setting = policy.horizon ?? {};
  const diagnostics: Diagnostic[] = [];
  const complain = (message: string, hint: string, pointer: string | undefined) =>
    diagnostics.push({
      code: "TM112",
      severity: "error",
      message,
      hint,
      ...(pointer !== undefined && placed(policy, pointer)),
    });
  const read = (text: string, pointer: string | undefined): DateTime | undefined => {
    const time = parseTime(text, policy.timezone);
    if (time === undefined) complain(`"${text}" is not a time`, `write ${FORMS}`, pointer);
    return time;
  };

  const fromText = options.from ?? setting.from;
  const from =
    fromText === undefined
      ? undefined
      : read(fromText, options.from === undefined ? "/horizon/from" : undefined);
  if (fromText === undefined) {
    complain(
      "the horizon has no beginning",
      "add horizon: { from: 2026-12-01, for: 2w } to the policy, or use --from and --until",
      "/horizon",
    );
  }

  let until: DateTime | undefined;
  if (options.until !== undefined) until = read(options.until, undefined);
  else if (setting.until !== undefined && setting.for !== undefined) {
    complain("the horizon has both until and for", "remove one of the two", "/horizon/for");
  } else if (setting.until !== undefined) until = read(setting.until, "/horizon/until");
  else if (setting.for !== undefined) {
    const span = parseSpan(setting.for);
    if (span === undefined)
      complain(
        `"${setting.for}" is not a span of time`,
        `write a span such as ${SPAN_EXAMPLES}`,
        "/horizon/for",
      );
    else until = from?.plus({ ...span });
  } else {
    complain("the horizon has no end", "add for: 2w to the policy's horizon, or use --until", "/horizon");
  }

  if (from === undefined || until === undefined || diagnostics.length > 0) return { diagnostics };
  if (from >= until) {
    complain(
      `the horizon ends (${local(until)}) before it begins (${local(from)})`,
      "choose an end after the beginning",
      options.until === undefined && options.from === undefined ? "/horizon" : undefined,
    );
    return { diagnostics };
  }
  return { horizon: { from: iso(from), until: iso(until) }, diagnostics };
}

/** Whether a text is a date, a local time or an instant. */
export function isTime(text: string): boolean {
  return parseTime(text, "UTC") !== undefined;
}

/** A date, local time or instant; undefined for anything else. A local time that the zone skips is moved past the gap. */
export function parseTime(text: string, timezone: string): DateTime | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text)) return undefined;
  const time = DateTime.fromISO(text, { zone: timezone, locale: "en" });
  return time.isValid ? time : undefined;
}

function local(time: DateTime): string {
  return time.toISO({ suppressMilliseconds: true }) ?? iso(time);
}

function iso(time: DateTime): string {
  return `${new Date(time.toMillis()).toISOString().slice(0, 19)}Z`;
}
