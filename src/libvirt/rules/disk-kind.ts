import type { DomainDisk } from "../domain.js";
import type { Rule } from "../rule.js";
import { selected } from "./selected.js";

export const diskKindRule: Rule = {
  code: "TM402",
  page: `A backup is a block job of QEMU, and a checkpoint is a bitmap in QEMU's block layer. libvirt runs no block jobs on

- disks on \`bus='sd'\`,
- vhost-user disks, which another process serves,
- transient disks, whose changes are dropped when the domain stops.

tidemark refuses some more, about which libvirt says nothing:

- a LUN that is passed through to the guest (\`device='lun'\`), as the guest's own SCSI commands can change it without QEMU's notice,
- a folder that is shown as a disk (\`type='dir'\`): libvirt 9.0 takes a full of it in push mode and refuses it in pull mode; back up
  the folder itself,
- vhost-vdpa disks, and NVMe devices given to the guest (\`type='nvme'\`, not \`bus='nvme'\`), because nobody has tried to restore from a
  backup of one.

Leave such a disk out, and back up its data in another way.`,
  source:
    "qemu_domain.c:qemuDomainDiskBlockJobIsSupported; seen on libvirt 9.0: sd (QEMU's vexpress-a9), vhostuser, transient (“block jobs are not supported on”), dir; LUNs: QEMU, scsi-disk.c:scsi_block_is_passthrough",
  *breaches(call) {
    for (const { disk } of selected(call)) {
      const unfit = unfitness(disk);
      if (unfit !== undefined) {
        yield {
          message: `disk "${disk.target}" of "${call.domain.name}" cannot be backed up: ${unfit.why}`,
          hint: "leave it out with backup='no' and checkpoint='no'",
          in: call.backup === undefined ? "checkpoint" : "backup",
          disk: disk.target,
          ...(unfit.ours && { ours: unfit.ours }),
        };
      }
    }
  },
};

/** Why a disk cannot be backed up, and whether only tidemark says so; undefined if it can. */
export function unfitness({
  bus,
  device,
  transient,
  type,
}: DomainDisk): { why: string; ours?: true } | undefined {
  if (bus === "sd") return { why: "libvirt runs no block jobs on disks on bus='sd'" };
  if (type === "vhostuser") return { why: "libvirt runs no block jobs on vhost-user disks" };
  if (transient) return { why: "it is transient: its changes are dropped when the domain stops" };
  if (device === "lun")
    return {
      why: "it is a LUN passed through to the guest, which can change it without QEMU's notice",
      ours: true,
    };
  if (type === "dir") return { why: "it is a folder that is shown as a disk", ours: true };
  if (type === "nvme" || type === "vhostvdpa")
    return { why: `backups of disks of type ${type} have not been tried`, ours: true };
  return undefined;
}
