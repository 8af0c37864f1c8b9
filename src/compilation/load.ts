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
import { findingsOf } from "./plans.js";
import { policyFilesFor } from "./policy-files.js";
import { unwatched, type Watch } from "./watch.js";

/** A policy that has been met with its inventories; `plans.ts` has what it comes to. */
export type LoadedFleet = PreparedFleet;

/** What stands in the place of what a policy says. */
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
  const found = [...diagnostics, ...time];
  const folders = inventoriesOf(policy, file, options.inventory);
  const meter = watch("files");
  const sites = folders.flatMap(({ host, folder }): Site[] => {
    const { inventory, diagnostics: facts } = loadInventory(resolve(folder), folder, {
      onProgress: (done, total) => meter.update(done, total),
      // A folder that the command line names is its caller's own.
      ...(options.inventory === undefined && { project: projectOf(dirname(file)) }),
    });
    found.push(...facts);
    return inventory === undefined ? [] : [{ inventory, ...(host !== undefined && { host }) }];
  });
  meter.end();
  if (sites.length < folders.length || horizon === undefined) return { diagnostics: found };
  const { fleet, diagnostics: planning } = prepareFleet(policy, sites, horizon);
  found.push(...planning);
  if (!hasErrors(found)) return { fleet, diagnostics: found };
  // What is wrong with the other domains' runs is of use at once, not after the next try.
  return { diagnostics: [...found, ...findingsOf(fleet, watch)] };
}

/** The same of a policy's text that is in no file yet, over one inventory. */
export function loadText(
  text: string,
  file: string,
  inventory: Inventory,
): { fleet?: LoadedFleet; diagnostics: Diagnostic[] } {
  const { policy, diagnostics } = parsePolicy(text, file);
  if (policy === undefined) return { diagnostics };
  const { horizon, diagnostics: time } = resolveHorizon(policy, {});
  const found = [...diagnostics, ...time];
  if (horizon === undefined) return { diagnostics: found };
  const { fleet, diagnostics: planning } = prepareFleet(policy, [{ inventory }], horizon);
  return { fleet, diagnostics: [...found, ...planning] };
}

/** A policy's file with those that it names. */
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
 * @param instead holds them in the place of what the policy says, of several hosts each in a folder of its name
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
