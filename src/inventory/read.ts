import type { Location } from "../diagnostics/diagnostic.js";
import { compareText, type Diagnostic, hasErrors } from "../diagnostics/diagnostic.js";
import type { Checkpoint } from "../libvirt/checkpoint.js";
import { type Domain, PLAIN_TARGET } from "../libvirt/domain.js";
import { readCheckpoint } from "../libvirt/read-checkpoint.js";
import { readDomain } from "../libvirt/read-domain.js";
import { currentOf, inTreeOrder, mergeDumps } from "./checkpoints.js";
import type { BrokenImage, DamageFile } from "./damage.js";
import { directoryOf } from "./directory.js";
import type { Sizes } from "./disk-size.js";
import type { Evidence } from "./evidence.js";
import type { DomainFacts, Host, Inventory } from "./inventory.js";
import type { InventoryFile } from "./inventory-file.js";
import { readJson } from "./json.js";
import type { Manifest } from "./manifest.js";
import { readManifest } from "./read-manifest.js";
import { withheld } from "./withheld.js";

interface ReadDomain {
  readonly domain: Domain;
  readonly location: Location;
  readonly refused: readonly Diagnostic[];
  readonly inactive: boolean;
  /** Of the file, without `.xml`. */
  readonly path: string;
}

const HOST_HINT =
  'write { "libvirt": "9.0.0", "qemu": "7.2.22" } with the versions that virsh version prints';

/**
 * An inventory from its files: `host.json`; `*.xml` and `domains/*.xml`, of which `NAME.inactive.xml` gives way to the
 * running domain's; `checkpoints/<domain>/*.xml`; `sizes/<domain>.json`; `catalog/**.json`, the repository's manifests. Hidden files and other
 * kinds are left alone. The order of the files does not matter.
 */
export function readInventory(
  files: readonly InventoryFile[],
  folder: string,
  onProgress?: (done: number, total: number) => void,
): { inventory?: Inventory; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const sorted = [...files].sort((a, b) => compareText(a.path, b.path));
  const host = readHost(sorted, folder, diagnostics);
  const domains = readDomains(sorted, diagnostics, (done) => onProgress?.(done, sorted.length));
  const evidence = readEvidence(sorted, domains, diagnostics);
  const sizes = readSizes(sorted, domains, diagnostics);
  const checkpoints = readCheckpoints(sorted, domains, diagnostics);
  const catalog = readCatalog(sorted, domains, diagnostics);
  if (host === undefined || hasErrors(diagnostics)) return { diagnostics: withheld(diagnostics, sorted) };
  diagnostics.push(...withoutEvidence(folder, domains, evidence, catalog?.manifests ?? []));
  const known = new Set(domains.map(({ domain }) => domain.uuid));
  const strays = (catalog?.manifests ?? []).filter(({ uuid }) => !known.has(uuid));
  const manifests = new Map<string, Manifest[]>();
  for (const manifest of catalog?.manifests ?? []) {
    const ofDomain = manifests.get(manifest.uuid);
    if (ofDomain === undefined) manifests.set(manifest.uuid, [manifest]);
    else ofDomain.push(manifest);
  }
  return {
    inventory: {
      host,
      ...(strays.length > 0 && { strays }),
      domains: domains.map(({ domain, location, refused }): DomainFacts => {
        const ordered = inTreeOrder([...(checkpoints.get(domain.uuid)?.values() ?? [])]);
        const current = currentOf(ordered);
        return {
          domain,
          location,
          ...(refused.length > 0 && { refused: withheld(refused, sorted) }),
          ...(evidence.has(domain.uuid) && { evidence: evidence.get(domain.uuid) as Evidence }),
          ...(sizes.has(domain.uuid) && { sizes: sizes.get(domain.uuid)?.disks ?? {} }),
          checkpoints: ordered,
          ...(current !== undefined && { currentCheckpoint: current }),
          ...(catalog && { catalog: manifests.get(domain.uuid) ?? [] }),
          ...catalog?.damage.get(domain.uuid),
        };
      }),
    },
    diagnostics: withheld(diagnostics, sorted),
  };
}

