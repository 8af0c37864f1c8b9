import type { DomainDisk } from "../domain.js";
import type { Rule } from "../rule.js";
import { selected } from "./selected.js";

export const diskKindRule: Rule = {
  code: "TM402",
  page: `A backup is a block job of QEMU, and a checkpoint is a bitmap in QEMU's block layer. Some disks bypass that layer, or libvirt runs no
block jobs on them:

- a LUN that is passed through to the guest (\`device='lun'\`),
- vhost-user and vhost-vdpa disks, which another process serves,
- NVMe devices given to the guest, and folders shown as a disk,
- transient disks, whose changes are dropped when the domain stops.

Leave such a disk out, and back up its data in another way.`,
  source:
    "qemu_domain.c:qemuDomainDiskBlockJobIsSupported; transient disks: seen on libvirt 9.0 (“block jobs are not supported on transient disk”)",
  *breaches(call) {
    for (const { disk } of selected(call)) {
      const why = unfit(disk);
      if (why !== undefined) {
        yield {
          message: `disk "${disk.target}" of "${call.domain.name}" cannot be backed up: ${why}`,
          hint: "leave it out with backup='no' and checkpoint='no'",
          in: call.backup === undefined ? "checkpoint" : "backup",
          disk: disk.target,
        };
      }
    }
  },
};

/** Why libvirt runs no block job on the disk; undefined if it does. */
export function unfit(disk: DomainDisk): string | undefined {
  if (disk.device === "lun") return "it is a LUN passed through to the guest";
  if (/^(?:vhostuser|vhostvdpa|nvme|dir)$/.test(disk.type))
    return `libvirt runs no block jobs on disks of type ${disk.type}`;
  if (disk.transient) return "it is transient: its changes are dropped when the domain stops";
  return undefined;
}
