import type { Level } from "../policy/policy.js";
import { type Assumption, type DomainPlan, domainLabel, type Forecast, type PlanHeader } from "./plan.js";

/**
 * What a plan protects, how often, and what it does not protect. It is collected domain by domain, so that no plan has
 * to be in memory as a whole.
 */
export interface Overview {
  /** Number of disks that are backed up. */
  readonly disks: number;
  readonly domains: readonly DomainOverview[];
  /** For all domains together: sums, or the largest value. */
  readonly all: Omit<DomainOverview, "name">;
  /** The first moments at which runs are due, in order. */
  readonly next: readonly NextRuns[];
  readonly unprotected: readonly Unprotected[];
}

/** Counts, seconds and bytes. */
export interface DomainOverview {
  readonly name: string;
  readonly runs: number;
  readonly kept: number;
  /** The longest time between two runs; absent if there are fewer than two. */
  readonly longestGap?: number;
  /** The longest time between two restore points that are there when the horizon ends; absent if there are fewer than two. */
  readonly longestKeptGap?: number;
  readonly imagesToRestore: number;
  readonly forecast?: Sums;
}

/** The sums of forecasts; `partial`: they are what is needed at least, because something is not known. */
export interface Sums extends Omit<Forecast, "assumptions"> {
  readonly partial: boolean;
}

export interface NextRuns {
  readonly localTime: string;
  readonly domains: number;
  /** How many runs of each level. */
  readonly levels: Readonly<Partial<Record<Level, number>>>;
  /** Bytes, if all are known. */
  readonly copies?: number;
}

/** Disks, other parts, or whole domains that are not backed up for the same reason. */
export interface Unprotected {
  /** A disk's target. */
  readonly target?: string;
  /** Another part of the domains. Without a target and a part, nothing of the domains is backed up. */
  readonly part?: string;
  readonly why: string;
  readonly domains: readonly string[];
}

/** What is not protected, by what it is and why. */
export class Lacks {
  readonly #groups = new Map<string, Unprotected & { readonly domains: string[] }>();

  add(domain: string, lack: Omit<Unprotected, "domains">): void {
    const key = JSON.stringify(lack);
    const group = this.#groups.get(key) ?? { ...lack, domains: [] };
    this.#groups.set(key, group);
    group.domains.push(domain);
  }

  all(): readonly Unprotected[] {
    return [...this.#groups.values()];
  }
}

const NEXT = 7;

export class OverviewBuilder {
  readonly #domains: DomainOverview[] = [];
  readonly #next = new Map<string, { localTime: string; levels: Map<Level, number>; copies: number }>();
  readonly #unprotected = new Lacks();
  readonly #unplanned: readonly string[];
  #disks = 0;

  constructor({ unplanned }: PlanHeader) {
    this.#unplanned = unplanned;
  }

