import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors, inReadingOrder } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import type { Inventory } from "../inventory/inventory.js";
import type { FleetPlan, HostPlan } from "../plan/fleet.js";
import type { Plan } from "../plan/plan.js";
import { type Horizon, located, type Policy } from "../policy/policy.js";
import type { Site } from "./fleet/resolve.js";
import { planDomains } from "./plan-domains.js";
import { prepareFleet } from "./prepare.js";

/**
 * Compiles a policy of one host over its inventory and a horizon. Pure: same inputs, same plan, whatever the machine, clock or
 * locale. The plan is absent when a diagnostic is an error; a policy that names hosts is one (TM213).
 */
export function compile(
  policy: Policy,
  inventory: Inventory,
  horizon: Horizon,
): { plan?: Plan; diagnostics: readonly Diagnostic[] } {
  if (policy.hosts !== undefined) {
    const names = Object.keys(policy.hosts).join(", ");
    return {
      diagnostics: [
        otherHosts(
          policy,
          `the policy names hosts (${names}), and one inventory is given, of no host by name`,
          "compile the policy with compileFleet, which takes the inventory of each host",
        ),
      ],
    };
  }
  const { fleet, diagnostics } = planned(policy, [{ inventory }], horizon);
  const plan = fleet?.hosts[0]?.plan;
  return { ...(plan && { plan }), diagnostics };
}

/**
 * Compiles a policy that names hosts, as pure as `compile`.
 * @param inventories by the names of the hosts: one of each host of the policy, and of no other (TM213)
 */
export function compileFleet(
  policy: Policy,
  inventories: Readonly<Record<string, Inventory>>,
  horizon: Horizon,
): { fleet?: FleetPlan; diagnostics: readonly Diagnostic[] } {
  const wrong = unfitInventories(policy, inventories);
  if (wrong.length > 0) return { diagnostics: wrong };
  const sites = Object.keys(policy.hosts ?? {}).map((host) => ({
    host,
    inventory: inventories[host] as Inventory,
  }));
  return planned(policy, sites, horizon);
}

function planned(
  policy: Policy,
  sites: readonly Site[],
  horizon: Horizon,
): { fleet?: FleetPlan; diagnostics: readonly Diagnostic[] } {
  const { fleet, diagnostics } = prepareFleet(policy, sites, horizon);
  const hosts = fleet.hosts.map((host): HostPlan => {
    const domains = [...planDomains(host)];
    return {
      plan: { ...host.header, domains: domains.map(({ plan }) => plan) },
      diagnostics: domains.flatMap((domain) => domain.diagnostics),
    };
  });
  const all = inReadingOrder([...diagnostics, ...hosts.flatMap((host) => host.diagnostics)]);
  return hasErrors(all) ? { diagnostics: all } : { fleet: { header: fleet.header, hosts }, diagnostics: all };
}

function unfitInventories(policy: Policy, inventories: Readonly<Record<string, Inventory>>): Diagnostic[] {
  if (policy.hosts === undefined) {
    const hint = "compile the policy with compile, which takes the one inventory";
    return [otherHosts(policy, "the policy names no hosts, and inventories are given by host", hint)];
  }
  const names = Object.keys(policy.hosts);
  const given = Object.keys(inventories);
  return [
    ...names
      .filter((name) => !Object.hasOwn(inventories, name))
      .map((name) =>
        otherHosts(
          policy,
          `no inventory is given of the host "${name}"`,
          meantOrKnown(name, given, "inventories are given of"),
        ),
      ),
    ...given
      .filter((name) => !names.includes(name))
      .map((name) =>
        otherHosts(
          policy,
          `an inventory is given of "${name}", which is no host of the policy`,
          meantOrKnown(name, names, "its hosts are"),
        ),
      ),
  ];
}

function otherHosts(policy: Policy, message: string, hint: string): Diagnostic {
  return { code: "TM213", severity: "error", message, hint, ...located(policy, "/hosts") };
}
