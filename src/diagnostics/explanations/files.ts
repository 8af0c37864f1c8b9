/** TM5xx: what is written, and what is read back: plans and repositories. */
export const FILES = {
  TM501: `A file or folder could not be written: no room, no right, a file where a folder should be, or a name that says
another format. A plan is staged beside its directory and renamed into it once it is whole, so what was there before is
there still.`,

  TM502: `\`formatVersion\` in the plan is one that this tidemark does not know, or the plan is from before it said all
that is asked here. Guessing would show differences that are none, or hide some. Use the tidemark that wrote it, or
compile the policy again.`,

  TM503: `What was named as a plan is none: there is no such file or revision, it is not JSON, or not as \`tidemark schema
plan\` says; perhaps a merge left its marks in it. A \`plan.json\` is never repaired by hand: compile the policy again, or
take the file from version control.`,

  TM504: `Something is in the place of what is to be written, and tidemark did not write it there, or two policies would
be compiled to one place. Nothing that it did not write is ever overwritten or removed. Choose another place with \`-o\`.`,

  TM505: `The repository that was named is not there, or this user cannot read it; of a remote host it has to be mounted,
or the command run there. It is the policy's \`repository\`, or the folder of one domain in it. Before the first run there
is none, and \`tidemark inventory\` only says so. Where the inventory knows restore points already, as of a share that is not
mounted just now, it leaves its catalog as it was: over an empty one every chain would begin anew. If they are gone for good,
remove the catalog and capture again.`,

  TM506: `An image is not what its run wrote: missing, of another size, of another checksum, or broken by the account of
\`qemu-img check\`; or it lies behind a link, is encrypted, or keeps its data in another file, which no run makes. This
restore point and all that stand on it cannot be restored, or not to what they were. Bring the image back from a copy of the
repository. If there is none, schedule a full soon: the chain that it begins does not stand on this one.`,

  TM507: `An increment stands on the image of an earlier restore point, and that is not there, lacks the disk, or is not
the one that the image names, by exactly the name and format that the run wrote. Without it what changed is known, and not
what did not. Bring the folder back from a copy of the repository. An image whose header was changed by hand, with
\`qemu-img rebase\` for one, is no longer what its manifest says.`,

  TM508: `A folder of the repository has images and no manifest, or there is a journal: a run is at work just now, or was
cut short. It is no restore point, and nothing builds on it. The domain's next run undoes what is not finished, its
checkpoint included, before it begins. A fold that was cut short is completed then; until that the restore point can be
restored as it is.`,

  TM509: `The repository has no domain, or no restore point, such as was asked for; the hint names those that there are.
Of \`tidemark redefine\`: no checkpoint is left to bring back, or a restore point's disks, or the UUID of the domain, are
no longer those that it was made of.`,

  TM510: `A program that does this work is not on the PATH: virsh asks libvirt (Debian: libvirt-clients), qemu-img reads
images (Debian: qemu-utils, Fedora: qemu-img), bash runs the restore.`,

  TM511: `The plan directory holds the plan of another policy. Compiling over it would replace that plan, and from then on
nothing would run for it.

If two policies share a folder by mistake, give one another with \`-o\`. If the policy was renamed, set \`adopt:
[OLD-NAME]\` in it. Restore points and checkpoints bear the name of the policy that made them: one that adopts the old
name builds on them and deletes them when they are due, and its plan may take the folder. Without that, chains begin anew
with fulls, the old restore points and checkpoints stay until someone deletes them, and systemd units of the old name go
on where they were installed. If that is meant, remove the folder first.`,
} as const;
