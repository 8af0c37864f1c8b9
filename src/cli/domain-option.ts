import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearest } from "../policy/did-you-mean.js";
import type { StoredDomain } from "../repository/repository.js";

/** A `--domain` that the repository does not hold. */
export function unknownDomain(name: string, domains: readonly StoredDomain[]): Diagnostic {
  const names = domains.map((domain) => domain.name);
  const meant = nearest(name, names);
  return {
    code: "TM509",
    severity: "error",
    message: `the repository holds no domain "${name}"`,
    hint: meant === undefined ? `it holds: ${names.join(", ")}` : `did you mean "${meant}"?`,
  };
}
