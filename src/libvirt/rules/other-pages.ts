import type { Page } from "../rule.js";

/** Codes whose check stands elsewhere: where text is read, or a whole plan is looked at. */
export const OTHER_PAGES: readonly Page[] = [
  {
    code: "TM403",
    page: `XML 1.0 has no way to write most control characters, not even as a reference, and an attribute's line ends and tabs
would be read back as spaces. Names and texts that hold them are refused where they are written: in the policy, or in an
inventory that was changed after libvirt printed it.`,
    source: "XML 1.0, 2.2 and 3.3.3",
  },
  {
    code: "TM404",
    page: `What the host's libvirt and QEMU can do follows from their versions, which the inventory's \`host.json\` tells, or
\`versions\` in the policy. \`src/libvirt/features.ts\` has the table, each row with its source. What a host lacks is either
refused, naming the release that has it, or written in another way where that loses nothing; the plan says so then.`,
    source: "libvirt's NEWS and API headers, row by row",
  },
  {
    code: "TM406",
    page: `libvirt's schema takes absolute paths only, for targets, scratch files and sockets; and the run scripts are started from
wherever the timer or the person happens to be. Write the path from \`/\` on.`,
    source: "basictypes.rng, absFilePath; backup_conf.c (“must be absolute”)",
  },
  {
    code: "TM407",
    page: `libvirt holds each document against its schema before it looks at anything else, and always: an element or attribute that
the schema does not have at that place, or a value that it does not know, is refused whole. The finding says which.

Often it is an attribute of the other mode: \`exportname\` is pull's, \`target\` push's, \`server\` pull's.`,
    source:
      "domainbackup.rng, domaincheckpoint.rng; backup_conf.c and checkpoint_conf.c validate in every call",
  },
  {
    code: "TM408",
    page: `Before backups and checkpoints came to libvirt (5.6 and 6.0), their formats were proposed in 2018, and texts from then
can still be found. What changed since:

- a backup has no id; a domain has one backup at a time, and \`virsh domjobabort\` ends it,
- the disks of a backup are named by target, not by the path of their source; those of a checkpoint may be either,
- a backup goes to a file or a block device; \`type='network'\` was never taken,
- a checkpoint is made in the same call as its backup, by a document of its own.

A \`<domaincheckpoint/>\` with nothing in it is still allowed: libvirt names it after the time, and covers every disk that can be
written. Better name it, and its disks.`,
    source: "libvirt's docs/formatbackup, docs/formatcheckpoint",
  },
];
