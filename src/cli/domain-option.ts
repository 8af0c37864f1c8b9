import type { Choice } from "../compilation/choose.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import type { StoredDomain } from "../repository/repository.js";

/** The domain of a repository that `--domain` names. */
export function storedDomain(domains: readonly StoredDomain[], wanted: string): Choice<StoredDomain> {
  const chosen = domains.find(({ name }) => name === wanted);
  if (chosen !== undefined) return { chosen, diagnostics: [] };
  const message = `the repository has no domain "${wanted}"`;
  const hint = meantOrKnown(
    wanted,
    domains.map(({ name }) => name),
    "it has",
  );
  return { diagnostics: [{ code: "TM509", severity: "error", message, hint }] };
}

/** The domain that `--domain` names; without it, the only domain. */
export function onlyOrStored(
  domains: readonly StoredDomain[],
  wanted: string | undefined,
): Choice<StoredDomain> {
  if (wanted !== undefined) return storedDomain(domains, wanted);
  const [first, second] = domains;
  if (first !== undefined && second === undefined) return { chosen: first, diagnostics: [] };
  const message = `the repository has ${domains.length} domains`;
  const hint = `choose one with --domain: ${domains.map(({ name }) => name).join(", ")}`;
  return { diagnostics: [{ code: "TM509", severity: "error", message, hint }] };
}
