import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const blockJobRule: Rule = {
  code: "TM436",
  page: `While a disk is being copied or committed, its XML has a \`<mirror>\`, and libvirt begins no backup of it: the disk “has a
blockjob assigned”. Wait until the job is done (\`virsh blockjob DOMAIN DISK\`), or end it.`,
  source: "qemu_blockjob.c:qemuBlockJobDiskNewBackup; seen on libvirt 9.0 with a block copy",
  passes: true,
  *breaches(call) {
    for (const { disk, backup } of selected(call)) {
      if (backup === undefined || !disk.mirror) continue;
      yield {
        message: `${nameOf(call, disk.target)} is being copied or committed; libvirt begins no backup of it until that job has ended`,
        hint: "wait until the block job has ended, or end it: virsh blockjob",
        in: "backup",
        disk: disk.target,
      };
    }
  },
};
