import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { compareText, hasErrors, inReadingOrder } from "../diagnostics/diagnostic.js";
import type { Inventory } from "../inventory/inventory.js";
import { FEATURES, lacking } from "../libvirt/features.js";
import { localTime } from "../plan/local-time.js";
import { domainLabel, type Plan, type PlanHeader, type PlannedEntry, type Run } from "../plan/plan.js";
import { blackoutText } from "../policy/blackout.js";
import { parseCron } from "../policy/cron.js";
import { type Horizon, ownersOf, type Policy, placed, type ScheduleEntry } from "../policy/policy.js";
import { onCalendar } from "./calendar/on-calendar.js";
import { type Slot, unrollSchedule } from "./calendar/schedule.js";
import { checkHost, checkSchedule, versionsFor } from "./check.js";
import { digest } from "./digest.js";
import { chooseDisks, type DiskChoice } from "./domain/disks.js";
import { type DomainEstimate, estimateDomain } from "./domain/estimate.js";
import { type Places, settlePlaces } from "./domain/places.js";
import { type PlannedDomain, planDomain } from "./domain/plan-domain.js";
import { type Retainer, retainer } from "./domain/retain.js";
import { checkCollisions, checkUnique } from "./fleet/collisions.js";
import { followMoves } from "./fleet/moves.js";
import { type ResolvedDomain, resolve, type Site } from "./fleet/resolve.js";
import { queue, type Waiting } from "./fleet/turns.js";

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
  /** When each run gets its turn, of all hosts' runs; worked out once, when it is asked for. */
  readonly turns: () => Turns | undefined;
}

/** The hosts of one policy. */
export interface PreparedFleet {
  /** What holds of all; its repository is as the policy has it, with `{host}`. */
  readonly header: PlanHeader;
  readonly policy: Policy;
  /** In the order of their names; one without a name where the policy names none. */
  readonly hosts: readonly Prepared[];
}

type Turns = ReturnType<typeof queue>;

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

/** `prepareFleet` for a policy without hosts. */
export function prepare(
  policy: Policy,
  inventory: Inventory,
  horizon: Horizon,
): { prepared: Prepared; diagnostics: readonly Diagnostic[] } {
  const { fleet, diagnostics } = prepareFleet(policy, [{ inventory }], horizon);
  return { prepared: fleet.hosts[0] as Prepared, diagnostics };
}

