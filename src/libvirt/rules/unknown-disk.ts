import type { Rule } from "../rule.js";
import { listed, targetOf } from "./selected.js";

export const unknownDiskRule: Rule = {
  code: "TM410",
  page: `Both documents name disks by their target, \`<target dev='vda'/>\` in the domain's XML. A checkpoint may also name one by
the absolute path of its source; a backup may not, though the proposal of 2018 had it so.

Look at \`virsh domblklist DOMAIN\` for the targets that there are. A disk that was just attached is in the running domain's XML
only.`,
  source:
    "backup_conf.c:virDomainBackupAlignDisks; checkpoint_conf.c:virDomainCheckpointAlignDisks (“no disk named”)",
  *breaches(call) {
    const known = call.domain.disks.map(({ target }) => target).join(", ");
    for (const one of listed(call)) {
      if (targetOf(call, one) !== undefined) continue;
      yield {
        message: `the ${one.in} names a disk "${one.name}", which the domain "${call.domain.name}" does not have`,
        hint: `disks there: ${known || "none"}`,
        in: one.in,
        disk: one.name,
      };
    }
  },
};
