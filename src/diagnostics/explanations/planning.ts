/** TM3xx: a policy over an inventory, in time. */
export const PLANNING = {
  TM301: `Nothing has this name. Either an entry of \`domains\` matches no domain of the inventory, or the command line names a
domain, a host or a slot that the plan does not have. An entry that matches no domain protects nothing: if a domain was
renamed, or its XML was not captured, it would go without a backup and nobody would notice. Correct the name, capture the
inventory again, or remove the entry.`,

  TM302: `An entry names a disk by its target (\`vda\`), but none of the domains that the entry matches has such a disk. The
settings would have no effect, and a disk that should be included would not be. A pattern under \`exclude\` may match no disk.`,

  TM303: `There is nothing to work on. Each disk of a domain is left out, by the policy or because it is empty, read-only or
cannot be backed up (the hint gives the reason for each disk). Or a folder has no domain, or the run does not have the document
that was asked for. If a domain should not be backed up, take it out of the policy; \`PLAN.md\` then lists it as not
protected.`,

  TM304: `libvirt already has a checkpoint of this name. Restore points and their checkpoints are named after the policy and
the slot. Either the run has taken place, and the catalog of the inventory does not have it: capture the inventory again, or
begin the horizon later. Or the run was interrupted and not undone: the domain's next run undoes it, or you delete the
checkpoint with \`virsh checkpoint-delete\`. The planned run would fail while the checkpoint exists.`,

  TM305: `Slots of the horizon are before the domain's newest run. A run cannot be made up for in the past, because its
checkpoint would have to come before an existing one, so these slots are not planned. If there is a catalog, this is only a
note: a plan may be compiled again within its horizon. If there is no catalog, it is an error, because the newest checkpoint
alone does not say which runs have taken place. Begin the horizon after the checkpoint, or capture the catalog.`,

  TM306: `Two images would have the same path, so that the second run or disk would overwrite the first one, or fail. Either
disks share a target, or the target of a domain's runs has no \`{point}\` and no \`{slot}\`, or two hosts have domains of the
same name in one repository. Put a placeholder that differs into the path. If each host has its own repository under the same
path, set \`sharedRepository: false\`. A file system may
also not distinguish upper case from lower case. \`Web\` and \`web\` are then one folder, in the repository or where the plan is
checked out. tidemark cannot know this, so it refuses paths that differ only in case.`,

  TM307: `In pull mode each run listens on the \`server\` of its domain. Two domains of one host have the same address at the
same slot, so the second run would fail. Put \`{domain}\` into the path of the socket, or give each domain its own port.`,

  TM308: `The horizon contains no slot of the schedule, or all of its slots fall into \`except\`, so the plan would back up
nothing. The horizon may be too short for the schedule (a monthly level in two weeks), or it may be outside of an entry's
\`start\` and \`until\`.`,

  TM309: `The domain is backed up, but this disk is not, because it has no content to lose: it has no source, it is read-only,
or it is transient, which means that libvirt drops its changes when the domain stops. Empty drives and media are left out
without this note. If the disk should be left out, name it under \`disks.exclude\`, so that reviewers see the decision.`,

  TM310: `Every restore point of a chain needs its full. Without another full, each run makes the chain longer, a restore reads
more images, one damaged image makes more restore points useless, and nothing can be deleted, because what is kept needs
everything before it. Schedule a full, limit chains with \`maxChainLength\` or \`maxChainAge\`, or set \`consolidate: true\`,
which folds old increments into the full.`,

  TM311: `Only qcow2 can keep the bitmap that records which blocks have changed. So every backup of this disk is a full, whatever
the schedule says: it is correct, but as large as the disk every night. If this is intended, set \`checkpoint: false\` for the
disk. Otherwise convert the disk to qcow2. Since libvirt 10.10 the data itself may stay raw, in a separate data file
(\`<dataStore>\`).

An image may also have version 2 of qcow2, as \`virsh vol-create-as\` makes it, and only version 3 can keep a bitmap.
\`tidemark inventory\` sees this where it runs on the host itself. \`qemu-img amend -o compat=1.1\` makes it version 3, while
the domain is shut down.`,

  TM312: `The policy has no retention rule. Each run adds to the repository and nothing is ever deleted, so the repository grows
until the disk is full, and then backups fail. Say how much to keep, for example \`retention: { keepDaily: 7, keepWeekly: 4
}\`. If another program deletes restore points, or if everything should stay, set \`keepLast: -1\`; the warning then goes away.`,

  TM313: `The catalog says that this restore point was verified and had a checkpoint, but libvirt no longer has the checkpoint
for this disk. Another tool deleted it, the domain was defined anew, or the domain was moved without its checkpoints. No data
is lost. The next run reads the changes since the newest checkpoint of the chain that still exists, which copies more, or it
takes a full.

If libvirt has lost only its record and the bitmaps are still in the images, \`tidemark redefine\` restores the checkpoints.`,

  TM314: `A full is due at a time that \`except\` leaves out. It is not made up for. The chain continues until the next full and
may become longer than intended. Move the full to another day, or set \`maxChainLength\` or \`maxChainAge\`, which begin a new
chain in time.`,

  TM315: `With its \`jitter\`, or in the queue of \`maxConcurrent\`, a run can start only after the domain's next slot. By the
estimates the runs need more time than they have, so the queue becomes longer each night. Let more runs work at the same time,
schedule fewer runs, or correct \`estimate\`.`,

  TM316: `A manifest of the catalog names a base that the catalog does not have. The base's folder was deleted by hand, or the
catalog was not copied completely. A restore point that builds on the missing one cannot be restored. So no run builds on it,
and the next run takes a full.

Bring the folder back from a copy of the repository, and capture the catalog again. Until then, the restore points that build
on it are kept, because the folder may be found, but they do not count as restore points that a retention rule keeps. If the
folder is lost for good, you can delete such a restore point by hand as soon as no other one builds on it. Its other disks may
still be whole, and later restore points may build on them until the next full of these disks.`,

  TM317: `The disk's image is encrypted (\`<encryption>\` in the domain's XML), and QEMU has the key. A backup contains what the
guest sees: the images in the repository are not encrypted, and neither is the scratch file of pull mode without
\`scratchSecret\`. Keep them on an encrypted file system. In pull mode you can also set \`stream\`, which pipes the disks through
a command that encrypts.

While the domain is stopped, no program has the key, so \`onStopped: offline-copy\` is refused for its domain (TM322).`,

  TM318: `The newest restore point of this domain in the catalog was made when the domain had another name; the UUID is the
same. A domain's restore points are in the folder of its name, and images name their backing files in that folder. So the chain
begins anew. The old restore points stay and can be restored with \`tidemark restore\`, but nothing deletes them.

To continue the old chain instead, move the restore points in the repository to the folder of the new name, and their manifests
in the inventory to the folder of the new name in \`catalog/\`. Then compile again.`,

  TM319: `A manifest of this domain is damaged: it is empty, cut short, of another restore point, or not readable. So it is unknown
which restore points build on which, and the plan deletes nothing of this domain: it does not prune, fold or retire. Backups
continue, and the repository grows until the manifest is back. Bring the named file back from a copy of the repository, or move its
folder out of the repository. Then capture the inventory and compile again.`,

  TM320: `A manifest records what each disk was when it was backed up: its source, the inode and the time of birth of its file,
the domain's QEMU process, and when libvirt made the checkpoint. The inventory says something else. Two disks may have changed
places, a file may have been exchanged or restored, the domain may have another disk under the same target, or somebody else may
have made a checkpoint of the same name. The bitmap then does not tell what changed on this disk, so the next run takes a full.

A file that was only renamed is the same disk. So is a disk that libvirt itself has moved: by a snapshot, by a commit, or by a
copy while QEMU went on running. If the inventory was not captured on the host itself, it does not say which files the disks are.
The plan then compares only the names of the sources, and the run compares the rest.`,

  TM321: `Linux allows at most 255 bytes in the name of a file or folder, and 4095 in a path. The names of images, scratch files,
metrics and folders are composed of those of the policy, the domain, the disk and the slot, and a letter outside of ASCII takes two to
four bytes. While an image is not complete, runs also append an ending to its name. Without this error, the first night would fail.
The folder of a domain is never too long: if the name is longer than 200 bytes, the end is replaced by a hash.`,

  TM322: `With \`onStopped: offline-copy\`, a run copies the disks of a stopped domain with qemu-img, without libvirt. So it can copy a disk
that is a file or a block device of the host, or a volume of a storage pool that is one of these. It cannot copy a disk that QEMU
reaches over the network (\`type='network'\`): the address, the user and the key are known to libvirt alone. It cannot copy an
encrypted disk either: nobody but QEMU has the key, so the copy would hold something else than a backup of the running domain.

Set \`onStopped: skip\` or \`onStopped: fail\` for this domain, or leave the disk out with \`disks.exclude\`. While the domain runs, such
a disk is backed up like any other.`,

  TM323: `In pull mode the guest goes on writing while a run copies, and what it overwrites is kept in the disk's scratch file until the
run has copied all disks. The plan expects the guest to write as much in that time as the disk holds, so the scratch file grows to the
disk's size. If its file system has no room for that, the job fails, and the run with it.

How much is written is taken from \`estimate.changedPerDay\`, or from what earlier runs have copied, and spread over the day evenly; a
guest that writes most of it while the run copies gets there earlier. How long a run copies follows from the sizes, the speed, and
\`bandwidth\`; PLAN.md has all of them.

Let the run copy faster, move it to hours in which the guest writes less, or keep room for the whole disk where \`scratch\` is.`,
} as const;
