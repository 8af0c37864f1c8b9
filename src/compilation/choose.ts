import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import { domainLabel } from "../plan/plan.js";
import type { PreparedDomain } from "../planner/domain/prepared.js";
import type { Prepared, PreparedFleet } from "../planner/prepare.js";
import { parseMoment } from "../policy/moment.js";

/** A domain, and the plan of its host. */
export interface ChosenDomain {
  readonly prepared: Prepared;
  readonly domain: PreparedDomain;
}

/** The thing that an option of the command line names; no `chosen` if there is none, or more than one. */
export interface Choice<T> {
  readonly chosen?: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** The domain that `--domain` names. If several hosts have a domain of that name, it must be named `HOST/NAME`. */
export function chooseDomain({ hosts }: PreparedFleet, wanted: string): Choice<ChosenDomain> {
  const all = hosts.flatMap((prepared) => prepared.domains.map((domain) => ({ prepared, domain })));
  const name = ({ domain }: ChosenDomain) => domain.domain.facts.domain.name;
  const label = (each: ChosenDomain) => domainLabel(name(each), each.prepared.header.host);
  const named = all.filter((each) => name(each) === wanted);
  const chosen = all.find((each) => label(each) === wanted) ?? (named.length === 1 ? named[0] : undefined);
  if (chosen !== undefined) return { chosen, diagnostics: [] };
  return named.length > 1
    ? noSuch(`single domain "${wanted}"`, `name the host as well: ${named.map(label).join(", ")}`)
    : noSuch(`domain "${wanted}"`, meantOrKnown(wanted, all.map(name)));
}

/** A run or a restore point. */
interface Slotted {
  readonly point: string;
  readonly slot: string;
  readonly localTime: string;
}

/** The run or restore point that `--slot` names: by the name of its checkpoint, an instant, a local time, or a day with only one slot. */
export function chooseSlot<T extends Slotted>(all: readonly T[], slot: string, timezone: string): Choice<T> {
  const matches = matching(all, slot, timezone);
  const [first] = matches;
  if (first !== undefined && matches.length === 1) return { chosen: first, diagnostics: [] };
  return first === undefined
    ? noSuch(`slot "${slot}"`, nearby(all, slot, timezone))
    : noSuch(`single slot on "${slot}"`, meantOrKnown("", matches.map(clock)));
}

/** The hint for a slot that does not exist: the slots around that time, or the known slots if the text is no time. */
function nearby(all: readonly Slotted[], slot: string, timezone: string): string {
  const moment = parseMoment(slot, timezone);
  if (moment === undefined || all.length <= AROUND) return meantOrKnown("", all.map(clock));
  const after = all.findIndex((each) => Date.parse(each.slot) > moment.time);
  const from = after < 0 ? all.length - AROUND : Math.max(0, after - AROUND / 2);
  return `the nearest are: ${all
    .slice(from, from + AROUND)
    .map(clock)
    .join(", ")}`;
}

const AROUND = 4;

const clock = ({ localTime }: Slotted): string => localTime;

function matching<T extends Slotted>(all: readonly T[], slot: string, timezone: string): readonly T[] {
  if (/^\d{4}-\d\d-\d\d$/.test(slot)) return all.filter((each) => each.localTime.startsWith(slot));
  const named = all.filter((each) => each.point === slot || each.point.endsWith(`-${slot}`));
  if (named.length > 0) return named;
  const moment = parseMoment(slot, timezone);
  return moment === undefined ? [] : all.filter((each) => Date.parse(each.slot) === moment.time);
}

function noSuch(what: string, hint: string): Choice<never> {
  return {
    diagnostics: [{ code: "TM301", severity: "error", message: `the plan has no ${what}`, hint }],
  };
}
