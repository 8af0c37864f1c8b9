import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearest } from "../policy/did-you-mean.js";
import type { StoredDomain } from "../repository/repository.js";

/** The domain of a repository that a `--domain` names. */
export function storedDomain(domains: readonly StoredDomain[], wanted: string): StoredDomain | Diagnostic {
  const names = domains.map(({ name }) => name);
  const meant = nearest(wanted, names);
  return (
    domains.find(({ name }) => name === wanted) ?? {
      code: "TM509",
      severity: "error",
      message: `the repository holds no domain "${wanted}"`,
      hint: meant === undefined ? `it holds: ${names.join(", ")}` : `did you mean "${meant}"?`,
    }
  );
}
