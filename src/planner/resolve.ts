import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { compareText } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import type { DomainFacts, Inventory } from "../inventory/inventory.js";
import { exactness, globMatcher, isGlob } from "../policy/glob.js";
import {
  type DiskSettings,
  type DomainEntry,
  type DomainSettings,
  type Policy,
  placed,
  pointerSegment,
} from "../policy/policy.js";

/** A domain that the policy names, with every setting decided. */
export interface ResolvedDomain {
  readonly facts: DomainFacts;
  readonly settings: DomainSettings;
  /** Where each setting was written, as a JSON pointer into the policy. */
  readonly origins: Origins;
  readonly disks: readonly ResolvedDisk[];
}

export interface ResolvedDisk {
  readonly target: string;
  readonly settings: DiskSettings;
  readonly origins: Origins;
  /** Named by `include`, by `exclude`, or by neither. */
  readonly selection: "included" | "excluded" | "default";
}

/** The pointer of the entry that decided, and of single settings below it. */
export interface Origins {
  readonly entry: string;
  readonly of: (setting: string) => string;
}

interface Layer<T> {
  readonly pointer: string;
  readonly settings: T;
}

/**
 * Finds the domains that the policy's entries name and lays their settings over one another: `defaults`, then
 * globs from the loosest to the most exact, then plain names; of equals the later wins.
 * Reports entries that match nothing (TM301, TM302).
 */
export function resolve(
  policy: Policy,
  inventory: Inventory,
): { domains: readonly ResolvedDomain[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const entries = rankByExactness(Object.entries(policy.domains)).map(([pattern, entry]) => ({
    pattern,
    pointer: `/domains${pointerSegment(pattern)}`,
    entry,
    matches: globMatcher(pattern),
    matched: [] as DomainFacts[],
  }));
  const domains: ResolvedDomain[] = [];
  for (const facts of inventory.domains) {
    const layers = entries.filter((entry) => entry.matches(facts.domain.name));
    if (layers.length === 0) continue;
    for (const layer of layers) layer.matched.push(facts);
    domains.push(resolveDomain(policy, facts, layers));
  }
  const names = inventory.domains.map((facts) => facts.domain.name);
  for (const { pattern, pointer, entry, matched } of entries) {
    if (matched.length === 0) diagnostics.push(unmatchedDomain(policy, pattern, pointer, names));
    else diagnostics.push(...unmatchedDisks(policy, pointer, entry, matched));
  }
  return { domains, diagnostics };
}

function rankByExactness<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return entries
    .map((entry, index) => ({ entry, index, rank: exactness(entry[0]) }))
    .sort((a, b) => (a.rank === b.rank ? a.index - b.index : a.rank - b.rank))
    .map(({ entry }) => entry);
}

function resolveDomain(
  policy: Policy,
  facts: DomainFacts,
  entries: readonly { pointer: string; entry: DomainEntry }[],
): ResolvedDomain {
  const layers: Layer<DomainSettings>[] = [
    { pointer: "/defaults", settings: policy.defaults },
    ...entries.map(({ pointer, entry: { disks: _, ...settings } }) => ({ pointer, settings })),
  ];
  const include = lastDefined(entries, (entry) => entry.disks?.include)?.map(globMatcher);
  const exclude = lastDefined(entries, (entry) => entry.disks?.exclude)?.map(globMatcher) ?? [];
  const diskLayers = entries.flatMap(({ pointer, entry }) =>
    rankByExactness(Object.entries(entry.disks?.settings ?? {})).map(([pattern, settings]) => ({
      matches: globMatcher(pattern),
      pointer: `${pointer}/disks${pointerSegment(pattern)}`,
      settings,
    })),
  );
  const last = entries[entries.length - 1]?.pointer ?? "/domains";
  return {
    facts,
    settings: overlay(layers),
    origins: originsOf(layers, last),
    disks: facts.domain.disks.map(({ target }) => {
      const own = [...layers, ...diskLayers.filter((layer) => layer.matches(target))];
      const selection = exclude.some((matches) => matches(target))
        ? "excluded"
        : include === undefined
          ? "default"
          : include.some((matches) => matches(target))
            ? "included"
            : "excluded";
      return { target, settings: overlay<DiskSettings>(own), origins: originsOf(own, last), selection };
    }),
  };
}

function lastDefined<T>(
  entries: readonly { entry: DomainEntry }[],
  pick: (entry: DomainEntry) => T | undefined,
): T | undefined {
  return entries.map(({ entry }) => pick(entry)).findLast((value) => value !== undefined);
}

/** Estimates are laid over one another part by part, all else as a whole. */
function overlay<T extends DiskSettings>(layers: readonly Layer<T>[]): T {
  const all = layers.map(({ settings }) => settings);
  const estimate = Object.assign({}, ...all.map((settings) => settings?.estimate));
  return { ...Object.assign({}, ...all), ...(Object.keys(estimate).length > 0 && { estimate }) } as T;
}

function originsOf(layers: readonly Layer<object>[], entry: string): Origins {
  return {
    entry,
    of: (setting) => {
      const layer = layers.findLast(({ settings }) => Object.hasOwn(settings, setting));
      return layer === undefined ? entry : `${layer.pointer}${pointerSegment(setting)}`;
    },
  };
}

function unmatchedDomain(
  policy: Policy,
  pattern: string,
  pointer: string,
  names: readonly string[],
): Diagnostic {
  const meant = meantOrKnown(
    isGlob(pattern) ? "" : pattern,
    [...names].sort(compareText),
    "the inventory holds",
  );
  return {
    code: "TM301",
    severity: "error",
    message: `no domain of the inventory is named "${pattern}"`,
    hint: meant.endsWith("?") ? meant : `${meant}; capture the domain's XML or remove the entry`,
    ...placed(policy, pointer),
  };
}

/** A disk's name that is in none of the domains the entry matches is a slip; an `exclude` that hits nothing is harmless. */
function unmatchedDisks(
  policy: Policy,
  pointer: string,
  entry: DomainEntry,
  matched: readonly DomainFacts[],
): Diagnostic[] {
  const targets = [...new Set(matched.flatMap(({ domain }) => domain.disks.map((disk) => disk.target)))];
  const included = (entry.disks?.include ?? []).map((pattern, index) => ({
    pattern,
    at: `${pointer}/disks/include/${index}`,
  }));
  const configured = Object.keys(entry.disks?.settings ?? {}).map((pattern) => ({
    pattern,
    at: `${pointer}/disks${pointerSegment(pattern)}`,
  }));
  return [...included, ...configured]
    .filter(({ pattern }) => !targets.some(globMatcher(pattern)))
    .map(({ pattern, at: place }) => ({
      code: "TM302",
      severity: "error",
      message: `no disk "${pattern}" in ${matched.length === 1 ? `domain "${matched[0]?.domain.name}"` : `any of the ${matched.length} domains matched`}`,
      hint: `disks there: ${targets.join(", ") || "none"}`,
      ...placed(policy, place),
    }));
}
