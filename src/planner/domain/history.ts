import { posix } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { DomainFacts } from "../../inventory/inventory.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";
import { located, ownersOf, type Policy } from "../../policy/policy.js";
import { slotOfName } from "../calendar/schedule.js";
import { fromCatalog } from "./history-of-catalog.js";
import { fromCheckpoints } from "./history-of-checkpoints.js";
import type { History } from "./past.js";

/**
 * Reads a domain's past from the inventory. A checkpoint counts as a base only if its run's manifest is in the
 * catalog (it was verified) and libvirt still lists it for that disk. Without a catalog the policy's own checkpoints
 * are taken at their word, with a warning (TM208): the run scripts look for the manifest before they trust one.
 */
export function readHistory(
  policy: Policy,
  facts: DomainFacts,
  isPlanned: (target: string) => boolean,
  streamed: boolean,
  entry: string,
): { history: History; diagnostics: readonly Diagnostic[] } {
  const owners = ownersOf(policy);
  const dated = facts.checkpoints
    .map((checkpoint) => ({ checkpoint, time: slotOfName(checkpoint.name, owners) }))
    .filter((each): each is { checkpoint: Checkpoint; time: number } => each.time !== undefined)
    .sort((a, b) => a.time - b.time);
  const ownCheckpoints = dated.map(({ checkpoint }) => checkpoint.name);
  const { history, diagnostics } =
    facts.catalog === undefined
      ? fromCheckpoints(policy, facts, dated, isPlanned, streamed, entry)
      : fromCatalog(
          policy,
          facts,
          facts.catalog.filter((manifest) => owners.includes(manifest.policy)),
          ownCheckpoints,
          entry,
        );
  return { history, diagnostics: [...damageIn(policy, facts, entry), ...diagnostics] };
}

/** What makes the whole repository of a domain untrustworthy. */
function damageIn(policy: Policy, facts: DomainFacts, entry: string): Diagnostic[] {
  const { domain, damaged = [], stranger } = facts;
  const diagnostics: Diagnostic[] = [];
  if (damaged[0] !== undefined) {
    const more = damaged.length === 1 ? "" : ` (and ${damaged.length - 1} more)`;
    diagnostics.push({
      code: "TM319",
      severity: "warning",
      message: `nothing of "${domain.name}" is deleted, as a manifest is damaged: ${damaged[0]}${more}`,
      hint: "bring it back from a copy of the repository, or move its folder out of the repository; then capture the inventory and compile again",
      ...located(policy, entry),
    });
  }
  if (stranger !== undefined) {
    diagnostics.push({
      code: "TM212",
      severity: "error",
      message: `the folder of "${domain.name}" (${domain.uuid}) in the repository holds restore points of another domain: ${stranger.point} is of "${stranger.domain}" (${stranger.uuid})`,
      hint: `move the other domain's restore points out of ${posix.join(policy.repository, directoryOf(domain.name))} and capture the inventory again, or give one of the domains another name`,
      ...located(policy, entry),
    });
  }
  return diagnostics;
}
