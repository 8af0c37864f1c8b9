import { compareText } from "../diagnostics/diagnostic.js";
import type { Inventory } from "../inventory/inventory.js";
import { domainLabel, type PlanHeader, type PlannedEntry, type PlannedPermissions } from "../plan/plan.js";
import { folderMode, type Permissions } from "../policy/permissions.js";
import type { Horizon, Policy, ScheduleEntry } from "../policy/policy.js";
import { spanSeconds } from "../policy/span.js";
import { onCalendar } from "./calendar/on-calendar.js";
import { digest } from "./digest.js";
import type { ResolvedDomain } from "./fleet/resolve.js";

/** What one host's plan says beside what the policy says of all. */
type OfHost = Pick<PlanHeader, "host" | "inventory" | "repository" | "unplanned">;

/** The header of a host's plan, for each host of a policy. */
export function headersOf(policy: Policy, horizon: Horizon): (ofHost: OfHost) => PlanHeader {
  const { locations: _, ...written } = policy;
  const schedule = policy.schedule.map((entry) => plannedEntry(entry, policy.timezone));
  const policyDigest = digest(written);
  return ({ host, inventory, repository, unplanned }) => ({
    formatVersion: "2.0",
    policy: { name: policy.name, digest: policyDigest },
    ...(host !== undefined && { host }),
    inventory,
    timezone: policy.timezone,
    schedule,
    ...(policy.except.length > 0 && { except: policy.except.map(({ text }) => text) }),
    repository,
    ...(policy.maxConcurrent !== undefined && { maxConcurrent: policy.maxConcurrent }),
    ...(policy.systemd && { systemd: policy.systemd }),
    retention: policy.retention,
    ...(policy.consolidate && { consolidate: true as const }),
    ...(policy.hooks && { hooks: policy.hooks }),
    hookTimeLimit: spanSeconds(policy.hookTimeLimit),
    retry: { times: policy.retry.times, seconds: spanSeconds(policy.retry.after) },
    spaceMargin: policy.spaceMargin,
    permissions: plannedPermissions(policy.permissions),
    ...(policy.metrics && { metrics: policy.metrics }),
    horizon,
    unplanned,
  });
}

/** The header of what holds of all hosts; its repository is as the policy has it, with `{host}`. */
export function fleetHeader(
  headerOf: (ofHost: OfHost) => PlanHeader,
  { repository }: Policy,
  hosts: readonly { readonly header: PlanHeader }[],
): PlanHeader {
  return headerOf({
    inventory: { digest: digest(hosts.map(({ header }) => [header.host, header.inventory])) },
    repository,
    unplanned: hosts.flatMap(({ header: { host, unplanned } }) =>
      unplanned.map((name) => domainLabel(name, host)),
    ),
  });
}

/** Domains of an inventory that no entry of the policy names. Sorted. */
export function unplannedOf(inventory: Inventory, planned: readonly ResolvedDomain[]): string[] {
  const names = new Set(planned.map(({ facts }) => facts.domain.name));
  return inventory.domains
    .flatMap(({ domain }) => (names.has(domain.name) ? [] : domain.name.replaceAll(/\p{Cc}/gu, "\ufffd")))
    .sort(compareText);
}

/** An inventory's digest; facts that no entry asks for do not count, as no plan changes where they do. */
export function inventoryDigest({ domains }: Policy): (inventory: Inventory) => string {
  const selectors = Object.values(domains).map(({ where }) => where);
  const unread = new Set([
    ...(selectors.some((where) => where?.title) ? [] : ["title"]),
    ...(selectors.some((where) => where?.metadata) ? [] : ["metadata"]),
    "strays",
  ]);
  return (inventory) => digest(inventory, unread);
}

function plannedPermissions({ mode, ...owners }: Permissions): PlannedPermissions {
  return { ...owners, files: mode, folders: folderMode(mode) };
}

function plannedEntry({ level, at, start, until, except }: ScheduleEntry, timezone: string): PlannedEntry {
  return {
    level,
    at: at.map(({ text }) => text),
    onCalendar: at.flatMap((times) => onCalendar(times, timezone)),
    ...(start !== undefined && { start: start.text }),
    ...(until !== undefined && { until: until.text }),
    ...(except.length > 0 && { except: except.map(({ text }) => text) }),
  };
}
