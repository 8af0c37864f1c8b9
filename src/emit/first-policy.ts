import { stringify } from "yaml";
import type { DomainPlan } from "../plan/plan.js";
import { literalGlob } from "../policy/glob.js";
import { template } from "../templates/template.js";

/** What a first policy is made of. */
export interface FirstPolicy {
  readonly name: string;
  readonly timezone: string;
  readonly repository: string;
  /** Relative to the policy. */
  readonly inventory: string;
  /** Local date on which the horizon begins. */
  readonly from: string;
  /** Of each night's run, on the clock. */
  readonly time: { readonly hour: number; readonly minute: number };
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly domains: readonly Pick<DomainPlan, "name" | "disks">[];
  /** Domains whose file systems can be frozen. */
  readonly withAgent: ReadonlySet<string>;
}

interface Because {
  readonly target: string;
  readonly why: string;
}

interface View extends Omit<FirstPolicy, "domains"> {
  readonly cron: (weekdays: string) => string;
  readonly freezesAll: boolean;
  readonly byGlob: boolean;
  readonly domains: readonly {
    readonly name: string;
    readonly notes: readonly string[];
    readonly freezes: boolean;
    readonly whole: readonly Because[];
    readonly excluded: readonly Because[];
  }[];
  readonly nothing: readonly { readonly name: string; readonly why: string }[];
}

/** Any text as a YAML scalar, plain where it can be; `<<` would merge. */
function scalar(value: unknown): string {
  return value === "<<" ? '"<<"' : stringify(value, { lineWidth: 0 }).trimEnd();
}

const policyTemplate = template<View>("policy.yaml", scalar);

/** A commented policy that covers every disk that can be backed up, and says of the others why not. */
export function renderFirstPolicy(first: FirstPolicy): string {
  const judged = first.domains.map(({ name, disks }) => {
    const excluded = disks.flatMap(({ target, device, leftOut: why }) =>
      why === undefined ? [] : { target, device, why },
    );
    return {
      name,
      isEmpty: excluded.length === disks.length,
      excluded,
      // A drive without a medium is left out without being told to.
      toExclude: excluded.filter(({ device }) => !/^(cdrom|floppy)$/.test(device)),
      whole: disks.flatMap(({ target, leftOut, noCheckpoint: why }) =>
        leftOut !== undefined || why === undefined ? [] : { target, why },
      ),
    };
  });
  const backedUp = judged.filter(({ isEmpty }) => !isEmpty);
  const freezesAll = backedUp.every(({ name }) => first.withAgent.has(name));
  const byGlob = backedUp.length === judged.length;
  const domains = backedUp.map(({ name, excluded, toExclude, whole }) => ({
    name: literalGlob(name),
    notes: excluded
      .filter((each) => !toExclude.includes(each))
      .map(({ target, why }) => oneLine(`${name}: ${target} is left out: ${why}`)),
    freezes: !freezesAll && first.withAgent.has(name),
    whole: whole.map(({ target, why }) => ({ target, why: oneLine(why) })),
    excluded: toExclude.map(({ target, why }) => ({ target, why: oneLine(why) })),
  }));
  return policyTemplate({
    ...first,
    cron: (weekdays) => `${first.time.minute} ${first.time.hour} * * ${weekdays}`,
    freezesAll,
    byGlob,
    domains: domains.filter(
      ({ freezes, whole, excluded }) => !byGlob || freezes || whole.length + excluded.length > 0,
    ),
    nothing: judged.flatMap(({ name, isEmpty, excluded }) =>
      isEmpty
        ? {
            name: oneLine(name),
            why:
              excluded.map(({ target, why }) => oneLine(`${target}: ${why}`)).join("; ") || "it has no disks",
          }
        : [],
    ),
  });
}

/** A comment must not end before its time; names hold no control characters, but XML may hold line separators. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ");
}
