import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Domain, DomainDisk, DomainMetadata } from "./domain.js";
import { outsideOf } from "./outside.js";
import { childOf, childrenOf, readXml, textOf, type XmlElement } from "./xml.js";

/** Reads the output of `virsh dumpxml` for a running or stopped domain. TM204 if it is not a domain's XML. */
export function readDomain(
  bytes: Uint8Array,
  file: string,
): { domain?: Domain; root?: XmlElement; diagnostics: readonly Diagnostic[] } {
  const { root, diagnostics } = readXml(bytes, file);
  if (root === undefined) return { diagnostics };
  const name = textOf(root, "name");
  const uuid = textOf(root, "uuid")?.toLowerCase();
  if (root.name !== "domain" || name === undefined || uuid === undefined) {
    const lacks =
      root.name !== "domain"
        ? `its root is <${root.name}>`
        : `it has no <${name === undefined ? "name" : "uuid"}>`;
    return {
      diagnostics: [
        {
          code: "TM204",
          severity: "error",
          message: `the file is not a domain's XML: ${lacks}`,
          hint: "capture it with: virsh dumpxml DOMAIN",
          location: root.location,
        },
      ],
    };
  }
  const devices = childOf(root, "devices");
  const disks =
    devices === undefined ? [] : childrenOf(devices, "disk").flatMap((disk) => readDisk(disk) ?? []);
  const title = textOf(root, "title");
  const metadata = readMetadata(root);
  const outside = outsideOf(root);
  return {
    domain: {
      name,
      uuid,
      ...(title !== undefined && { title }),
      ...(metadata.length > 0 && { metadata }),
      disks,
      ...(outside.length > 0 && { outside }),
    },
    root: childOf(root, "name") ?? root,
    diagnostics: [],
  };
}

function readMetadata(root: XmlElement): DomainMetadata[] {
  const metadata = childOf(root, "metadata");
  if (metadata === undefined) return [];
  return metadata.children.map((element) => {
    const tags = new Map<string, string>();
    const [prefix, local] = splitName(element.name);
    const declaration = prefix === "" ? "xmlns" : `xmlns:${prefix}`;
    const from = [element, metadata, root].find(({ attributes }) => attributes.has(declaration));
    collectTags(element, "", tags);
    if (element.children.length === 0) tags.set(local, element.text.trim());
    return { namespace: from?.attributes.get(declaration) ?? "", tags: Object.fromEntries(tags) };
  });
}

function collectTags({ attributes, children }: XmlElement, path: string, tags: Map<string, string>): void {
  for (const [name, value] of attributes) {
    if (!/^xmlns(?::|$)/.test(name)) tags.set(path + splitName(name)[1], value);
  }
  for (const child of children) {
    const inner = path + splitName(child.name)[1];
    if (child.children.length === 0) tags.set(inner, child.text.trim());
    collectTags(child, `${inner}/`, tags);
  }
}

/** Prefix, if any, and local name. */
function splitName(name: string): [string, string] {
  const at = name.indexOf(":");
  return at < 0 ? ["", name] : [name.slice(0, at), name.slice(at + 1)];
}

function readDisk(disk: XmlElement): DomainDisk | undefined {
  const target = childOf(disk, "target");
  const name = target?.attributes.get("dev");
  if (name === undefined) return undefined;
  const type = disk.attributes.get("type") ?? "file";
  const device = disk.attributes.get("device");
  const sourceElement = childOf(disk, "source");
  const source = sourceOf(type, sourceElement);
  const backingChain = backingOf(disk);
  return {
    target: name,
    bus: target?.attributes.get("bus") ?? "",
    device: device === "cdrom" || device === "floppy" || device === "lun" ? device : "disk",
    type,
    format: childOf(disk, "driver")?.attributes.get("type") ?? "raw",
    ...(source !== undefined && { source }),
    readonly: childOf(disk, "readonly") !== undefined,
    transient: childOf(disk, "transient") !== undefined,
    shareable: childOf(disk, "shareable") !== undefined,
    dataStore: childOf(sourceElement ?? disk, "dataStore") !== undefined,
    ...([sourceElement, disk].some((element) => element && childOf(element, "encryption")) && {
      encrypted: true,
    }),
    ...(childOf(disk, "mirror") !== undefined && { mirror: true }),
    ...(backingChain && { backingChain }),
    location: disk.location,
  };
}

/** A source as one line of text, by the attributes that libvirt gives each type (formatdomain, disk source). */
function sourceOf(type: string, source: XmlElement | undefined): string | undefined {
  if (source === undefined) return undefined;
  const get = (name: string) => source.attributes.get(name);
  switch (type) {
    case "file":
      return get("file") || undefined;
    case "block":
    case "vhostvdpa":
      return get("dev") || undefined;
    case "dir":
      return get("dir") || undefined;
    case "volume":
      return get("volume") && `${get("pool") ?? ""}/${get("volume")}`;
    case "network":
      return `${get("protocol") ?? "network"}:${get("name") ?? ""}`;
    default:
      return type;
  }
}

/**
 * The backing chain. libvirt ends a known chain with an empty `<backingStore/>`; without that, the chain is unknown.
 */
function backingOf(disk: XmlElement): { format: string; source: string }[] | undefined {
  const chain: { format: string; source: string }[] = [];
  for (
    let store = childOf(disk, "backingStore");
    store !== undefined;
    store = childOf(store, "backingStore")
  ) {
    const type = store.attributes.get("type");
    if (type === undefined) return chain;
    chain.push({
      format: childOf(store, "format")?.attributes.get("type") ?? "raw",
      source: sourceOf(type, childOf(store, "source")) ?? "",
    });
  }
  return chain.length > 0 ? chain : undefined;
}
