import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const baseMissingRule: Rule = {
  code: "TM420",
  page: `\`backupmode='incremental'\` needs the checkpoint since which changes are read: in the disk's \`incremental\` attribute, or in the
document's \`<incremental>\` element for all disks. libvirt does not choose the newest checkpoint by itself, and that is right,
because the newest one may be from a run that failed.`,
  source: "backup_conf.c:virDomainBackupAlignDisks (“requires setting 'incremental' field”)",
  *breaches(call) {
    const { backup } = call;
    const asked = new Set(backup?.given.disks?.map(({ name }) => name));
    // libvirt asks this of every listed disk, also of one with backup='no', whose mode our reader drops.
    for (const { disk, backup } of selected(call)) {
      if (!asked.has(disk.target) || backup?.backupmode !== "incremental" || backup.incremental !== undefined)
        continue;
      yield {
        message: `${nameOf(call, disk.target)} is incremental, but no base is named`,
        hint: "name the checkpoint since which changes are read, or make it a full",
        in: "backup",
        disk: disk.target,
      };
    }
  },
};
