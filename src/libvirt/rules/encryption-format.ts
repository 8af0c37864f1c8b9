import type { Rule } from "../rule.js";
import { nameOf, selected } from "./selected.js";

export const encryptionFormatRule: Rule = {
  code: "TM432",
  page: `An image is encrypted with LUKS inside qcow2, or as a raw LUKS file. libvirt refuses encryption with any other format. libvirt must
have the secret, by UUID or usage (\`virsh secret-list\`); only the call itself can find out whether it does.

A raw LUKS file that libvirt makes itself has another size than the disk on the hosts of Debian 13 and newer (libvirt 11.3 with QEMU 10),
and QEMU refuses the job: “Source and target image have different sizes”. Take qcow2, or make the file with \`qemu-img create -f luks\`
and begin with \`--reuse-external\`.`,
  source:
    "qemu_domain.c (“encryption is supported only with 'raw' and 'qcow2' image format”), seen on libvirt 9.0; raw: taken by 9.0, refused by 11.3 and 12.8",
  *breaches(call) {
    for (const { disk, backup } of selected(call)) {
      if (backup?.store?.encryption === undefined || backup.driver === "qcow2") continue;
      const at = { in: "backup", disk: disk.target, part: "encryption" } as const;
      const image = `the image of ${nameOf(call, disk.target)}`;
      if (backup.driver !== "raw") {
        yield {
          ...at,
          message: `${image} cannot be encrypted, because its format is ${backup.driver}`,
          hint: "use qcow2",
        };
      } else if (call.backup?.whole.mode === "push") {
        yield {
          ...at,
          message: `${image} is encrypted and raw, which libvirt makes in a size that QEMU refuses`,
          hint: "use qcow2, or make the image with qemu-img and begin with --reuse-external",
          since: "11.3.0",
        };
      }
    }
  },
};
