import type { Policy } from "../../policy/policy.js";
import type { Limits } from "../calendar/limits.js";
import type { Slot } from "../calendar/schedule.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import type { DiskChoice } from "./disks.js";
import type { DomainEstimate } from "./estimate.js";
import type { DomainPaths } from "./paths.js";
import type { Retainer } from "./retain.js";

/** What all domains of a host share. */
export interface HostTerms {
  readonly policy: Policy;
  readonly slots: readonly Slot[];
  /** Whether the host's libvirt is known to accept a level for each disk. */
  readonly diskLevels: boolean;
  /** One for all domains, because it remembers the calendar buckets of each slot. */
  readonly retain: Retainer;
}

/** A domain, and what is made of its disks. */
export interface JudgedDomain {
  readonly domain: ResolvedDomain;
  readonly choices: readonly DiskChoice[];
}

/** A domain of which everything is decided but its runs; its settings are in order. */
export interface PreparedDomain extends JudgedDomain {
  readonly paths: DomainPaths;
  readonly estimate: DomainEstimate;
  /** What its bandwidth allows. */
  readonly limits: Limits;
}
