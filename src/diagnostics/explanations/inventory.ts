/** TM2xx: what is known of hosts, and how it was learned. */
export const INVENTORY = {
  TM201: `A file of the inventory cannot be read: it is not there, not this user's to read, larger than any XML of a
domain and any manifest is, or not in the encoding that it declares. An inventory is a folder with \`host.json\` and a
file of XML a domain; \`tidemark inventory\` writes one. Nothing is planned over half an inventory, as a domain that is
not seen is not backed up.`,

  TM202: `Text that should be XML is not: a tag that does not end, a character or an entity that XML does not have.
libvirt writes no such document, so the file was changed or cut short after virsh wrote it: dump it again.`,

  TM203: `libvirt's documents have no DOCTYPE. One could declare entities that multiply without bound, or that read other
files, so it is refused before anything else is read. Remove the line, or dump the document again with virsh.`,

  TM204: `The file is XML, and another document than what belongs there: a network's, a pool's, a backup's in the place of
a checkpoint's, or a domain's without a name or UUID. Domains are dumped by \`virsh dumpxml DOMAIN\`, checkpoints by
\`virsh checkpoint-dumpxml DOMAIN CHECKPOINT --no-domain\`.`,

  TM205: `\`host.json\` says which libvirt and which QEMU a host has, and what they can do decides how documents are
written. Without it nothing can be planned. It is short: \`{ "libvirt": "9.0.0", "qemu": "7.2.22" }\`, with what \`virsh
version\` says on the host; \`tidemark schema host\` has its schema.`,

  TM206: `Two files say different things of one domain, by name or by UUID, or of one checkpoint, and nothing says which
of them is true. It happens when an inventory that was captured meets an older dump, or when a domain was renamed. Remove
the file that is no longer true. A dump of the running domain beside its \`NAME.inactive.xml\` is no contradiction.`,

  TM207: `A manifest is written at the end of a run, whole, and is what makes a folder of images a restore point: it names
the images, what they stand on and their checksums. This file cannot be read, is not as \`tidemark schema manifest\` says,
contradicts itself or its folder's name, or is of another version's format. It is damage, and nothing of it is guessed, as
chains would be built on the guess. Its layout does not matter: a manifest that another tool has printed anew is the same.

While it is there, nobody knows what the images beside it stand on, so runs delete, fold and retire nothing of this domain.
They go on backing up. Bring the file back from a copy of the repository. If there is none, move its folder out of the
repository; \`tidemark verify\` then says what stood on it.`,

  TM208: `The domain has checkpoints of this policy, but the inventory holds no \`catalog/\`, the copies of the
repository's manifests. So nothing says which runs were verified, which restore points there are, or how large they have
become. The plan takes the checkpoints at their word; each run still looks for the manifest of its base, and goes by
\`onMissingBase\` where there is none. Restore points from before the plan are never deleted.

\`tidemark inventory --repository DIR\` captures the catalog.`,

  TM209: `A folder of checkpoints belongs to no domain of the inventory, neither by the UUID in the dumps nor by the
folder's name. They take no part. If the domain still exists, its XML is missing here, and it is not backed up; if it was
removed or renamed, so should be its checkpoints here.`,

  TM210: `virsh ran, and libvirt gave no answer, or has no such domain. The message has what virsh said. Where the daemon
is on another host, name the connection with \`-c\`: \`qemu+ssh://root@host/system\`. Nothing is written: an inventory
that lacks a domain would take it out of the backup.`,

  TM211: `Two inventories of the fleet hold a domain of one UUID. A domain runs on one host at a time, and its checkpoints
are there; planned on both, two runs would write to one folder. Usually it has moved since one of the two was captured:
capture both again. Where it is defined on both, as a spare, let an entry take it from one: \`where: { host: kvm1 }\`.`,

  TM212: `A domain's restore points lie in the folder of its name, and a domain is known by its UUID. This folder holds
restore points of another UUID: the domain was made anew under the old name, or two hosts that share a repository have
domains of one name. Their chains would be mixed, and one would delete what is the other's, so no run begins. Move the
other domain's restore points elsewhere (they can be restored from there), then capture the inventory again, or give one of the
two domains another name.`,
  TM213: `The library was called with inventories that do not fit the policy's \`hosts\`. A policy that names hosts has a plan
of each host, over the inventory of that host: give \`compileFleet\` one inventory by the name of each host and no other.
A policy that names no hosts is of one host: give \`compile\` its inventory. The command line reads the inventories that the
policy names, and never says this.`,
} as const;
