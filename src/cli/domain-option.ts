import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import type { StoredDomain } from "../repository/repository.js";

/** The domain of a repository that `--domain` names. */
export function storedDomain(domains: readonly StoredDomain[], wanted: string): StoredDomain | Diagnostic {
  const names = domains.map(({ name }) => name);
  return (
    domains.find(({ name }) => name === wanted) ?? {
      code: "TM509",
      severity: "error",
      message: `the repository has no domain "${wanted}"`,
      hint: meantOrKnown(wanted, names, "it has"),
    }
  );
}

/** The domain that `--domain` names; without it, the only domain. */
export function onlyOrStored(
  domains: readonly StoredDomain[],
  wanted: string | undefined,
): StoredDomain | Diagnostic {
  const [first, second] = domains;
  if (wanted === undefined) {
    if (first !== undefined && second === undefined) return first;
    return {
      code: "TM509",
      severity: "error",
      message: `the repository has ${domains.length} domains`,
      hint: `choose one with --domain: ${domains.map(({ name }) => name).join(", ")}`,
    };
  }
  return storedDomain(domains, wanted);
}
