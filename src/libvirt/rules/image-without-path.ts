import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const imageWithoutPathRule: Rule = {
  code: "TM423",
  page: `Where a document lists no disk at all, libvirt makes up a file's name for each: the path of the disk's source, a dot, and
the checkpoint's name or the time. It does so for sources that are files only, and puts the backup beside the disk.

A disk that is listed needs its target (push) or scratch (pull). The schema lets it be left out, and libvirt 9.0 then ends in an
internal error of the monitor.`,
  source:
    "backup_conf.c:virDomainBackupDefAssignStore (“refusing to generate file name”); listed without: seen on libvirt 9.0 (“argument key 'filename' must not have null value”)",
  *breaches(call) {
    const { backup } = call;
    for (const { disk, backup: own } of selected(call)) {
      if (own === undefined || disk.source === undefined) continue;
      const madeUp = backup?.given.disks === undefined && disk.type === "file";
      if (madeUp || own.store !== undefined) continue;
      yield {
        message: `nothing says where the ${backup?.whole.mode === "pull" ? "scratch" : "image"} of ${nameOf(call, disk.target)} goes, and libvirt makes up no name for it`,
        hint: `add a <${backup?.whole.mode === "pull" ? "scratch" : "target"}> with an absolute path`,
        in: "backup",
        disk: disk.target,
        part: backup?.whole.mode === "pull" ? "scratch" : "target",
      };
    }
  },
};
