import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import type { PolicyFiles } from "./policy-files.js";
import { topKeys } from "./validate.js";
import type { SourceTree } from "./yaml.js";

/**
 * Refuses a file from outside of the policy's own folders that is not a policy, or a part of one (TM123). Findings quote the lines and
 * values that they are about, and those of `/etc/shadow`, or of a token's file, are not for whoever reads the output.
 * @param tree what was read of it; undefined if it is no YAML
 * @param location where a policy names the file; absent for the policy itself
 */
export function refuseStranger(
  tree: SourceTree | undefined,
  file: string,
  files: PolicyFiles,
  location?: Location,
): Diagnostic | undefined {
  if (files.isOutside?.(file) !== true || isPolicyPart(tree)) return undefined;
  return {
    code: "TM123",
    severity: "error",
    message: `${file} is not a policy, nor a part of one`,
    hint: "it lies outside of the policy's own folders, so nothing of it is shown; name a file with a policy's keys",
    ...(location && { location }),
  };
}

/** Whether every key of a file is one that policies have. */
function isPolicyPart(tree: SourceTree | undefined): boolean {
  const value = tree?.value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  const known = topKeys();
  return keys.length > 0 && keys.every((key) => known.has(key));
}
