import type { Rule } from "../rule.js";

export const nothingSelectedRule: Rule = {
  code: "TM417",
  page: `A backup must take in at least one disk. Disks that are not listed take part only where none is listed, and then those
with a medium that can be written.`,
  source: "qemu_backup.c:qemuBackupBegin (“no disks selected for backup”)",
  *breaches({ domain, backup }) {
    if (backup === undefined) return;
    if ((backup.whole.disks ?? []).some((disk) => disk.backup === "yes")) return;
    yield {
      message: `the backup takes in no disk of "${domain.name}"`,
      hint: "list at least one disk that has a medium",
      in: "backup",
    };
  },
};
