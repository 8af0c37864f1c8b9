import { alignBackup, alignCheckpoint } from "./align.js";
import type { Backup } from "./backup.js";
import type { Checkpoint, CheckpointDocument } from "./checkpoint.js";
import type { Domain } from "./domain.js";
import type { Breach, Call, Rule } from "./rule.js";
import { CALL_RULES, REDEFINE_RULES } from "./rules/index.js";

/** What is to be given to libvirt: `backup-begin` with one or both documents, or `checkpoint-create`. */
export interface Documents {
  readonly backup?: Backup;
  readonly checkpoint?: CheckpointDocument;
  readonly redefine?: true;
}

/** A breach and the rule it is of. */
export interface Broken extends Breach {
  readonly rule: Rule;
}

/**
 * Everything that libvirt would refuse about a call, and what is refused here though libvirt takes it, as far as the domain's
 * XML and its checkpoints tell.
 */
export function checkCall(
  { backup, checkpoint, redefine }: Documents,
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
  return (redefine ? REDEFINE_RULES : CALL_RULES).flatMap((rule) =>
    [...rule.breaches(call)].map((breach) => ({ ...breach, rule })),
  );
}
