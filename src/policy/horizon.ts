import { DateTime } from "luxon";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { MOMENT_FORMS, type Moment, parseMoment } from "./moment.js";
import { type Horizon, located, type Policy } from "./policy.js";

/** Options of the command line, which override the horizon of the policy. */
export interface HorizonOptions {
  readonly from?: string;
  readonly until?: string;
}

/** The span that a plan covers, `[from, until)`; local times are read in the policy's zone. TM112 if there is no such span. */
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
      ...(pointer !== undefined && located(policy, pointer)),
    });
  const given = (text: string): Moment | undefined => {
    const moment = parseMoment(text, policy.timezone);
    if (moment === undefined) complain(`"${text}" is not a time`, `write ${MOMENT_FORMS}`, undefined);
    return moment;
  };

  const from = options.from === undefined ? setting.from : given(options.from);
  if (options.from === undefined && from === undefined) {
    complain(
      "the horizon has no beginning",
      "add horizon: { from: 2026-12-01, for: 2w } to the policy, or use --from and --until",
      "/horizon",
    );
  }
  let until = options.until === undefined ? setting.until?.time : given(options.until)?.time;
  if (options.until === undefined && until === undefined) {
    if (setting.for === undefined) {
      complain("the horizon has no end", "add for: 2w to the policy's horizon, or use --until", "/horizon");
    } else if (from !== undefined) until = inZone(from.time, policy).plus(setting.for.units).toMillis();
  }

  if (from === undefined || until === undefined || diagnostics.length > 0) return { diagnostics };
  if (from.time >= until) {
    complain(
      `the horizon ends (${local(until, policy)}) before it begins (${local(from.time, policy)})`,
      "choose an end after the beginning",
      options.until === undefined && options.from === undefined ? "/horizon" : undefined,
    );
    return { diagnostics };
  }
  return { horizon: { from: iso(from.time), until: iso(until) }, diagnostics };
}

function inZone(time: number, { timezone }: Policy): DateTime {
  return DateTime.fromMillis(time, { zone: timezone, locale: "en" });
}

function local(time: number, policy: Policy): string {
  return inZone(time, policy).toISO({ suppressMilliseconds: true }) ?? iso(time);
}

function iso(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
