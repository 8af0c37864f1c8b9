import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const encryptionFormatRule: Rule = {
  code: "TM432",
  page: `An image is encrypted with LUKS inside qcow2, or as a raw LUKS file. libvirt refuses encryption with any other format. libvirt must
have the secret, by UUID or usage (\`virsh secret-list\`); only the call itself can find out whether it does.`,
  source:
    "qemu_domain.c (“encryption is supported only with 'raw' and 'qcow2' image format”), seen on libvirt 9.0",
  *breaches(call) {
    for (const { disk, backup } of selected(call)) {
      if (backup?.store?.encryption === undefined || backup.driver === "qcow2" || backup.driver === "raw")
        continue;
      yield {
        message: `the image of ${nameOf(call, disk.target)} cannot be encrypted, because its format is ${backup.driver}`,
        hint: "use qcow2 or raw",
        in: "backup",
        disk: disk.target,
        part: "encryption",
      };
    }
  },
};
