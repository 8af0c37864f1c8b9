/** TM2xx: what is known of hosts, and how it was learned. */
export const INVENTORY = {
  TM201: `A file of the inventory cannot be read. It does not exist, this user may not read it, it is larger than any domain
XML or manifest can be, or it is not in the encoding that it declares. An inventory is a folder with \`host.json\` and an XML
file for each domain; \`tidemark inventory\` writes it. tidemark does not plan with an incomplete inventory, because a domain
that it does not see would not be backed up.`,

  TM202: `The file is not XML: a tag is not closed, or the text has a character or an entity that XML does not have. libvirt
does not write such a document, so the file was changed or cut short after virsh wrote it. Dump it again.`,

  TM203: `The document has a DOCTYPE. libvirt's documents have none. A DOCTYPE could declare entities that multiply without
limit or that read other files, so tidemark refuses the file before it reads anything else. Remove the line, or dump the
document again with virsh.`,

  TM204: `The file is XML, but not the document that belongs in this folder. It may describe a network or a pool, be a backup
document where a checkpoint belongs, or be a domain without a name or UUID. \`virsh dumpxml DOMAIN\` dumps a domain, and
\`virsh checkpoint-dumpxml DOMAIN CHECKPOINT --no-domain\` a checkpoint.`,

  TM205: `\`host.json\` names the versions of libvirt and QEMU on the host. tidemark writes documents for these versions, so it
cannot plan without the file. The file is short: \`{ "libvirt": "9.0.0", "qemu": "7.2.22" }\`, with the versions that \`virsh
version\` prints on the host. \`tidemark schema host\` prints its schema.`,

  TM206: `Two files contradict each other about one domain, with the same name or UUID, or about one checkpoint. tidemark
cannot know which of them is right. This happens if a captured inventory is mixed with an older dump, or if a domain was
renamed. Remove the file that is out of date. A dump of the running domain beside its \`NAME.inactive.xml\` is not a
contradiction.`,

  TM207: `A run writes a manifest at its end. The manifest makes a folder of images a restore point: it names the images, what
they build on, and their checksums. This file cannot be read, does not match the schema that \`tidemark schema manifest\` prints,
contradicts itself or the name of its folder, or has the format of another version. It is damage. tidemark does not guess its
content, because chains would be built on the guess. The layout of the file does not matter: another tool may print a manifest
anew.

While the file is there, nobody knows what the images beside it build on. So runs do not delete, fold or retire anything of this
domain, but they continue to back it up. Bring the file back from a copy of the repository. If there is no copy, move its folder out
of the repository; \`tidemark verify\` then says which restore points need it.`,

  TM208: `The domain has checkpoints of this policy, but the inventory has no \`catalog/\` with copies of the repository's
manifests. So tidemark does not know which runs were verified, which restore points exist, or how large they are. The plan
assumes that every checkpoint is good. Each run still looks for the manifest of its base, and \`onMissingBase\` decides what
happens if there is none. Restore points from before the plan are never deleted.

\`tidemark inventory --repository DIR\` captures the catalog.`,

  TM209: `A folder of checkpoints belongs to no domain of the inventory: neither the UUID in the dumps nor the folder's name
matches one. The plan does not use these checkpoints. If the domain still exists, its XML is missing in the inventory, and it
is not backed up. If the domain was removed or renamed, remove its checkpoints from the inventory.`,

  TM210: `virsh ran, but libvirt did not answer, or has no such domain. The message shows what virsh printed. If libvirt runs on
another host, name the connection with \`-c\`: \`qemu+ssh://root@host/system\`. Nothing is written, because an inventory that
lacks a domain would take that domain out of the backup.`,

  TM211: `Two inventories of the fleet have a domain with the same UUID. A domain runs on one host at a time, and its
checkpoints are on that host. If it were planned on both hosts, two runs would write to one folder. Usually the domain has
moved since one of the inventories was captured: capture both again. If the domain is defined on both hosts, for example as a
spare, an entry can choose one host: \`where: { host: kvm1 }\`.`,

  TM212: `A domain is known by its UUID, and its restore points are in the folder of its name. This folder contains restore points
of another UUID: the domain was created again under the old name, or two hosts that share a repository have domains of the same
name. Their chains would be mixed, and one domain would delete the restore points of the other, so no run begins. Move the
restore points of the other domain to another folder (they can be restored from there) and capture the inventory again, or give
one of the two domains another name.`,

  TM213: `The library was called with inventories that do not fit the policy's \`hosts\`. A policy that names hosts has a plan for
each host, from the inventory of that host: call \`compileFleet\` with one inventory under the name of each host, and no other.
A policy that names no hosts covers one host: call \`compile\` with its inventory. The command line reads the inventories that the
policy names, so it never gives this diagnostic.`,

  TM214: `A manifest records which file each disk was: its inode and its time of birth. Another file that takes the old name has
others. \`tidemark inventory\` writes the same evidence of the disks as they are now to \`domains/NAME.json\`, if it runs on the
host itself. An inventory that was captured from another machine, or by hand with \`virsh dumpxml\`, has no such file. The plan then
compares the names of the sources, the creation times of the checkpoints and the UUID. The runs are on the host, and compare the
rest.`,
} as const;
