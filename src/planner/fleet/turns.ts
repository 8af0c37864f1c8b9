import { createHash } from "node:crypto";
import { type Span, spanSeconds } from "../../policy/span.js";

/**
 * How long after its slots a domain's runs start, in milliseconds: a share of the jitter, whole seconds, that its name
 * decides, so that a fleet does not start at once and a domain always starts alike.
 */
export function jitterOf(domain: string, jitter: Span | undefined): number {
  if (jitter === undefined) return 0;
  const share = createHash("sha256").update(domain).digest().readUIntBE(0, 6) / 2 ** 48;
  return Math.floor(share * spanSeconds(jitter)) * 1000;
}

/** A run that waits for its turn. */
export interface Waiting {
  readonly domain: string;
  readonly point: string;
  /** When it may start, in milliseconds. */
  readonly ready: number;
  /** How long it takes if it starts at an instant, in milliseconds. */
  readonly seconds: (start: number) => number;
}

/**
 * When each run starts if no more than `limit` go on at a time, and those of one domain one after the other: whoever is ready
 * first comes first, of equals the first by name. Keyed by domain, then by restore point; milliseconds.
 */
export function queue(
  waiting: readonly Waiting[],
  limit: number,
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const lanes = Array<number>(limit).fill(Number.NEGATIVE_INFINITY);
  const domains = new Map<string, { free: number; starts: Map<string, number> }>();
  const inOrder = [...waiting].sort((a, b) => a.ready - b.ready || (a.domain < b.domain ? -1 : 1));
  for (const { domain, point, ready, seconds } of inOrder) {
    const domainTurns = domains.get(domain) ?? {
      free: Number.NEGATIVE_INFINITY,
      starts: new Map<string, number>(),
    };
    domains.set(domain, domainTurns);
    let lane = 0;
    for (let other = 1; other < limit; other++) if ((lanes[other] ?? 0) < (lanes[lane] ?? 0)) lane = other;
    const start = Math.max(ready, lanes[lane] ?? ready, domainTurns.free);
    const end = start + seconds(start) * 1000;
    lanes[lane] = end;
    domainTurns.free = end;
    domainTurns.starts.set(point, start);
  }
  return new Map([...domains].map(([domain, { starts }]) => [domain, starts]));
}
