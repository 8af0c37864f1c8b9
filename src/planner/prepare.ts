import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { FEATURES, lacking } from "../libvirt/features.js";
import type { PlanHeader } from "../plan/plan.js";
import { pathOnHost } from "../policy/path.js";
import { type Horizon, located, ownersOf, type Policy } from "../policy/policy.js";
import { bandwidthOf } from "../policy/settings.js";
import { limitsOf } from "./calendar/limits.js";
import { unrollSchedule } from "./calendar/schedule.js";
import { checkCompression, checkHost, checkSchedule, versionsFor } from "./check.js";
import { chooseDisks } from "./domain/disks.js";
import { estimateDomain, unknownOf } from "./domain/estimate.js";
import { checkLengths } from "./domain/lengths.js";
import { type DomainPaths, settlePaths } from "./domain/paths.js";
import { pastOf } from "./domain/plan-domain.js";
import type { HostTerms, JudgedDomain, PreparedDomain } from "./domain/prepared.js";
import { retainer } from "./domain/retain.js";
import { writerOf } from "./domain/writer.js";
import { checkCollisions, checkUnique, type HostWriters } from "./fleet/collisions.js";
import { followMoves } from "./fleet/moves.js";
import { type ResolvedDomain, resolve, type Site } from "./fleet/resolve.js";
import { fleetHeader, headersOf, inventoryDigest, unplannedOf } from "./header.js";
import { type Turns, takeTurns } from "./take-turns.js";

/** A policy met with its inventory: everything but the runs, which `planDomains` unrolls a domain at a time. */
export interface Prepared extends HostTerms {
  readonly header: PlanHeader;
  /** All domains, also those whose settings are not in order. */
  readonly judged: readonly JudgedDomain[];
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

/** The part of planning that looks at all domains at once; its size does not grow with the horizon. */
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
  const headerOf = headersOf(policy, horizon);
  const digestOf = inventoryDigest(policy);
  // A coming differential reads changes since the newest full.
  const sparesNewestFull = !policy.consolidate || levels.has("differential");
  const retain = retainer(policy.retention, policy.timezone, sparesNewestFull);
  let starts: Turns | undefined;
  const turns = () => {
    if (policy.maxConcurrent !== undefined) starts ??= takeTurns(hosts, policy.maxConcurrent);
    return starts;
  };
  const writers: HostWriters[] = [];
  const hosts = sites.map(({ host, inventory }, index): Prepared => {
    const onThisHost = resolved.sites[index] ?? [];
    const onHost = host === undefined ? policy : ofHost(policy, host);
    diagnostics.push(...checkHost(onHost, inventory.host, wantsCheckpoints, host));
    const judged = onThisHost.map((domain) =>
      prepareDomain({ policy: onHost, slots }, domain, wantsCheckpoints, horizon),
    );
    diagnostics.push(
      ...checkCompression(onHost, inventory.host, judged, host),
      ...judged.flatMap((each) => each.diagnostics),
    );
    writers.push({
      ...(host !== undefined && { host }),
      domains: judged.flatMap(({ domain, paths }) =>
        paths ? writerOf(domain, paths, onHost.repository) : [],
      ),
    });
    return {
      header: headerOf({
        ...(host !== undefined && { host }),
        inventory: { digest: digestOf(inventory) },
        repository: onHost.repository,
        unplanned: unplannedOf(inventory, onThisHost),
      }),
      policy: onHost,
      slots,
      diskLevels: lacking(FEATURES.perDiskMode, versionsFor(policy, inventory.host)).length === 0,
      retain,
      judged: judged.map(({ domain, choices }) => ({ domain, choices })),
      domains: judged.flatMap(({ prepared }) => prepared ?? []),
      turns,
    };
  });
  diagnostics.push(...checkCollisions(policy, writers));
  return { fleet: { header: fleetHeader(headerOf, policy, hosts), policy, hosts }, diagnostics };
}

/** The policy as it holds on one of its hosts. */
function ofHost(policy: Policy, host: string): Policy {
  return { ...policy, repository: pathOnHost(policy.repository, host) };
}

interface Judgement extends JudgedDomain {
  readonly paths?: DomainPaths;
  /** Absent where the settings are not in order. */
  readonly prepared?: PreparedDomain;
  readonly diagnostics: readonly Diagnostic[];
}

function prepareDomain(
  terms: Pick<HostTerms, "policy" | "slots">,
  domain: ResolvedDomain,
  wantsCheckpoints: boolean,
  horizon: Horizon,
): Judgement {
  const { policy } = terms;
  const { choices, diagnostics: ofDisks } = chooseDisks(policy, domain, wantsCheckpoints);
  const { paths, diagnostics: ofPaths } = settlePaths(policy, domain, choices);
  const compressed = new Set(
    paths?.disks.flatMap(({ choice, compress }) => (compress === undefined ? [] : choice.resolved.target)),
  );
  const bandwidth = bandwidthOf(domain.settings);
  const now = Date.parse(horizon.from);
  const estimate = estimateDomain(domain.facts, choices, ownersOf(policy), compressed, bandwidth, now);
  const unknown = unknownOf(estimate, domain.facts.domain.name);
  const ofLengths = paths === undefined ? [] : checkLengths(policy, domain, paths);
  const settings = [...ofDisks, ...ofPaths, ...ofLengths];
  const isSound = paths !== undefined && !hasErrors(settings);
  return {
    domain,
    choices,
    ...(paths && { paths }),
    ...(isSound && {
      prepared: { domain, choices, paths, estimate, limits: limitsOf(bandwidth, policy.timezone) },
    }),
    diagnostics: [
      ...settings,
      ...(policy.maxConcurrent !== undefined && unknown !== undefined
        ? [unknownDuration(policy, domain, unknown)]
        : []),
      // A domain without runs is asked about its past all the same, so that all findings come at once.
      ...(isSound ? [] : pastOf(terms, domain, paths).diagnostics),
    ],
  };
}

function unknownDuration(policy: Policy, { origins }: ResolvedDomain, what: string): Diagnostic {
  return {
    code: "TM115",
    severity: "error",
    message: `maxConcurrent needs to know how long runs take, and nothing says ${what}`,
    hint: "set estimate: { size: 40GiB, changedPerDay: 3% } for the domain, or in defaults",
    ...located(policy, origins.entry),
  };
}
