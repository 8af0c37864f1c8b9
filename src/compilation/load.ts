import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { Inventory } from "../inventory/inventory.js";
import { loadInventory } from "../inventory/load.js";
import { projectOf } from "../inventory/project.js";
import type { Site } from "../planner/fleet/resolve.js";
import { type PreparedFleet, prepareFleet } from "../planner/prepare.js";
import { resolveHorizon } from "../policy/horizon.js";
import { parsePolicy } from "../policy/parse.js";
import type { Policy } from "../policy/policy.js";
import { diagnosticsOf } from "./plans.js";
import { policyFilesFor } from "./policy-files.js";
import { unwatched, type Watch } from "./watch.js";

/** A policy with its inventories, ready to be planned by `plans.ts`. */
export type LoadedFleet = PreparedFleet;

/** Options that override what a policy says. */
export interface LoadOptions {
  /** Folder of the inventory; of several hosts, the folder that holds theirs. */
  readonly inventory?: string;
  readonly from?: string;
  readonly until?: string;
}

/** Reads a policy and its inventories and prepares the plans; `fleet` is absent if a diagnostic is an error. */
export function load(
  file: string,
  options: LoadOptions,
  watch: Watch = unwatched,
): { fleet?: LoadedFleet; diagnostics: Diagnostic[] } {
  const { policy, diagnostics } = loadPolicy(file);
  if (policy === undefined) return { diagnostics };
  const { horizon, diagnostics: time } = resolveHorizon(policy, {
    ...(options.from !== undefined && { from: options.from }),
    ...(options.until !== undefined && { until: options.until }),
  });
  const all = [...diagnostics, ...time];
  const folders = inventoriesOf(policy, file, options.inventory);
  const meter = watch("files");
  const sites = folders.flatMap(({ host, folder }): Site[] => {
    const { inventory, diagnostics: facts } = loadInventory(resolve(folder), folder, {
      onProgress: (done, total) => meter.update(done, total),
      // The caller chose a folder of the command line, so links in it may lead anywhere.
      ...(options.inventory === undefined && { project: projectOf(dirname(file)) }),
    });
    all.push(...facts);
    return inventory === undefined ? [] : [{ inventory, ...(host !== undefined && { host }) }];
  });
  meter.end();
  if (sites.length < folders.length || horizon === undefined) return { diagnostics: all };
  const { fleet, diagnostics: planning } = prepareFleet(policy, sites, horizon);
  all.push(...planning);
  if (!hasErrors(all)) return { fleet, diagnostics: all };
  // The diagnostics of the other domains' runs are useful now, not only after the next try.
  return { diagnostics: [...all, ...diagnosticsOf(fleet, watch)] };
}

/** The same for the text of a policy that is not in a file yet, with one inventory. */
export function loadText(
  text: string,
  file: string,
  inventory: Inventory,
): { fleet?: LoadedFleet; diagnostics: Diagnostic[] } {
  const { policy, diagnostics } = parsePolicy(text, file);
  if (policy === undefined) return { diagnostics };
  const { horizon, diagnostics: time } = resolveHorizon(policy, {});
  const all = [...diagnostics, ...time];
  if (horizon === undefined) return { diagnostics: all };
  const { fleet, diagnostics: planning } = prepareFleet(policy, [{ inventory }], horizon);
  return { fleet, diagnostics: [...all, ...planning] };
}

/** Reads a policy with the files that it names. */
export function loadPolicy(file: string): { policy?: Policy; diagnostics: Diagnostic[] } {
  const files = policyFilesFor(file);
  const read = files.read(file);
  if (!("problem" in read)) return parsePolicy(read, file, files);
  const message = `cannot read the policy ${file}: ${read.problem}`;
  const hint = "name the YAML file of the policy";
  return { diagnostics: [{ code: "TM101", severity: "error", message, hint }] };
}

/**
 * Where the inventories are, as seen from the working folder.
 * @param instead the folder that is used instead of what the policy says; for several hosts it has a folder for each, by name
 */
export function inventoriesOf(
  policy: Policy,
  file: string,
  instead?: string,
): readonly { readonly host?: string; readonly folder: string }[] {
  if (policy.hosts === undefined) return [{ folder: instead ?? beside(file, policy.inventory) }];
  return Object.entries(policy.hosts).map(([host, { inventory }]) => ({
    host,
    folder: instead === undefined ? beside(file, inventory) : join(instead, host),
  }));
}

/** A path written in a policy, as seen from the working folder; kept relative so that output names no machine's folders. */
function beside(policyFile: string, path: string): string {
  if (isAbsolute(path)) return path;
  const joined = join(dirname(policyFile), path);
  return isAbsolute(joined) ? joined : relative(".", joined) || ".";
}
