import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { DomainFacts, Inventory } from "../../inventory/inventory.js";
import { exactness, globMatcher } from "../../policy/glob.js";
import {
  type DiskSettings,
  type DomainEntry,
  type DomainSettings,
  located,
  type Policy,
  pointerSegment,
} from "../../policy/policy.js";
import { type Candidate, selectionOf } from "./select.js";

/** A domain that an entry of the policy matches, with all its settings. */
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

/** JSON pointers of the entry that decided, and of its single settings. */
export interface Origins {
  readonly entry: string;
  readonly of: (setting: string) => string;
}

interface Layer<T> {
  readonly pointer: string;
  readonly settings: T;
}

/** An inventory, and the name of its host if the policy names hosts. */
export interface Site {
  readonly host?: string;
  readonly inventory: Inventory;
}

/**
 * Finds the domains that the policy's entries match, and merges their settings: `defaults`, then globs from the least
 * to the most exact, then plain names. Of two equally exact entries the one with more conditions wins, then the later
 * one. Reports entries that match nothing on any host (TM301, TM302).
 */
export function resolve(
  policy: Policy,
  sites: readonly Site[],
): { sites: readonly (readonly ResolvedDomain[])[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const entries = Object.entries(policy.domains)
    .map(([key, entry], index) => ({
      pointer: `/domains${pointerSegment(key)}`,
      entry,
      index,
      selection: selectionOf(key, entry),
      matched: [] as DomainFacts[],
    }))
    .sort(
      ({ selection: { rank: a }, index: i }, { selection: { rank: b }, index: j }) =>
        compare(a[0], b[0]) || a[1] - b[1] || i - j,
    );
  const patterns = entries.filter(({ selection }) => selection.literals === undefined);
  const named = new Map<string, typeof entries>();
  for (const entry of entries) {
    for (const name of new Set(entry.selection.literals)) {
      const others = named.get(name);
      if (others === undefined) named.set(name, [entry]);
      else others.push(entry);
    }
  }
  const candidates = sites.map(({ host, inventory }) =>
    inventory.domains.map((facts): Candidate => ({ facts, ...(host !== undefined && { host }) })),
  );
  const resolved = candidates.map((all) =>
    all.flatMap((candidate) => {
      const likely = [...patterns, ...(named.get(candidate.facts.domain.name) ?? [])];
      const layers = likely.filter(({ selection }) => selection.matches(candidate));
      for (const layer of layers) layer.matched.push(candidate.facts);
      return layers.length === 0 ? [] : resolveDomain(policy, candidate.facts, layers);
    }),
  );
  const hosts = sites.flatMap(({ host }) => host ?? []);
  for (const { selection, pointer, entry, matched } of entries) {
    if (matched.length > 0) diagnostics.push(...unmatchedDisks(policy, pointer, entry, matched));
    else {
      const unmatched = selection.unmatched(candidates.flat(), hosts);
      diagnostics.push({ code: "TM301", severity: "error", ...unmatched, ...located(policy, pointer) });
    }
  }
  return { sites: resolved, diagnostics };
}

/** The difference of two infinite numbers is not a number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

/** Targets and globs of disks, the most exact last. */
function rankByExactness<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return entries
    .map((entry, index) => ({ entry, index, rank: exactness(entry[0]) }))
    .sort((a, b) => compare(a.rank, b.rank) || a.index - b.index)
    .map(({ entry }) => entry);
}

function resolveDomain(
  policy: Policy,
  facts: DomainFacts,
  entries: readonly { pointer: string; entry: DomainEntry }[],
): ResolvedDomain {
  const layers: Layer<DomainSettings>[] = [
    { pointer: "/defaults", settings: policy.defaults },
    ...entries.map(({ pointer, entry: { disks: _, where: __, ...settings } }) => ({
      pointer,
      settings,
    })),
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
      const ofDisk = [...layers, ...diskLayers.filter((layer) => layer.matches(target))];
      const selection = exclude.some((matches) => matches(target))
        ? "excluded"
        : include === undefined
          ? "default"
          : include.some((matches) => matches(target))
            ? "included"
            : "excluded";
      return { target, settings: overlay<DiskSettings>(ofDisk), origins: originsOf(ofDisk, last), selection };
    }),
  };
}

function lastDefined<T>(
  entries: readonly { entry: DomainEntry }[],
  pick: (entry: DomainEntry) => T | undefined,
): T | undefined {
  return entries.map(({ entry }) => pick(entry)).findLast((value) => value !== undefined);
}

/** Estimates are merged part by part; all other settings are replaced as a whole. */
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

/** A disk that none of the matching domains has is an error; an `exclude` that matches nothing is harmless. */
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
    .map(({ pattern, at: pointer }) => ({
      code: "TM302",
      severity: "error",
      message: `there is no disk "${pattern}" in ${matched.length === 1 ? `domain "${matched[0]?.domain.name}"` : `any of the ${matched.length} matching domains`}`,
      hint: `existing disks: ${targets.join(", ") || "none"}`,
      ...located(policy, pointer),
    }));
}
