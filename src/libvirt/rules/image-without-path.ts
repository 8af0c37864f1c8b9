import { FEATURES } from "../features.js";
import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const imageWithoutPathRule: Rule = {
  code: "TM423",
  page: `If a document lists no disk at all, libvirt generates a file name for each disk: the path of the disk's source, a dot, and the name of
the checkpoint or the time. libvirt does so only for sources that are files, volumes of a folder's pool among them, and it puts the backup beside the disk.

A listed disk needs its target (push) or scratch (pull). The schema allows to leave it out, but libvirt 9.0 then fails with an
internal error of the monitor; libvirt 11.3 and newer generate a name for a listed disk as well, if its source is a file.`,
  source:
    "backup_conf.c:virDomainBackupDefAssignStore (“refusing to generate file name”); listed without: seen on libvirt 9.0 (“argument key 'filename' must not have null value”)",
  *breaches(call) {
    const { backup } = call;
    for (const { disk, backup: image } of selected(call)) {
      if (image === undefined || disk.source === undefined) continue;
      const isFile = /^(?:file|volume)$/.test(disk.type);
      const madeUp = backup?.given.disks === undefined && isFile;
      if (madeUp || image.store !== undefined) continue;
      yield {
        message: `${nameOf(call, disk.target)} has no path for its ${backup?.whole.mode === "pull" ? "scratch file" : "image"}, and libvirt generates none`,
        hint: `add a <${backup?.whole.mode === "pull" ? "scratch" : "target"}> with an absolute path`,
        in: "backup",
        disk: disk.target,
        part: backup?.whole.mode === "pull" ? "scratch" : "target",
        ...(isFile && { until: FEATURES.generatedName.libvirt }),
      };
    }
  },
};
