// Compiles a policy that names hosts and writes its plan directory, over inventories that lie where the policy says.
//
//   node dist/fleet.js policy.yaml plan
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  compileFleet,
  type Diagnostic,
  type Inventory,
  loadInventory,
  type Policy,
  parsePolicy,
  printText,
  resolveHorizon,
  writePlan,
} from "tidemark";

const [policyFile = "policy.yaml", directory = "plan"] = process.argv.slice(2);

const { policy, diagnostics: parsing } = parsePolicy(readFileSync(policyFile), policyFile);
if (policy === undefined) fail(parsing);
else {
  const { inventories, diagnostics: loading } = inventoriesOf(policy);
  const { horizon, diagnostics: time } = resolveHorizon(policy);
  const early = [...parsing, ...loading, ...time];
  if (horizon === undefined) fail(early);
  else {
    const { fleet, diagnostics } = compileFleet(policy, inventories, horizon);
    const found = [...early, ...diagnostics];
    if (fleet === undefined) fail(found);
    else {
      const { files, diagnostics: writing } = await writePlan(directory, policy, fleet, found);
      if (files === undefined) fail(writing);
      else {
        const runs = fleet.hosts.flatMap(({ plan }) => plan.domains.map((domain) => domain.runs.length));
        console.log(`${directory}: ${fleet.hosts.length} hosts, ${runs.reduce((a, b) => a + b, 0)} runs`);
      }
    }
  }
}

/** An inventory that cannot be read is missing from the result, and compileFleet says of which host. */
function inventoriesOf({ hosts = {} }: Policy): {
  inventories: Record<string, Inventory>;
  diagnostics: readonly Diagnostic[];
} {
  const loaded = Object.entries(hosts).map(([host, { inventory }]) => ({
    host,
    ...loadInventory(join(dirname(policyFile), inventory)),
  }));
  return {
    inventories: Object.fromEntries(
      loaded.flatMap(({ host, inventory }) => (inventory === undefined ? [] : [[host, inventory]])),
    ),
    diagnostics: loaded.flatMap(({ diagnostics }) => diagnostics),
  };
}

function fail(diagnostics: readonly Diagnostic[]): void {
  process.stderr.write(printText(diagnostics, new Map(), { color: false }));
  process.exitCode = 1;
}
