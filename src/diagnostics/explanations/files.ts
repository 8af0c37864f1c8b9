/** TM5xx: files that are written and read: plans and repositories. */
export const FILES = {
  TM501: `tidemark could not write a file or folder. The disk may be full, the user may lack a permission, a file may exist
where a folder should be, or the file's name may ask for another format. A plan is first written beside its directory and
then renamed into it as a whole, so the files from before are still there.`,

  TM502: `The plan has a \`formatVersion\` that this tidemark does not know, or an older tidemark wrote the plan without a
value that this command needs. If tidemark guessed, it would show differences that do not exist, or hide some. Use the
tidemark that wrote the plan, or compile the policy again.`,

  TM503: `The argument is not a plan. The file or revision does not exist, it is not JSON, or it does not match the schema
that \`tidemark schema plan\` prints; a merge may have left conflict marks in it. Do not repair a \`plan.json\` by hand:
compile the policy again, or take the file from version control.`,

  TM504: `A file that tidemark wants to write exists already, and tidemark did not write it, or two policies would be
compiled into one directory. tidemark never overwrites or removes what it did not write. Choose another directory with
\`-o\`.`,

  TM505: `The repository does not exist, or this user cannot read it. A repository on another host has to be mounted, or the
command has to run on that host. The argument is the policy's \`repository\`, or the folder of one domain in it. Before the
first run there is no repository; \`tidemark inventory\` then only prints a note. If the inventory already has restore points
and the repository has none, for example because it is not mounted at the moment, \`tidemark inventory\` does not change its
catalog, because with an empty catalog every chain would begin anew. If the restore points are gone for good, remove the
catalog and capture the inventory again.`,

  TM506: `An image is not what its run wrote. It is missing, its size or checksum differs, \`qemu-img check\` finds errors in it, or
it is a link, is encrypted, or keeps its data in another file, which no run makes. This restore point, and every restore point that
builds on it, cannot be restored, or not with the right content. Bring the image back from a copy of the repository. If there is no
copy, schedule a full soon: the chain that the full begins does not need this image.`,

  TM507: `An image needs the image of an earlier restore point as its backing file. That image is missing, or the restore point does
not have the disk, or the backing file is not exactly the one, with the name and format, that the run wrote. Without it, only the
changes are known and not the rest. Bring the folder back from a copy of the repository. If the header of an image was changed by
hand, for example with \`qemu-img rebase\`, the image no longer matches its manifest.`,

  TM508: `A folder of the repository has images but no manifest, or there is a journal. Either a run is working now, or a run
was interrupted. The folder is not a restore point, and nothing builds on it. The domain's next run undoes the interrupted
run, together with its checkpoint, before it begins. If a fold was interrupted, the next run completes it; until then the
restore point can be restored as it is.`,

  TM509: `The repository does not have the domain or the restore point that was asked for; the hint lists those that it has.
For \`tidemark redefine\` it means that no restore point has a checkpoint to define, or that the domain's UUID or the disks
of a restore point have changed since it was made.`,

  TM510: `A program that this command needs is not on the PATH. virsh talks to libvirt (Debian: libvirt-clients), qemu-img
reads images (Debian: qemu-utils, Fedora: qemu-img), and bash runs the restore.`,

  TM511: `The plan directory holds the plan of another policy. If tidemark compiled over it, that plan would be gone, and no
run of the other policy would take place any more.

If two policies share a directory by mistake, give one of them another directory with \`-o\`. If the policy was renamed, set
\`adopt: [OLD-NAME]\` in it. Restore points and checkpoints have the name of the policy that made them. A policy that adopts
the old name builds on them and deletes them when they are due, and its plan may take the directory. Without \`adopt\`, chains
begin anew with fulls, the old restore points and checkpoints stay until you delete them, and systemd units of the old name
continue to run where they are installed. If that is what you want, remove the directory first.`,

  TM512: `\`tidemark verify\` records in \`.tidemark/verified.json\` of each domain's folder when each restore point was verified, and what
was found, and \`tidemark status\` reads it there. The record could not be written, for example because the repository is mounted
read-only. What was found is printed all the same, and the exit status does not change. With \`--no-record\` nothing is written.`,
} as const;
