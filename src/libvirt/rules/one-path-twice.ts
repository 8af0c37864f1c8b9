import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const onePathTwiceRule: Rule = {
  code: "TM428",
  page: `Two disks cannot be written to one path. libvirt creates the first file and refuses the second one because it “exists”.`,
  source: "qemu_backup.c:qemuBackupDiskPrepareOneStorage (“store … exists”)",
  *breaches(call) {
    const owners = new Map<string, string>();
    for (const { disk, backup } of selected(call)) {
      const path = backup?.store?.path;
      if (path === undefined) continue;
      const other = owners.get(path);
      owners.set(path, disk.target);
      if (other === undefined) continue;
      yield {
        message: `${nameOf(call, disk.target)} and "${other}" would both be written to ${path}`,
        hint: "give each disk a different path",
        in: "backup",
        disk: disk.target,
        part: call.backup?.whole.mode === "pull" ? "scratch" : "target",
      };
    }
  },
};
