import { alignBackup, alignCheckpoint } from "./align.js";
import type { Backup } from "./backup.js";
import type { Checkpoint, CheckpointDocument } from "./checkpoint.js";
import type { Domain } from "./domain.js";
import { isOlder } from "./features.js";
import { acceptedSince } from "./refused.js";
import type { Breach, Call, Rule } from "./rule.js";
import { CALL_RULES, REDEFINE_RULES } from "./rules/index.js";

/** The documents of a call: `backup-begin` with one or both documents, or `checkpoint-create`. */
export interface Documents {
  readonly backup?: Backup;
  readonly checkpoint?: CheckpointDocument;
  readonly redefine?: true;
  /** The host's release of libvirt; absent: whatever any release refuses. */
  readonly libvirt?: string;
}

/** A breach with its rule. */
export interface Broken extends Breach {
  readonly rule: Rule;
}

/**
 * All breaches of a call: what libvirt would refuse, and what tidemark refuses although libvirt accepts it, as far as
 * the domain's XML and checkpoints show.
 */
export function checkCall(
  { backup, checkpoint, redefine, libvirt }: Documents,
  domain: Domain,
  checkpoints: readonly Checkpoint[],
): Broken[] {
  const suffix = checkpoint?.name;
  const call: Call = {
    domain,
    checkpoints,
    ...(redefine && { redefine }),
    ...(backup && { backup: { given: backup, whole: alignBackup(backup, domain, suffix) } }),
    ...(checkpoint && { checkpoint: { given: checkpoint, whole: alignCheckpoint(checkpoint, domain) } }),
  };
  const holds = ({ since, until }: { since?: string; until?: string }) =>
    libvirt === undefined ||
    ((since === undefined || !isOlder(libvirt, since)) && (until === undefined || isOlder(libvirt, until)));
  return (redefine ? REDEFINE_RULES : CALL_RULES).filter(holds).flatMap((rule) =>
    [...rule.breaches(call)].filter(holds).map((breach) => ({
      ...breach,
      hint: breach.until === undefined ? breach.hint : acceptedSince(breach.hint, breach.until),
      rule,
    })),
  );
}
