import type { Rule } from "../rule.js";

export const nothingSelectedRule: Rule = {
  code: "TM417",
  page: `A backup must include at least one disk. If a document lists disks, only these can be included. If it lists none, libvirt includes
every writable disk that has a medium.`,
  source: "qemu_backup.c:qemuBackupBegin (“no disks selected for backup”)",
  *breaches({ domain, backup }) {
    if (backup === undefined) return;
    if ((backup.whole.disks ?? []).some((disk) => disk.backup === "yes")) return;
    yield {
      message: `the backup includes no disk of "${domain.name}"`,
      hint: "list at least one disk that has a medium",
      in: "backup",
    };
  },
};
