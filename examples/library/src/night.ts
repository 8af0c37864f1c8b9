// What a night will do, for a duty roster; fails where a domain of the host is in no backup.
//
//   node dist/night.js policy.yaml inventory 2026-12-07
import { readFileSync } from "node:fs";
import {
  compile,
  type Diagnostic,
  loadInventory,
  type Plan,
  parsePolicy,
  printText,
  type Run,
  resolveHorizon,
} from "tidemark";

const [policyFile = "policy.yaml", inventoryFolder = "inventory", night = ""] = process.argv.slice(2);

const { plan, diagnostics } = planOf(policyFile, inventoryFolder);
if (diagnostics.length > 0) process.stderr.write(printText(diagnostics, new Map(), { color: false }));
if (plan === undefined) process.exitCode = 1;
else {
  const nights = plan.domains.flatMap((domain) =>
    domain.runs.filter((run) => run.localTime.startsWith(night)).map((run) => ({ domain: domain.name, run })),
  );
  for (const { domain, run } of nights)
    console.log(`${run.localTime}  ${domain}: ${run.level}, ${disksOf(run)}`);
  for (const name of plan.unplanned) console.log(`${name}: in no backup`);
  if (plan.unplanned.length > 0) process.exitCode = 1;
}

/** Each stage gives what it made, or says what is wrong: nothing throws on bad input. */
function planOf(file: string, folder: string): { plan?: Plan; diagnostics: readonly Diagnostic[] } {
  const read = parsePolicy(readFileSync(file), file);
  const found = loadInventory(folder);
  const early = [...read.diagnostics, ...found.diagnostics];
  if (read.policy === undefined || found.inventory === undefined) return { diagnostics: early };
  const span = resolveHorizon(read.policy);
  if (span.horizon === undefined) return { diagnostics: [...early, ...span.diagnostics] };
  const { diagnostics, ...compiled } = compile(read.policy, found.inventory, span.horizon);
  return { ...compiled, diagnostics: [...early, ...span.diagnostics, ...diagnostics] };
}

function disksOf(run: Run): string {
  return run.disks
    .map(({ target, base }) => (base === null ? `${target} whole` : `${target} since ${base}`))
    .join(", ");
}
