import { compareText } from "../diagnostics/diagnostic.js";
import type { LazyPlan } from "../plan/lazy.js";
import { type Moment, plannedStatus, storedStatus } from "./domain-status.js";
import type { Present } from "./present.js";
import type { DomainStatus, PlanStatus, Status } from "./status.js";

/**
 * Compares what a plan says with what is there.
 * @param presentOf what is there of a domain by its host and the name of its folder
 */
export function statusOfPlan(
  { header, domains }: LazyPlan,
  presentOf: (host: string | undefined, directory: string) => Present | undefined,
  moment: Moment,
): Status {
  const { policy, timezone, horizon, unplanned } = header;
  return status(
    domains.map((domain) =>
      plannedStatus(header, domain.plan(), presentOf(domain.host, domain.directory), moment),
    ),
    moment,
    unplanned,
    { policy: policy.name, digest: policy.digest, timezone, from: horizon.from, until: horizon.until },
  );
}

/** The status of the restore points of a repository, of which no plan is known. */
export function statusOfRepository(present: readonly Present[], moment: Moment): Status {
  return status(
    present.map((each) => storedStatus(each, moment)),
    moment,
    [],
  );
}

const ORDER = { alarm: 0, attention: 1, well: 2 } as const;

function status(
  domains: readonly DomainStatus[],
  { at }: Moment,
  unplanned: readonly string[],
  plan?: PlanStatus,
): Status {
  const empty: Status = {
    formatVersion: "1.0",
    at: new Date(at).toISOString().replace(/\.\d+/, ""),
    ...(plan && { plan }),
    domains: [],
    unplanned,
    summary: { domains: 0, alarm: 0, attention: 0 },
  };
  return withDomains(empty, domains);
}

/** A status of other domains: they are sorted and counted. */
export function withDomains(whole: Status, domains: readonly DomainStatus[]): Status {
  const count = (state: DomainStatus["state"]) => domains.filter((domain) => domain.state === state).length;
  return {
    ...whole,
    domains: [...domains].sort(
      (a, b) =>
        ORDER[a.state] - ORDER[b.state] ||
        compareText(a.name, b.name) ||
        compareText(a.host ?? "", b.host ?? ""),
    ),
    summary: { domains: domains.length, alarm: count("alarm"), attention: count("attention") },
  };
}