  add(domain: DomainPlan): void {
    const { runs, kept, figures, found, disks, outside = [] } = domain;
    const name = domainLabel(domain.name, domain.host);
    const longestGap = gap([...found.slice(-1), ...runs].map(({ slot }) => slot));
    const longestKeptGap = gap(kept.map(({ slot }) => slot).sort());
    this.#domains.push({
      name,
      runs: runs.length,
      kept: kept.length,
      imagesToRestore: figures.imagesToRestore,
      ...(longestGap !== undefined && { longestGap }),
      ...(longestKeptGap !== undefined && { longestKeptGap }),
      ...(figures.forecast && { forecast: sumsOf(figures.forecast) }),
    });
    for (const { target, leftOut } of disks) {
      if (leftOut === undefined) this.#disks += 1;
      else this.#unprotected.add(name, { target, why: leftOut });
    }
    for (const lack of outside) this.#unprotected.add(name, lack);
    for (const { slot, localTime, level, copies = Number.NaN } of runs.slice(0, NEXT)) {
      const due = this.#next.get(slot) ?? { localTime, levels: new Map<Level, number>(), copies: 0 };
      this.#next.set(slot, due);
      due.levels.set(level, (due.levels.get(level) ?? 0) + 1);
      due.copies += copies;
    }
  }

  build(): Overview {
    const domains = this.#domains;
    const total = (pick: (domain: DomainOverview) => number) =>
      domains.reduce((sum, domain) => sum + pick(domain), 0);
    const largest = (pick: (domain: DomainOverview) => number | undefined) =>
      domains.reduce((most, domain) => Math.max(most, pick(domain) ?? 0), 0);
    const ofForecasts = (pick: (forecast: Sums) => number) =>
      total(({ forecast }) => (forecast ? pick(forecast) : 0));
    const longestGap = largest((domain) => domain.longestGap);
    const longestKeptGap = largest((domain) => domain.longestKeptGap);
    return {
      disks: this.#disks,
      domains,
      all: {
        runs: total(({ runs }) => runs),
        kept: total(({ kept }) => kept),
        imagesToRestore: largest(({ imagesToRestore }) => imagesToRestore),
        ...(longestGap > 0 && { longestGap }),
        ...(longestKeptGap > 0 && { longestKeptGap }),
        ...(domains.some(({ forecast }) => forecast !== undefined) && {
          forecast: {
            copied: ofForecasts(({ copied }) => copied),
            copiedByLargestRun: largest(({ forecast }) => forecast?.copiedByLargestRun),
            repositoryPeak: ofForecasts(({ repositoryPeak }) => repositoryPeak),
            repositoryAtEnd: ofForecasts(({ repositoryAtEnd }) => repositoryAtEnd),
            partial: domains.some(({ forecast }) => forecast?.partial !== false),
          },
        }),
      },
      next: [...this.#next]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, NEXT)
        .map(([, { localTime, levels, copies }]) => ({
          localTime,
          domains: [...levels.values()].reduce((sum, count) => sum + count, 0),
          levels: Object.fromEntries(levels),
          ...(!Number.isNaN(copies) && { copies }),
        })),
      unprotected: [
        ...(this.#unplanned.length > 0
          ? [{ why: "no entry of the policy names it", domains: this.#unplanned }]
          : []),
        ...this.#unprotected.all(),
      ],
    };
  }
}

function sumsOf({ assumptions, ...sums }: Forecast): Sums {
  return { ...sums, partial: unknownIn(assumptions).length > 0 };
}

/** What is not known of the disks, as nouns. */
export function unknownIn(assumptions: readonly Assumption[]): readonly string[] {
  return assumptions.flatMap(({ target, size, changedPerDay }) =>
    size === undefined
      ? `the size of ${target}`
      : changedPerDay === undefined
        ? `how much of ${target} changes`
        : [],
  );
}

/** Seconds. */
function gap(slots: readonly string[]): number | undefined {
  const times = slots.map((slot) => Date.parse(slot) / 1000);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return gaps.length === 0 ? undefined : gaps.reduce((most, each) => Math.max(most, each), 0);
}

/** Counts of what is not protected; a list beside it gives the names. */
export function unprotectedText(unprotected: readonly Unprotected[]): string {
  const count = (isOf: (lack: Unprotected) => boolean, one: string) => {
    const number = unprotected.reduce((sum, lack) => sum + (isOf(lack) ? lack.domains.length : 0), 0);
    return number === 0 ? [] : [`${number} ${one}${number === 1 ? "" : "s"}`];
  };
  const all = [
    ...count(({ target, part }) => target === undefined && part === undefined, "domain"),
    ...count(({ target }) => target !== undefined, "disk"),
    ...count(({ part }) => part !== undefined, "other part"),
  ];
  return all.length === 0
    ? "nothing: every disk of every domain in the inventory is backed up"
    : `${all.join(", ").replace(/, ([^,]*)$/, " and $1")}, listed below`;
}

/** `web-1, mail and 3 more` */
export function someOf(names: readonly string[], shown = 5): string {
  return names.length <= shown + 1
    ? names.join(", ")
    : `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;
}