function readHost(
  files: readonly InventoryFile[],
  folder: string,
  diagnostics: Diagnostic[],
): Host | undefined {
  const file = files.find(({ path }) => path === "host.json");
  if (file === undefined) {
    diagnostics.push({
      code: "TM205",
      severity: "error",
      message: `the inventory ${folder} has no host.json`,
      hint: HOST_HINT,
    });
    return undefined;
  }
  const bytes = file.bytes(diagnostics);
  if (bytes === undefined) return undefined;
  const read = readJson<Host>(bytes, file.file, "host", "TM205", HOST_HINT);
  diagnostics.push(...read.diagnostics);
  return read.value;
}

function readDomains(
  files: readonly InventoryFile[],
  diagnostics: Diagnostic[],
  onProgress: (done: number) => void,
): ReadDomain[] {
  const byUuid = new Map<string, ReadDomain>();
  const uuids = new Map<string, string>();
  let done = 0;
  for (const each of files.filter(({ path }) => /^(?:domains\/)?[^/]+\.xml$/.test(path))) {
    onProgress(++done);
    const { path, file } = each;
    const bytes = each.bytes(diagnostics);
    if (bytes === undefined) continue;
    const { domain, root, diagnostics: problems } = readDomain(bytes, file);
    diagnostics.push(...problems);
    if (domain === undefined || root === undefined) continue;
    const inactive = path.endsWith(".inactive.xml");
    const take = () => {
      uuids.set(domain.name, domain.uuid);
      byUuid.set(domain.uuid, {
        domain,
        location: root.location,
        refused: refusedNames(domain, root.location),
        inactive,
        path: path.replace(/\.xml$/, ""),
      });
    };
    const other = byUuid.get(domain.uuid) ?? byUuid.get(uuids.get(domain.name) ?? "");
    if (other === undefined) take();
    else if (other.inactive !== inactive && other.domain.uuid === domain.uuid) {
      // The running domain's dump shows what a backup meets; the other is what the next start will.
      if (other.inactive) take();
    } else {
      diagnostics.push({
        code: "TM206",
        severity: "error",
        message: `two files describe ${other.domain.name === domain.name ? `a domain named "${domain.name}"` : `the domain ${domain.uuid}`}`,
        hint: "remove the older file",
        location: root.location,
        related: [{ location: other.location, message: "the other file" }],
      });
    }
  }
  return [...byUuid.values()].sort((a, b) => compareText(a.domain.name, b.domain.name));
}

