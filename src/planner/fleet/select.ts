import { plural } from "../../diagnostics/amounts.js";
import { compareText, type Finding } from "../../diagnostics/diagnostic.js";
import { meantOrKnown } from "../../diagnostics/did-you-mean.js";
import type { DomainFacts } from "../../inventory/inventory.js";
import { exactness, globMatcher, isGlob } from "../../policy/glob.js";
import type { DomainEntry } from "../../policy/policy.js";

/** A domain, and its host if the policy names hosts. */
export interface Candidate {
  readonly host?: string;
  readonly facts: DomainFacts;
}

/** Which domains an entry matches. */
export interface Selection {
  /**
   * The names that the entry matches, if none of them is a glob; such an entry is more exact than any entry with a
   * glob.
   */
  readonly literals?: readonly string[];
  readonly matches: (candidate: Candidate) => boolean;
  /** How exact the entry's names are, and how many other conditions it has; the more exact entry wins. */
  readonly rank: readonly [number, number];
  /** Why nothing matches, and what to do. */
  readonly unmatched: (candidates: readonly Candidate[], hosts: readonly string[]) => Finding;
}

interface Condition {
  /** What a matching domain has, for messages. */
  readonly says: string;
  readonly holds: (candidate: Candidate) => boolean;
}

export function selectionOf(key: string, { where = {} }: DomainEntry): Selection {
  const names = where.name ?? [key];
  const hasName = anyOf(names);
  const named: Condition = {
    says: `is named ${listed(names)}`,
    holds: ({ facts }) => hasName(facts.domain.name),
  };
  const others: Condition[] = [];
  if (where.host !== undefined) {
    const onHost = anyOf(where.host);
    others.push({
      says: `is on ${listed(where.host)}`,
      holds: ({ host }) => host !== undefined && onHost(host),
    });
  }
  if (where.title !== undefined) {
    const hasTitle = anyOf(where.title);
    others.push({
      says: `has the title ${listed(where.title)}`,
      holds: ({ facts }) => hasTitle(facts.domain.title ?? ""),
    });
  }
  for (const [namespace, tags] of Object.entries(where.metadata ?? {})) others.push(tagged(namespace, tags));
  const conditions = [named, ...others];
  return {
    ...(!names.some(isGlob) && { literals: names }),
    matches: (candidate) => conditions.every(({ holds }) => holds(candidate)),
    rank: [Math.min(...names.map(exactness)), others.length],
    unmatched: (candidates, hosts) => {
      let left = candidates;
      for (const condition of conditions) {
        const next = left.filter(condition.holds);
        if (next.length === 0 && condition !== named) {
          return {
            message: `no domain matches the entry "${key}": of the ${left.length} ${plural(left.length, "domain")} that the other conditions match, none ${condition.says}`,
            hint: where.host !== undefined && condition === others[0] ? hostHint(where.host, hosts) : HINT,
          };
        }
        if (next.length === 0) break;
        left = next;
      }
      const name = names[0] ?? key;
      const known = [...new Set(candidates.map(({ facts }) => facts.domain.name))].sort(compareText);
      const meant = meantOrKnown(isGlob(name) ? "" : name, known, "the inventory has");
      return {
        message: `the inventory has no domain ${listed(names)}`,
        hint: meant.endsWith("?") ? meant : `${meant}; capture the domain's XML, or remove the entry`,
      };
    },
  };
}

const HINT =
  "correct `where`, or capture the domain's XML again; virsh metadata and virsh desc show what the domain has";

function hostHint(patterns: readonly string[], hosts: readonly string[]): string {
  if (patterns.some((pattern) => hosts.some(globMatcher(pattern)))) return HINT;
  return hosts.length === 0
    ? "the policy names no hosts"
    : meantOrKnown(isGlob(patterns[0] ?? "") ? "" : (patterns[0] ?? ""), hosts, "hosts");
}

function tagged(namespace: string, tags: Readonly<Record<string, readonly string[]>>): Condition {
  const wanted = Object.entries(tags).map(([tag, patterns]) => ({ tag, patterns, fits: anyOf(patterns) }));
  const texts = wanted.map(({ tag, patterns }) => `${tag} ${listed(patterns)}`);
  return {
    says: `has metadata of ${namespace}${texts.length > 0 ? ` with ${texts.join(", ")}` : ""}`,
    holds: ({ facts }) =>
      facts.domain.metadata?.some(
        (element) =>
          element.namespace === namespace &&
          wanted.every(({ tag, fits }) => Object.hasOwn(element.tags, tag) && fits(element.tags[tag] ?? "")),
      ) ?? false,
  };
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const matchers = patterns.map(globMatcher);
  return (text) => matchers.some((matches) => matches(text));
}

function listed(patterns: readonly string[]): string {
  return patterns.map((pattern) => `"${pattern}"`).join(" or ");
}
