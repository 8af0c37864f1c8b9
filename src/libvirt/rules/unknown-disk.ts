import type { Rule } from "../rule.js";
import { listed, targetOf } from "./selected.js";

export const unknownDiskRule: Rule = {
  code: "TM410",
  page: `Both documents name disks by their target, \`<target dev='vda'/>\` in the domain's XML. A checkpoint may also name a disk by the
absolute path of its source. A backup may not, although the proposal of 2018 allowed it.

\`virsh domblklist DOMAIN\` lists the targets. A disk that was just attached may be only in the running domain's XML.`,
  source:
    "backup_conf.c:virDomainBackupAlignDisks; checkpoint_conf.c:virDomainCheckpointAlignDisks (“no disk named”)",
  *breaches(call) {
    const known = call.domain.disks.map(({ target }) => target).join(", ");
    for (const one of listed(call)) {
      if (targetOf(call, one) !== undefined) continue;
      yield {
        message: `the ${one.in} names a disk "${one.name}", which the domain "${call.domain.name}" does not have`,
        hint: `the domain has: ${known || "no disk"}`,
        in: one.in,
        disk: one.name,
      };
    }
  },
};
