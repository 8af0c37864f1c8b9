import { plural } from "../../diagnostics/amounts.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { DomainFacts } from "../../inventory/inventory.js";
import type { Checkpoint } from "../../libvirt/checkpoint.js";
import { located, type Policy } from "../../policy/policy.js";
import { instant } from "../calendar/schedule.js";
import { buildingOn, covers, type Link } from "./link.js";
import type { History } from "./past.js";

/** The past according to the checkpoints. It is used where the inventory has no catalog, so nothing confirms what they say. */
export function fromCheckpoints(
  policy: Policy,
  facts: DomainFacts,
  checkpoints: readonly { readonly checkpoint: Checkpoint; readonly time: number }[],
  isPlanned: (target: string) => boolean,
  streamed: boolean,
  entry: string,
): { history: History; diagnostics: readonly Diagnostic[] } {
  const base = new Map<string, Link>();
  const chains = new Map<string, Link[]>();
  for (const { checkpoint, time } of checkpoints) {
    for (const { name: target } of checkpoint.disks.filter((disk) => covers(checkpoint, disk.name))) {
      if (!isPlanned(target)) continue;
      const link: Link = {
        point: checkpoint.name,
        time,
        streamed,
        ...buildingOn(base.get(target) ?? null),
      };
      base.set(target, link);
      chains.set(target, [...(chains.get(target) ?? []), link]);
    }
  }
  const newest = checkpoints[checkpoints.length - 1];
  return {
    history: {
      points: [],
      chains,
      deepest: Math.max(0, ...[...base.values()].map((link) => link.depth)),
      base,
      full: new Map(
        [...base.keys()].map((target) => [
          target,
          { missing: "the inventory has no catalog, so the last full is unknown" },
        ]),
      ),
      ownCheckpoints: checkpoints.map(({ checkpoint }) => checkpoint.name),
      ...(newest && { newest: newest.time }),
    },
    diagnostics:
      newest === undefined
        ? []
        : [
            {
              code: "TM208",
              severity: "warning",
              message: `domain "${facts.domain.name}" has ${checkpoints.length} ${plural(checkpoints.length, "checkpoint")} of this policy up to ${instant(newest.time)}, but the inventory has no catalog, which would say which runs were verified`,
              hint: "capture the catalog (tidemark inventory --repository DIR); until then the run scripts decide, and nothing older is deleted",
              ...located(policy, entry),
            },
          ],
  };
}
