import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const baseMissingRule: Rule = {
  code: "TM420",
  page: `\`backupmode='incremental'\` needs to know since when: by the disk's \`incremental\` attribute, or the document's
\`<incremental>\` element for all disks. libvirt does not take the newest checkpoint by itself, and rightly so: the newest may be
of a run that failed.`,
  source: "backup_conf.c:virDomainBackupAlignDisks (“requires setting 'incremental' field”)",
  *breaches(call) {
    const { backup } = call;
    const asked = new Set(backup?.given.disks?.map(({ name }) => name));
    // Asked of every disk listed, also of one that stays out (backup='no' drops the mode when it is read).
    for (const { disk, backup: own } of selected(call)) {
      if (!asked.has(disk.target) || own?.backupmode !== "incremental" || own.incremental !== undefined)
        continue;
      yield {
        message: `${nameOf(call, disk.target)} is to be incremental, and nothing says since which checkpoint`,
        hint: "name the base, or make it a full",
        in: "backup",
        disk: disk.target,
      };
    }
  },
};
