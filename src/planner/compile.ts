import { createHash } from "node:crypto";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { compareText, hasErrors, inReadingOrder } from "../diagnostics/diagnostic.js";
import type { Inventory } from "../inventory/inventory.js";
import { FEATURES, lacking } from "../libvirt/features.js";
import type { Plan, PlanHeader, PlannedEntry, Run } from "../plan/plan.js";
import { parseCron } from "../policy/cron.js";
import { type Horizon, ownersOf, type Policy, placed, type ScheduleEntry } from "../policy/policy.js";
import { checkHost, versionsFor } from "./check.js";
import { chooseDisks, type DiskChoice } from "./disks.js";
import { type PlannedDomain, planDomain } from "./domain.js";
import { type DomainEstimate, estimateDomain } from "./estimate.js";
import { onCalendar } from "./on-calendar.js";
import { checkShared, type Places, settlePlaces } from "./places.js";
import { type ResolvedDomain, resolve } from "./resolve.js";
import { type Retainer, retainer } from "./retain.js";
import { type Slot, unrollSchedule } from "./schedule.js";
import { queue, type Waiting } from "./start.js";

/** A policy met with its inventory: everything but the runs, which `planDomains` unrolls a domain at a time. */
export interface Prepared {
  readonly header: PlanHeader;
  readonly policy: Policy;
  readonly slots: readonly Slot[];
  /** Whether the host's libvirt is known to take a level for each disk. */
  readonly diskLevels: boolean;
  /** One for all domains: it knows where in the calendar each slot lies. */
  readonly retain: Retainer;
  readonly domains: readonly PreparedDomain[];
}

export interface PreparedDomain {
  readonly domain: ResolvedDomain;
  readonly choices: readonly DiskChoice[];
  readonly places: Places;
  readonly estimate: DomainEstimate;
  /** Whether its settings are in order, so that its documents are worth a look. */
  readonly sound: boolean;
}

/**
 * Compiles a policy over an inventory and a horizon. Pure: same inputs, same plan, whatever the machine, clock or locale.
 * The plan is absent when a diagnostic is an error.
 */
export function compile(
  policy: Policy,
  inventory: Inventory,
  horizon: Horizon,
): { plan?: Plan; diagnostics: readonly Diagnostic[] } {
  const { prepared, diagnostics } = prepare(policy, inventory, horizon);
  const planned = [...planDomains(prepared)];
  const all = inReadingOrder([...diagnostics, ...planned.flatMap((domain) => domain.diagnostics)]);
  return hasErrors(all)
    ? { diagnostics: all }
    : { plan: { ...prepared.header, domains: planned.map((domain) => domain.plan) }, diagnostics: all };
}

/** The part of `compile` that looks at all domains at once; its size does not grow with the horizon. */
export function prepare(
  policy: Policy,
  inventory: Inventory,
  horizon: Horizon,
): { prepared: Prepared; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const { slots, blackedOut } = unrollSchedule(
    policy.schedule,
    policy.except,
    policy.timezone,
    Date.parse(horizon.from),
    Date.parse(horizon.until),
  );
  if (slots.length === 0) {
    diagnostics.push({
      code: "TM308",
      severity: "error",
      message: `the schedule does not fire between ${horizon.from} and ${horizon.until}`,
      hint:
        blackedOut.length > 0
          ? `${blackedOut.length} slots fall into except; lengthen the horizon or shorten the blackouts`
          : "lengthen the horizon or correct the cron expressions",
      ...placed(policy, "/schedule"),
    });
  }
  const lostFulls = blackedOut.filter((slot) => slot.level === "full");
  if (lostFulls[0] !== undefined) {
    diagnostics.push({
      code: "TM314",
      severity: "warning",
      message: `${lostFulls.length} ${lostFulls.length === 1 ? "full falls" : "fulls fall"} into except, the first at ${lostFulls[0].local}, and no other is taken instead`,
      hint: "chains go on for longer; move the full out of the blackout, or bound chains by maxChainLength",
      ...placed(policy, policy.except.length > 0 ? "/except" : "/schedule"),
    });
  }
  const levels = new Set(policy.schedule.map((entry) => entry.level));
  const counts = Object.values(policy.retention);
  const folds = policy.consolidate && counts.length > 0 && !counts.includes(-1);
  const bounded = folds || policy.maxChainLength !== undefined || policy.maxChainAge !== undefined;
  if (!levels.has("full") && !bounded) {
    diagnostics.push({
      code: "TM310",
      severity: "warning",
      message: "no full is scheduled, so that after the first run each chain grows without end",
      hint: 'add a full, such as { level: full, at: "@weekly" }, set maxChainLength, or consolidate: true',
      ...placed(policy, "/schedule"),
    });
  }
  const wantsCheckpoints = levels.has("incremental") || levels.has("differential");
  const resolved = resolve(policy, inventory);
  diagnostics.push(...resolved.diagnostics, ...checkHost(policy, inventory.host, wantsCheckpoints));
  const domains = resolved.domains.map((domain): PreparedDomain => {
    const chosen = chooseDisks(policy, domain, wantsCheckpoints);
    const settled = settlePlaces(policy, domain, chosen.choices);
    diagnostics.push(...chosen.diagnostics, ...settled.diagnostics);
    const estimate = estimateDomain(domain.facts, chosen.choices, ownersOf(policy), Date.parse(horizon.from));
    if (policy.maxConcurrent !== undefined && "unknown" in estimate) {
      diagnostics.push({
        code: "TM115",
        severity: "error",
        message: `maxConcurrent needs to know how long runs take, and nothing says ${estimate.unknown}`,
        hint: "set estimate: { size: 40GiB, changedPerDay: 3% } for it, or in defaults",
        ...placed(policy, domain.origins.entry),
      });
    }
    const sound = !hasErrors([...chosen.diagnostics, ...settled.diagnostics]);
    return { domain, choices: chosen.choices, places: settled.places, estimate, sound };
  });
  diagnostics.push(...checkShared(policy, domains));
  const { locations: _, ...written } = policy;
  return {
    prepared: {
      header: {
        formatVersion: "1.0",
        policy: { name: policy.name, digest: digest(written) },
        inventory: { digest: digest(inventory) },
        timezone: policy.timezone,
        schedule: policy.schedule.map((entry) => plannedEntry(entry, policy.timezone)),
        repository: policy.repository,
        ...(policy.maxConcurrent !== undefined && { maxConcurrent: policy.maxConcurrent }),
        retention: policy.retention,
        ...(policy.consolidate && { consolidate: true as const }),
        horizon,
        unplanned: unplanned(inventory, resolved.domains),
      },
      policy,
      slots,
      diskLevels: lacking(FEATURES.perDiskMode, versionsFor(policy, inventory.host)).length === 0,
      // A coming differential reads changes since the newest full.
      retain: retainer(policy.retention, policy.timezone, !policy.consolidate || levels.has("differential")),
      domains,
    },
    diagnostics,
  };
}

