import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const noMediumRule: Rule = {
  code: "TM418",
  page: `An empty drive, or a disk without a source, has no content to back up. libvirt refuses a backup that lists it with \`backup='yes'\`. List
it with \`backup='no'\`.`,
  source: "backup_conf.c:virDomainBackupDefAssignStore (“has no media”)",
  *breaches(call) {
    for (const { disk, backup } of selected(call)) {
      if (backup === undefined || disk.source !== undefined) continue;
      yield {
        message: `the backup includes ${nameOf(call, disk.target)}, which has no medium`,
        hint: "leave the disk out",
        in: "backup",
        disk: disk.target,
      };
    }
  },
};
