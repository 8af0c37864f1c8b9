/** TM3xx: a policy over an inventory, in time. */
export const PLANNING = {
  TM301: `What was named is not there: an entry of \`domains\` that matches no domain of the inventory, or a domain, a
host or a slot on the command line that the plan does not have. An entry that matches nothing protects nothing, and that
it was once right does not help: a domain that was renamed, or whose XML was not captured, would go without a backup and
without a word. Correct the name, capture the inventory again, or remove the entry.`,

  TM302: `An entry names a disk by its target (\`vda\`), and none of the domains that it matches has one. The settings
would be in force nowhere, and a disk that was to be included is not. A pattern under \`exclude\` may match nothing.`,

  TM303: `Nothing is left to work with: each disk of a domain is left out, by the policy or because it is empty, read-only
or cannot be backed up (the hint gives the reason of each); a folder holds no domain; or the run that was asked for has no
such document. Where a domain is not meant to be backed up, take it out of the policy: what is not protected then stands
in \`PLAN.md\`.`,

  TM304: `Restore points and their checkpoints bear the name of the policy and of their slot, and libvirt has a checkpoint
of this name already. Either the run has happened, and the catalog in the inventory does not say so: capture it again, or
begin the horizon later. Or the run was cut short and was not undone: the domain's next run does that, or \`virsh
checkpoint-delete\`. A run over it would fail.`,

  TM305: `Slots of the horizon lie before the domain's newest run. A run cannot be made up for in the past, as its
checkpoint would have to come before one that is there; so these slots are not planned. With a catalog this is how a plan
is compiled again within its horizon, and only a note. Without one it is an error, since the newest checkpoint alone does
not say what has been done: begin the horizon after it, or capture the catalog.`,

  TM306: `Two images would have one path, so that the second run or disk would overwrite the first, or fail: disks that
share a target, runs whose target has no \`{point}\` and no \`{slot}\`, or hosts with domains of one name in one
repository. Put what tells them apart into the path. If each host's repository is a place of its own under the same path,
say so: \`sharedRepository: false\`.`,

  TM307: `In pull mode each run listens on its domain's \`server\`, and two domains of a host have the same address at the
same slot: the second would fail. Put \`{domain}\` into the socket's path, or give each domain a port.`,

  TM308: `No slot of the schedule lies in the horizon, or all of them fall into \`except\`, so that the plan would back up
nothing. The horizon may be too short for the schedule (a monthly level in two weeks), or an entry's \`start\` and
\`until\` lie elsewhere.`,

  TM309: `The domain is backed up, and this disk of it is not, since there is nothing to lose: it has no source, is
read-only, or is transient, so that libvirt drops what is written when the domain stops. Empty drives and media are left
out without a word. If that is right, name the disk under \`disks.exclude\`, and reviewers see that it was meant.`,

  TM310: `Everything of a chain stands on its full: with no other full, each run makes the chain longer, a restore reads
more images, one damaged image costs more, and nothing can ever be deleted, as what is kept needs all that is below.
Schedule a full, bound chains by \`maxChainLength\` or \`maxChainAge\`, or let retention fold old increments into the full
with \`consolidate: true\`.`,

  TM311: `Only qcow2 can keep the bitmap that says which blocks have changed, so each backup of this disk is a full,
whatever the schedule says: correct, but as large as the disk every night. Say \`checkpoint: false\` for it if that is
meant. Or convert it to qcow2; since libvirt 10.10 the data itself may stay raw, in a data file beside (\`<dataStore>\`).`,

  TM312: `The policy has no rule of retention, so each run adds to the repository and none ever deletes: it grows until
the disk is full, and then backups fail. Say how much is to be kept, such as \`retention: { keepDaily: 7, keepWeekly: 4
}\`. If something else deletes, or everything is to stay, say so with \`keepLast: -1\`, and this warning goes.`,

  TM313: `The catalog says that this restore point was verified and left a checkpoint, and libvirt no longer has it for
the disk: another tool deleted it, the domain was defined anew, or it was moved without its checkpoints. Nothing is lost.
The next run reads changes since the newest checkpoint of the chain that is left, which copies more, or takes a full.

If only libvirt's record is gone and the bitmaps are still in the images, \`tidemark redefine\` brings the checkpoints
back.`,

  TM314: `A full is due in a time that \`except\` leaves out. It is not made up for: the chain goes on until the next
full, and may by then have become longer than was meant. Move the full to another day, or let \`maxChainLength\` or
\`maxChainAge\` begin a new chain in time.`,

  TM315: `By its \`jitter\`, or by the queue of \`maxConcurrent\`, a run gets its turn only when the domain's next slot
has come: there is less time than the runs take, by the estimates. Each night the queue is longer. Let more run at a time,
schedule fewer, or correct \`estimate\`.`,

  TM316: `A manifest of the catalog names a base that the catalog does not have: its folder was deleted by hand, or the
catalog was not copied whole. What stands on it cannot be restored, so nothing more is built on it, and the next run takes
a full.

Bring the folder back from a copy of the repository, and capture the catalog again. Until then what
stands on it is kept, as it may be found, and takes the place of none that retention is to keep. If it is lost for good, such
a restore point can be deleted by hand once no other stands on it: its other disks may still be whole, and be built on until
their next full.`,

  TM317: `The disk's image is encrypted (\`<encryption>\` in the domain's XML), and QEMU has its key. A backup is what the guest
sees: the images in the repository, and a pull mode's scratch file without \`scratchSecret\`, hold it in the clear. Keep them on
an encrypted file system, or, in pull mode, let \`stream\` pipe the disks through a command that encrypts.

While the domain is down nobody has the key for it, so that \`onStopped: offline-copy\` fails for this disk.`,

  TM318: `The catalog's newest restore point of this domain, known by its UUID, was made when it had another name. A
domain's restore points lie in the folder of its name, and images stand on others in that folder; so the chain begins
anew, and what is there stays, can be restored with \`tidemark restore\`, and is deleted by nobody.

To go on with it instead, move the restore points in the repository to the folder of the new name, and their manifests in
the inventory to \`catalog/\` and that name, then compile again.`,

  TM319: `A manifest of this domain is damage: it is empty, cut short, of another restore point, or not readable. So nobody
knows what stands on what, and the plan deletes nothing of this domain: it prunes, folds and retires nothing. Backups go on.
The repository grows until the manifest is back. Bring the named file back from a copy of the repository, or move its folder out
of the repository, then capture the inventory and compile again.`,
} as const;
