import { posix } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { hostNameTrouble } from "./check-paths.js";
import { complete } from "./complete.js";
import { compose } from "./compose.js";
import type { Policy } from "./policy.js";
import type { PolicyFiles } from "./policy-files.js";
import { refuseStranger } from "./recognize.js";
import { checkSemantics } from "./semantics.js";
import { validate } from "./validate.js";
import { otherVersion } from "./version.js";
import type { WrittenHosts, WrittenPolicy } from "./written.js";
import { readYaml, type SourceTree } from "./yaml.js";

/** For a policy that is not in a file, and so has no other files. */
const NO_FILES: PolicyFiles = { read: () => ({ problem: "no files are read here" }), list: () => [] };

/**
 * Reads a policy's YAML. Everything wrong with it is reported at once; the policy is absent if any of it is an error.
 * @param file as it is to be shown in diagnostics
 * @param files what it extends and includes comes from there
 */
export function parsePolicy(
  input: string | Uint8Array,
  file: string,
  files: PolicyFiles = NO_FILES,
): { policy?: Policy; diagnostics: Diagnostic[] } {
  const { tree: root, diagnostics: unreadable } = readYaml(input, file);
  const stranger = refuseStranger(root, file, files);
  if (stranger !== undefined) return { diagnostics: [stranger] };
  if (root === undefined) return { diagnostics: [...unreadable] };
  const future = otherVersion(root);
  if (future !== undefined) return { diagnostics: [future] };
  const { tree, diagnostics: composing } = compose(root, file, files);
  if (tree === undefined) return { diagnostics: [...composing] };
  const diagnostics = [...validate(tree), ...checkSemantics(tree)];
  if (hasErrors(diagnostics)) return { diagnostics };
  const written = tree.value as WrittenPolicy;
  const hosts = typeof written.hosts === "string" ? hostsOfGlob(written.hosts, file, files) : written.hosts;
  if (hosts !== undefined) diagnostics.push(...checkHosts(hosts, written.hosts, tree));
  return hasErrors(diagnostics)
    ? { diagnostics }
    : { policy: complete(written, hosts, tree.values), diagnostics };
}

/** The hosts whose inventories match a glob. */
function hostsOfGlob(pattern: string, file: string, files: PolicyFiles): WrittenHosts {
  const folder = posix.dirname(file);
  const full = posix.join(posix.isAbsolute(pattern) ? "" : folder, pattern, "host.json");
  return Object.fromEntries(
    files.list(full).map((hostFile) => {
      const inventory = posix.dirname(hostFile);
      return [
        posix.basename(inventory),
        { inventory: posix.isAbsolute(inventory) ? inventory : posix.relative(folder, inventory) },
      ];
    }),
  );
}

function checkHosts(hosts: WrittenHosts, written: unknown, tree: SourceTree): Diagnostic[] {
  const location = tree.values.get("/hosts");
  const refuse = (code: "TM108" | "TM120", message: string, hint: string): Diagnostic => ({
    code,
    severity: "error",
    message,
    hint,
    ...(location && { location }),
  });
  const names = Object.keys(hosts);
  if (names.length === 0) {
    const hint = "an inventory is a folder with host.json; tidemark inventory -o inventory/HOST writes it";
    return [refuse("TM120", `there is no inventory ${written}`, hint)];
  }
  return names.flatMap((name) => {
    const wrong = hostNameTrouble(name, names);
    return wrong === undefined ? [] : refuse("TM108", wrong.message, wrong.hint);
  });
}
