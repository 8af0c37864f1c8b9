import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

/** Formats that the schema allows but QEMU cannot create, or libvirt does not know as formats of files. */
const CANNOT = new Set(["dir", "bochs", "cloop", "dmg", "iso", "fat", "luks", "cow"]);

export const targetFormatRule: Rule = {
  code: "TM430",
  page: `The schema allows every disk format for the target of a push backup. But QEMU cannot create bochs, cloop and dmg; libvirt has no files
of format dir, iso, fat or cow, and treats luks as the encryption of another format.`,
  source: "qemu_block.c:qemuBlockStorageSourceCreate, qemu_domain.c; each seen on libvirt 9.0",
  *breaches(call) {
    if (call.backup?.whole.mode !== "push") return;
    for (const { disk, backup } of selected(call)) {
      if (backup?.driver === undefined || !CANNOT.has(backup.driver)) continue;
      yield {
        message: `the image of ${nameOf(call, disk.target)} cannot be written in the format ${backup.driver}`,
        hint: "use qcow2, or raw for a full",
        in: "backup",
        disk: disk.target,
        part: "driver",
      };
    }
  },
};
