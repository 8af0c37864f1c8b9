import { DateTime } from "luxon";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import type { Prepared, PreparedDomain } from "../planner/compile.js";

/** The domain that a `--domain` names. */
export function chooseDomain({ domains }: Prepared, name: string): PreparedDomain | Diagnostic {
  const names = domains.map((each) => each.domain.facts.domain.name);
  return (
    domains.find((each) => each.domain.facts.domain.name === name) ??
    noSuch(`domain "${name}"`, meantOrKnown(name, names))
  );
}

/** What has a slot: a run, or a restore point. */
interface Slotted {
  readonly point: string;
  readonly slot: string;
  readonly localTime: string;
}

/** The one that a `--slot` as typed means: its name in checkpoints, an instant, a local time, or a day that has one. */
export function chooseSlot<T extends Slotted>(
  all: readonly T[],
  slot: string,
  timezone: string,
): T | Diagnostic {
  const found = matching(all, slot, timezone);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const slots = (first === undefined ? all : found).map((each) => each.slot);
  return first === undefined
    ? noSuch(`slot "${slot}"`, meantOrKnown("", slots))
    : noSuch(`single slot on "${slot}"`, meantOrKnown("", slots));
}

function matching<T extends Slotted>(all: readonly T[], slot: string, timezone: string): readonly T[] {
  if (/^\d{4}-\d\d-\d\d$/.test(slot)) return all.filter((each) => each.localTime.startsWith(slot));
  const named = all.filter((each) => each.point === slot || each.point.endsWith(`-${slot}`));
  if (named.length > 0) return named;
  const time = DateTime.fromISO(slot, { zone: timezone });
  return time.isValid ? all.filter((each) => Date.parse(each.slot) === time.toMillis()) : [];
}

function noSuch(what: string, hint: string): Diagnostic {
  return { code: "TM301", severity: "error", message: `the plan has no ${what}`, hint };
}