/** `NAME.json` beside `NAME.xml`, by UUID. */
function readEvidence(
  files: readonly InventoryFile[],
  domains: readonly ReadDomain[],
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Evidence> {
  const uuids = new Map(domains.map(({ path, domain }) => [`${path}.json`, domain.uuid]));
  uuids.delete("host.json");
  return readByDomain<Evidence>(files, uuids, "evidence", diagnostics);
}

/** `sizes/<domain>.json`, by UUID. */
function readSizes(
  files: readonly InventoryFile[],
  domains: readonly ReadDomain[],
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Sizes> {
  const uuids = new Map(
    domains.map(({ domain: { name, uuid } }) => [`sizes/${directoryOf(name)}.json`, uuid]),
  );
  return readByDomain<Sizes>(files, uuids, "sizes", diagnostics);
}

/** The files of a kind, by the UUIDs of their domains. */
function readByDomain<T>(
  files: readonly InventoryFile[],
  uuids: ReadonlyMap<string, string>,
  kind: "evidence" | "sizes",
  diagnostics: Diagnostic[],
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const each of files) {
    const uuid = uuids.get(each.path);
    const bytes = uuid === undefined ? undefined : each.bytes(diagnostics);
    if (uuid === undefined || bytes === undefined) continue;
    const read = readJson<T>(bytes, each.file, kind, "TM204", "capture the inventory again");
    if (read.value !== undefined) found.set(uuid, read.value);
    diagnostics.push(...read.diagnostics);
  }
  return found;
}

/** The repository tells which files disks were, and the inventory does not: an exchange under one name is not seen here. */
function withoutEvidence(
  folder: string,
  domains: readonly ReadDomain[],
  evidence: ReadonlyMap<string, Evidence>,
  manifests: readonly Manifest[],
): Diagnostic[] {
  const recorded = new Set(
    manifests.flatMap(({ uuid, disks }) => (disks.some(({ source }) => source.inode !== null) ? uuid : [])),
  );
  const unseen = domains.filter(({ domain: { uuid } }) => recorded.has(uuid) && !evidence.has(uuid));
  const [first] = unseen;
  if (first === undefined) return [];
  const whose = unseen.length === 1 ? `"${first.domain.name}"` : `${unseen.length} domains`;
  return [
    {
      code: "TM214",
      severity: "info",
      message: `the inventory ${folder} does not tell which files the disks of ${whose} are: of a file that was exchanged under the same name the run takes notice, not this plan`,
      hint: "nothing has to be done; captured on the host itself, the inventory has this evidence (domains/NAME.json)",
    },
  ];
}

/** Names that scripts and files here could not carry. They refuse this domain only, and only in a policy that backs it up. */
function refusedNames({ name, disks }: Domain, location: Location): Diagnostic[] {
  const refuse = (what: string, text: string, why: string, hint: string, at: Location): Diagnostic => ({
    code: "TM403",
    severity: "error",
    message: `${what} ${JSON.stringify(text)} ${why}`,
    hint,
    location: at,
  });
  const changed = "the XML was changed after virsh wrote it; dump it again with virsh dumpxml";
  return [
    // libvirt takes a tab in a domain's name (seen on libvirt 9.0).
    ...(/[\p{Cc}/]/u.test(name)
      ? [
          refuse(
            "the domain's name",
            name,
            "has a slash or a control character, which scripts and files cannot carry",
            "rename the domain with virsh domrename and capture the inventory again, or leave it out of the policy",
            location,
          ),
        ]
      : []),
    ...disks.flatMap((disk) => {
      const at = disk.location ?? location;
      return [
        ...(PLAIN_TARGET.test(disk.target)
          ? []
          : [refuse("the disk's target", disk.target, "is not one that libvirt allows", changed, at)]),
        ...(/\p{Cc}/u.test(disk.source ?? "")
          ? [refuse("the disk's source", disk.source ?? "", "has a control character", changed, at)]
          : []),
      ];
    }),
  ];
}

function readCheckpoints(
  files: readonly InventoryFile[],
  domains: readonly ReadDomain[],
  diagnostics: Diagnostic[],
): ReadonlyMap<string, ReadonlyMap<string, Checkpoint>> {
  const byDomain = new Map<string, Map<string, Checkpoint>>();
  const known = new Set(domains.map(({ domain }) => domain.uuid));
  // Folders made by hand may have the plain name; a capture's segment is meant where one could be either.
  const byFolder = new Map([
    ...domains.map(({ domain: { name, uuid } }) => [name, uuid] as const),
    ...domains.map(({ domain: { name, uuid } }) => [directoryOf(name), uuid] as const),
  ]);
  const strangers = new Map<string, string>();
  for (const each of files) {
    const { path, file } = each;
    const folder = /^checkpoints\/([^/]+)\/[^/]+\.xml$/.exec(path)?.[1];
    const bytes = folder === undefined ? undefined : each.bytes(diagnostics);
    if (folder === undefined || bytes === undefined) continue;
    const { checkpoint, domainUuid, diagnostics: problems } = readCheckpoint(bytes, file);
    diagnostics.push(...problems);
    if (checkpoint === undefined) continue;
    const owner = domainUuid ?? byFolder.get(folder);
    if (owner === undefined || !known.has(owner)) {
      strangers.set(folder, file);
      continue;
    }
    const ofDomain = byDomain.get(owner) ?? new Map<string, Checkpoint>();
    byDomain.set(owner, ofDomain);
    const other = ofDomain.get(checkpoint.name);
    const merged = other === undefined ? checkpoint : mergeDumps(other, checkpoint);
    if (merged !== undefined) ofDomain.set(checkpoint.name, merged);
    else {
      diagnostics.push({
        code: "TM206",
        severity: "error",
        message: `two files describe the checkpoint ${checkpoint.name} and contradict each other`,
        hint: "remove the older file",
        location: { file, line: 1, column: 1 },
      });
    }
  }
  for (const [folder, file] of strangers) {
    diagnostics.push({
      code: "TM209",
      severity: "warning",
      message: `the inventory has checkpoints of "${folder}", but no such domain`,
      hint: "add the domain's XML, or remove its checkpoints",
      location: { file, line: 1, column: 1 },
    });
  }
  return byDomain;
}

interface Catalog {
  /** Oldest slot first. */
  readonly manifests: Manifest[];
  /** By a domain's UUID: what is wrong in its folder. */
  readonly damage: ReadonlyMap<string, Damage>;
}

interface Damage {
  damaged?: string[];
  broken?: readonly BrokenImage[];
  stranger?: Manifest;
}

/** undefined when there is no catalog at all, which is not the same as an empty one. */
function readCatalog(
  files: readonly InventoryFile[],
  domains: readonly ReadDomain[],
  diagnostics: Diagnostic[],
): Catalog | undefined {
  const inCatalog = files.filter(({ path }) => path.startsWith("catalog/"));
  if (inCatalog.length === 0) return undefined;
  const keepOnce = sharing();
  const names = new Map(domains.map(({ domain }) => [domain.uuid, domain.name]));
  const uuids = new Map(domains.map(({ domain }) => [directoryOf(domain.name), domain.uuid]));
  const byPoint = new Map<string, Manifest>();
  const damage = new Map<string, Damage>();
  const ofDomain = (uuid: string): Damage => {
    const known = damage.get(uuid) ?? {};
    damage.set(uuid, known);
    return known;
  };
  for (const each of inCatalog) {
    if (!each.path.endsWith(".json") || /(^|\/)\./.test(each.path)) continue;
    const bytes = each.bytes(diagnostics);
    if (bytes === undefined) continue;
    const { folder, point } = partsOfPath(each.path);
    const owner = folder === undefined ? undefined : uuids.get(folder);
    if (point === "damage") {
      const read = readJson<DamageFile>(bytes, each.file, "damage", "TM207", "capture the catalog again");
      diagnostics.push(...read.diagnostics);
      if (read.value !== undefined && owner !== undefined) {
        const damaged = read.value.manifests.map(({ point: of, fault }) => `${of}/manifest.json ${fault}`);
        const ofOwner = ofDomain(owner);
        if (damaged.length > 0) ofOwner.damaged = [...(ofOwner.damaged ?? []), ...damaged];
        ofOwner.broken = read.value.images;
      }
      continue;
    }
    const read = readManifest(bytes, point);
    if ("fault" in read) {
      if (owner === undefined) diagnostics.push(damagedManifest(each.file, read.fault));
      else ofDomain(owner).damaged = [...(ofDomain(owner).damaged ?? []), `${each.file} ${read.fault}`];
      continue;
    }
    const { manifest } = read;
    const { uuid, domain } = manifest;
    if (owner !== undefined && owner !== uuid) ofDomain(owner).stranger = manifest;
    const name = names.get(uuid) ?? domain;
    // Where a domain was renamed and its folder with it, its restore points bear the old name, and are in the new one's folder.
    const isAlong = name !== domain && folder === directoryOf(name);
    byPoint.set(`${uuid} ${point}`, keepOnce(isAlong ? { ...manifest, domain: name } : manifest));
  }
  return {
    manifests: [...byPoint.values()].sort(
      (a, b) => compareText(a.slot, b.slot) || compareText(a.point, b.point),
    ),
    damage,
  };
}

/** `catalog/<domain>/<point>.json`, or as in the repository: `catalog/<domain>/<point>/manifest.json`. */
function partsOfPath(path: string): { folder?: string; point: string } {
  const parts = path
    .replace(/\.json$/, "")
    .split("/")
    .slice(1);
  if (parts[parts.length - 1] === "manifest" && parts.length > 1) parts.pop();
  const point = parts.pop() ?? "";
  const folder = parts.pop();
  return { point, ...(folder !== undefined && { folder }) };
}

function damagedManifest(file: string, fault: string): Diagnostic {
  return {
    code: "TM207",
    severity: "error",
    message: `the manifest ${fault}`,
    hint: "copy the manifest.json from the repository again, or remove it",
    location: { file, line: 1, column: 1 },
  };
}

/** Checksums are longer, and each is another. */
const MAX_SHARED = 63;

/** Names and times are the same in the manifests of all domains and runs: this gives each text once, which halves a catalog. */
function sharing(): <T extends object>(value: T) => T {
  const texts = new Map<string, string>();
  const once = (value: unknown): unknown => {
    if (typeof value === "object" && value !== null) return share(value);
    if (typeof value !== "string" || value.length > MAX_SHARED) return value;
    const known = texts.get(value);
    if (known === undefined) texts.set(value, value);
    return known ?? value;
  };
  const share = <T extends object>(value: T): T => {
    for (const [key, inner] of Object.entries(value)) Object.assign(value, { [key]: once(inner) });
    return value;
  };
  return share;
}
