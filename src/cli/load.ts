import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { loadInventory } from "../inventory/load.js";
import { type Prepared, planDomains, prepare } from "../planner/compile.js";
import { resolveHorizon } from "../policy/horizon.js";
import { parsePolicy } from "../policy/parse.js";
import { policyFiles } from "./policy-files.js";
import { Progress } from "./progress.js";

/** Options that every command with a policy takes. */
export interface InputOptions {
  readonly inventory?: string;
  readonly from?: string;
  readonly until?: string;
  readonly format: "text" | "json" | "github";
}

/** Reads a policy and its inventory and prepares the plan; `prepared` is absent if a diagnostic is an error. */
export function load(
  file: string,
  options: InputOptions,
): { prepared?: Prepared; diagnostics: Diagnostic[] } {
  const bytes = readPolicy(file);
  if ("code" in bytes) return { diagnostics: [bytes] };
  const { policy, diagnostics } = parsePolicy(bytes, file, policyFiles);
  if (policy === undefined) return { diagnostics };
  const { horizon, diagnostics: time } = resolveHorizon(policy, {
    ...(options.from !== undefined && { from: options.from }),
    ...(options.until !== undefined && { until: options.until }),
  });
  const folder = options.inventory ?? beside(file, policy.inventory);
  const progress = new Progress("files");
  const { inventory, diagnostics: facts } = loadInventory(resolve(folder), folder, (done, total) =>
    progress.update(done, total),
  );
  progress.end();
  const found = [...diagnostics, ...time, ...facts];
  if (inventory === undefined || horizon === undefined) return { diagnostics: found };
  const { prepared, diagnostics: planning } = prepare(policy, inventory, horizon);
  found.push(...planning);
  if (!hasErrors(found)) return { prepared, diagnostics: found };
  // What is wrong with the other domains' runs is of use at once, not after the next try.
  for (const { diagnostics: planned } of planDomains(prepared)) found.push(...planned);
  return { diagnostics: found };
}

function readPolicy(file: string): Uint8Array | Diagnostic {
  const read = policyFiles.read(file);
  return "problem" in read
    ? {
        code: "TM101",
        severity: "error",
        message: `cannot read the policy ${file}: ${read.problem}`,
        hint: "name the policy's YAML file",
      }
    : read;
}

/** A path written in a policy, as seen from the working folder; kept relative so that output names no machine's folders. */
function beside(policyFile: string, path: string): string {
  if (isAbsolute(path)) return path;
  const joined = join(dirname(policyFile), path);
  return isAbsolute(joined) ? joined : relative(".", joined) || ".";
}