/** The part of `compile` that looks at all domains at once; its size does not grow with the horizon. */
export function prepareFleet(
  policy: Policy,
  captured: readonly Site[],
  horizon: Horizon,
): { fleet: PreparedFleet; diagnostics: readonly Diagnostic[] } {
  const { slots, blackedOut } = unrollSchedule(
    policy.schedule,
    policy.except,
    policy.timezone,
    Date.parse(horizon.from),
    Date.parse(horizon.until),
  );
  const levels = new Set(policy.schedule.map((entry) => entry.level));
  const wantsCheckpoints = levels.has("incremental") || levels.has("differential");
  const sites = followMoves(policy, captured);
  const resolved = resolve(policy, sites);
  const diagnostics: Diagnostic[] = [
    ...checkSchedule(policy, horizon, slots, blackedOut),
    ...resolved.diagnostics,
    ...checkUnique(policy, sites, resolved.sites),
  ];
  const { locations: _, ...written } = policy;
  const schedule = policy.schedule.map((entry) => plannedEntry(entry, policy.timezone));
  const policyDigest = digest(written);
  const headerOf = (
    own: Pick<PlanHeader, "inventory" | "repository" | "unplanned">,
    host?: string,
  ): PlanHeader => ({
    formatVersion: "1.0",
    policy: { name: policy.name, digest: policyDigest },
    ...(host !== undefined && { host }),
    inventory: own.inventory,
    timezone: policy.timezone,
    schedule,
    ...(policy.except.length > 0 && { except: policy.except.map(blackoutText) }),
    repository: own.repository,
    ...(policy.maxConcurrent !== undefined && { maxConcurrent: policy.maxConcurrent }),
    ...(policy.systemd && { systemd: policy.systemd }),
    retention: policy.retention,
    ...(policy.consolidate && { consolidate: true as const }),
    ...(policy.hooks && { hooks: policy.hooks }),
    ...(policy.metrics && { metrics: policy.metrics }),
    horizon,
    unplanned: own.unplanned,
  });
  // A coming differential reads changes since the newest full.
  const retain = retainer(
    policy.retention,
    policy.timezone,
    !policy.consolidate || levels.has("differential"),
  );
  const unread = unreadFacts(policy);
  let starts: Turns | undefined;
  const turns = () => {
    if (policy.maxConcurrent !== undefined) starts ??= takeTurns(hosts, policy.maxConcurrent);
    return starts;
  };
  const hosts = sites.map(({ host, inventory }, index): Prepared => {
    const own = resolved.sites[index] ?? [];
    const onHost = host === undefined ? policy : ofHost(policy, host);
    diagnostics.push(...checkHost(onHost, inventory.host, wantsCheckpoints, host));
    const domains = own.map((domain): PreparedDomain => {
      const chosen = chooseDisks(onHost, domain, wantsCheckpoints);
      const settled = settlePlaces(onHost, domain, chosen.choices);
      diagnostics.push(...chosen.diagnostics, ...settled.diagnostics);
      const estimate = estimateDomain(
        domain.facts,
        chosen.choices,
        ownersOf(policy),
        Date.parse(horizon.from),
      );
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
    return {
      header: headerOf(
        {
          inventory: { digest: digest(inventory, unread) },
          repository: onHost.repository,
          unplanned: unplanned(inventory, own),
        },
        host,
      ),
      policy: onHost,
      slots,
      diskLevels: lacking(FEATURES.perDiskMode, versionsFor(policy, inventory.host)).length === 0,
      retain,
      domains,
      turns,
    };
  });
  diagnostics.push(...checkCollisions(policy, hosts));
  return {
    fleet: {
      header: headerOf({
        inventory: { digest: digest(hosts.map((each) => [each.header.host, each.header.inventory])) },
        repository: policy.repository,
        unplanned: hosts.flatMap(({ header: { host, unplanned: names } }) =>
          names.map((name) => domainLabel(name, host)),
        ),
      }),
      policy,
      hosts,
    },
    diagnostics,
  };
}

/** The policy as it holds on one of its hosts. */
function ofHost(policy: Policy, host: string): Policy {
  return { ...policy, repository: policy.repository.replaceAll("{host}", host) };
}

/** Facts that no entry asks for: where they change, no plan does. */
function unreadFacts({ domains }: Policy): ReadonlySet<string> {
  const selectors = Object.values(domains).map(({ where }) => where);
  return new Set([
    ...(selectors.some((where) => where?.title) ? [] : ["title"]),
    ...(selectors.some((where) => where?.metadata) ? [] : ["metadata"]),
    "strays",
  ]);
}

/** The plans of the prepared domains, one at a time, so that a caller can write each and forget it. */
export function* planDomains(prepared: Prepared): Generator<PlannedDomain> {
  for (const domain of prepared.domains) yield planPrepared(prepared, domain);
}

/** The plan of one of the prepared domains; the same each time. */
export function planPrepared(prepared: Prepared, domain: PreparedDomain): PlannedDomain {
  const label = domainLabel(domain.domain.facts.domain.name, prepared.header.host);
  const planned = planDomain(prepared, domain, prepared.turns()?.get(label));
  const late = planned.plan.runs.find(
    ({ start = "" }, index, runs) => start > (runs[index + 1]?.slot ?? "9999"),
  );
  return late === undefined
    ? planned
    : { ...planned, diagnostics: [...planned.diagnostics, tooSlow(prepared, planned.plan.name, late)] };
}

/** Whose turn is when depends on all domains: each is planned once for how long its runs take, and once more to be written. */
function takeTurns(hosts: readonly Prepared[], limit: number): Turns {
  const waiting: Waiting[] = [];
  for (const prepared of hosts) {
    for (const each of prepared.domains) {
      const { plan, durations } = planDomain(prepared, each);
      const domain = domainLabel(plan.name, prepared.header.host);
      for (const { point, slot, start = slot } of plan.runs) {
        const seconds = durations.get(point);
        if (seconds !== undefined) waiting.push({ domain, point, ready: Date.parse(start), seconds });
      }
    }
  }
  return queue(waiting, limit);
}

function tooSlow(
  { policy }: Prepared,
  name: string,
  { slot, start = slot, localTime: due }: Run,
): Diagnostic {
  return {
    code: "TM315",
    severity: "warning",
    message: `the run of "${name}" of ${due} starts at ${localTime(start, policy.timezone)}, after its next slot`,
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

function plannedEntry({ level, at, start, until, except }: ScheduleEntry, timezone: string): PlannedEntry {
  return {
    level,
    at,
    onCalendar: at.flatMap((expression) => {
      const read = parseCron(expression);
      return "fields" in read ? onCalendar(read.fields, timezone) : [];
    }),
    ...(start !== undefined && { start }),
    ...(until !== undefined && { until }),
    ...(except.length > 0 && { except: except.map(blackoutText) }),
  };
}
