import type { Choice } from "../compilation/choose.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import { domainLabel } from "../plan/plan.js";
import { globMatcher } from "../policy/glob.js";
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

/** The domains that any of the names and globs of `--domain` means: NAME, or HOST/NAME. One that means none is an error. */
export function matchingDomains<T extends { readonly name: string; readonly host?: string }>(
  domains: readonly T[],
  patterns: readonly string[] | undefined,
  where: string,
  diagnostics: Diagnostic[],
): readonly T[] {
  if (patterns === undefined) return domains;
  const names = domains.map(({ name }) => name);
  const matchers = patterns.map(globMatcher).map(
    (matches) =>
      ({ name, host }: T) =>
        matches(name) || matches(domainLabel(name, host)),
  );
  for (const [index, pattern] of patterns.entries()) {
    if (domains.some((domain) => matchers[index]?.(domain))) continue;
    diagnostics.push({
      code: "TM301",
      severity: "error",
      message: `${where} has no domain "${pattern}"`,
      hint: meantOrKnown(pattern, names),
    });
  }
  return domains.filter((domain) => matchers.some((matches) => matches(domain)));
}
