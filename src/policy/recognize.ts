import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import type { PolicyFiles } from "./policy-files.js";
import { topKeys } from "./validate.js";
import type { SourceTree } from "./yaml.js";

/**
 * Refuses a file outside of the policy's folders that is not a policy or a part of one (TM123). Diagnostics quote lines and values of a
 * file, but lines of `/etc/shadow`, or of a file with a token, must not be shown.
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
    message: `${file} is neither a policy nor a part of one`,
    hint: "it is outside of the policy's folders, so its content is not shown; name a file that has keys of a policy",
    ...(location && { location }),
  };
}

/** Whether every key of a file is a key of policies. */
function isPolicyPart(tree: SourceTree | undefined): boolean {
  const value = tree?.value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  const known = topKeys();
  return keys.length > 0 && keys.every((key) => known.has(key));
}