/** The plans of the prepared domains, one at a time, so that a caller can write each and forget it. */
export function* planDomains(prepared: Prepared): Generator<PlannedDomain> {
  const { maxConcurrent } = prepared.policy;
  const starts = maxConcurrent === undefined ? undefined : turns(prepared, maxConcurrent);
  for (const domain of prepared.domains) {
    const planned = planDomain(prepared, domain, starts?.get(domain.domain.facts.domain.name));
    const late = planned.plan.runs.find(
      ({ start = "" }, index, runs) => start > (runs[index + 1]?.slot ?? "9999"),
    );
    yield late === undefined
      ? planned
      : { ...planned, diagnostics: [...planned.diagnostics, tooSlow(prepared, planned.plan.name, late)] };
  }
}

/** Whose turn is when depends on all domains: each is planned once for how long its runs take, and once more to be written. */
function turns(prepared: Prepared, limit: number): ReturnType<typeof queue> {
  const waiting: Waiting[] = [];
  for (const each of prepared.domains) {
    const { plan, durations } = planDomain(prepared, each);
    for (const { point, slot, start = slot } of plan.runs) {
      const seconds = durations.get(point);
      if (seconds !== undefined)
        waiting.push({ domain: plan.name, point, ready: Date.parse(start), seconds });
    }
  }
  return queue(waiting, limit);
}

function tooSlow({ policy }: Prepared, name: string, { slot, start = slot }: Run): Diagnostic {
  return {
    code: "TM315",
    severity: "warning",
    message: `the run of "${name}" of ${slot} starts at ${start}, after its next slot`,
    hint:
      policy.maxConcurrent === undefined
        ? "let the jitter be shorter than the time between slots"
        : "raise maxConcurrent, schedule fewer runs, or correct the estimates",
    ...placed(policy, policy.maxConcurrent === undefined ? "/jitter" : "/maxConcurrent"),
  };
}

function unplanned(inventory: Inventory, planned: readonly ResolvedDomain[]): string[] {
  const names = new Set(planned.map(({ facts }) => facts.domain.name));
  return inventory.domains
    .flatMap(({ domain }) => (names.has(domain.name) ? [] : domain.name))
    .sort(compareText);
}

function plannedEntry({ level, at, start, until }: ScheduleEntry, timezone: string): PlannedEntry {
  return {
    level,
    at,
    onCalendar: at.flatMap((expression) => {
      const read = parseCron(expression);
      return "fields" in read ? onCalendar(read.fields, timezone) : [];
    }),
    ...(start !== undefined && { start }),
    ...(until !== undefined && { until }),
  };
}

/** sha256 over the JSON form, without the places of the text: moving a comment changes no plan. */
function digest(value: unknown): string {
  const text = JSON.stringify(value, (key, inner) => (key === "location" ? undefined : inner));
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
