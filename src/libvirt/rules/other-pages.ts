import { FEATURES, type Feature } from "../features.js";
import type { Page } from "../rule.js";

/** Pages of codes whose check is not a rule: it is made where text is read, or on a whole plan. */
export const OTHER_PAGES: readonly Page[] = [
  {
    code: "TM403",
    page: `XML 1.0 cannot represent most control characters, not even with a reference, and line ends and tabs in an attribute would be read
back as spaces. tidemark refuses names and texts that contain them where they come from: in the policy, or in an inventory that was
changed after libvirt printed it.

libvirt itself takes a tab in a domain's name. Scripts and files here cannot carry it, so such a domain cannot be backed up under this
name. It stands in the way of no other domain: only a policy that backs it up is refused.`,
    source: "XML 1.0, 2.2 and 3.3.3",
  },
  {
    code: "TM404",
    page: `The versions of libvirt and QEMU decide what a host can do. The inventory's \`host.json\` has them, or \`versions\` in the policy.
If the host lacks a feature, tidemark refuses the setting and names the release that has the feature, or it writes the document in
another way if nothing is lost by that; the plan then says so.

| feature | libvirt | QEMU | source |
| --- | --- | --- | --- |
${Object.values<Feature>(FEATURES)
  .map(
    ({ title, libvirt, qemu, source }) =>
      `| ${[title, libvirt ?? "", qemu ?? "", source].map((cell) => cell.replaceAll("<", "&lt;")).join(" | ")} |`,
  )
  .join("\n")}`,
    source: "libvirt's NEWS and API headers, row by row",
  },
  {
    code: "TM406",
    page: `libvirt's schema allows only absolute paths for targets, scratch files and sockets. Also, a timer or a person may start the run
scripts in any folder. Write the path from \`/\` on.`,
    source: "basictypes.rng, absFilePath; backup_conf.c (“must be absolute”)",
  },
  {
    code: "TM407",
    page: `libvirt validates each document with its schema before it does anything else. It refuses the whole document if an element or
attribute is not allowed there, or if a value is unknown. The message names it.

The schemas of releases differ, and this page is about all of them: \`tidemark normalize --libvirt\` takes the host's release, and the hint
names the first release that accepts the document, if one does (see TM404).

Often it is an attribute of the other mode: \`exportname\` and \`server\` belong to pull mode, \`target\` to push mode.`,
    source:
      "domainbackup.rng, domaincheckpoint.rng; backup_conf.c and checkpoint_conf.c validate in every call",
  },
  {
    code: "TM408",
    page: `The formats of backups and checkpoints were proposed in 2018, before libvirt had them (checkpoints since 5.6, backups since 6.0). Texts
from that time can still be found. These things have changed since:

- a backup has no id; a domain has one backup at a time, and \`virsh domjobabort\` ends it,
- the disks of a backup are named by target, not by the path of their source; the disks of a checkpoint may be named by either,
- a backup goes to a file or a block device; \`type='network'\` was never accepted,
- a checkpoint is made in the same call as its backup, by its own document.

An empty \`<domaincheckpoint/>\` is still allowed: libvirt names the checkpoint after the time, and covers every writable disk. It is
better to name the checkpoint and its disks.`,
    source: "libvirt's docs/formatbackup, docs/formatcheckpoint",
  },
];
