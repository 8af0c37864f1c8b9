import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { compareText } from "../diagnostics/diagnostic.js";
import type { LazyPlan } from "./lazy.js";
import type { Plan, PlanHeader } from "./plan.js";
import { readVersioned } from "./read.js";

/** The plans of one policy's hosts, in memory as a whole. */
export interface FleetPlan {
  /** What holds of all hosts; its repository is as the policy has it, with `{host}`. */
  readonly header: PlanHeader;
  /** Sorted by name. */
  readonly hosts: readonly HostPlan[];
}

/** The plan of one host of a fleet. */
export interface HostPlan {
  /** It tells its host. */
  readonly plan: Plan;
  /** What was found while its domains were planned; the host's PLAN.md tells of it. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The entry of one host in `fleet.json` (`schemas/fleet.schema.json`). The host's plan is in the folder of its name.
 */
export interface FleetHost {
  readonly name: string;
  readonly domains: number;
  readonly runs: number;
  /** Domains whose newest restore point was made on another host. */
  readonly moved: readonly { readonly domain: string; readonly from: string }[];
}

export interface Fleet extends PlanHeader {
  /** Sorted by name. */
  readonly hosts: readonly FleetHost[];
}

/** The text of `fleet.json`, with a line for each host. */
export function fleetJson(header: PlanHeader, hosts: readonly FleetHost[]): string {
  const lines = hosts.map((host) => `\n    ${JSON.stringify(host)}`).join(",");
  return `${JSON.stringify(header, null, 2).slice(0, -2)},\n  "hosts": [${lines}\n  ]\n}\n`;
}

/** Reads `fleet.json`, as `readPlan` reads `plan.json`. */
export function readFleet(text: string, file: string): { fleet?: Fleet; diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = readVersioned(text, file, isFleet);
  return { ...(value && { fleet: value as unknown as Fleet }), diagnostics };
}

/** The plans of all hosts as one, in which each domain knows its host. */
export function joinHosts(header: PlanHeader, plans: readonly LazyPlan[]): LazyPlan {
  const domains = plans.flatMap(({ header: { host }, domains: ofHost }) =>
    host === undefined
      ? ofHost
      : ofHost.map((domain) => ({ ...domain, host, plan: () => ({ ...domain.plan(), host }) })),
  );
  return {
    header,
    domains: domains.sort((a, b) => compareText(a.host ?? "", b.host ?? "") || compareText(a.name, b.name)),
  };
}

function isFleet(value: object): boolean {
  return (
    "hosts" in value &&
    Array.isArray(value.hosts) &&
    value.hosts.every(
      (host: unknown) =>
        typeof host === "object" &&
        host !== null &&
        "name" in host &&
        typeof host.name === "string" &&
        /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(host.name),
    )
  );
}
