import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Backup, BackupDisk, Encryption, NbdServer, Seclabel, Store } from "./backup.js";
import { backupGrammar } from "./backup-grammar.js";
import { deviations, wrongRoot } from "./refused.js";
import { childOf, childrenOf, type XmlElement } from "./xml.js";

/**
 * Reads a `<domainbackup>` element; TM204 for another element, TM407 for each deviation from libvirt's schema. Values
 * that libvirt's reader fills in are filled in (backup_conf.c:virDomainBackupDefParse). Names keep white space, as in
 * libvirt.
 * @param libvirt release whose schema it has to match; undefined: what all releases have in common
 */
export function readBackup(
  root: XmlElement,
  libvirt?: string,
): { backup?: Backup; diagnostics: readonly Diagnostic[] } {
  if (root.name !== "domainbackup") return { diagnostics: [wrongRoot(root, "domainbackup")] };
  const diagnostics = deviations(root, (release) => backupGrammar(root, release), libvirt);
  if (diagnostics.length > 0) return { diagnostics };
  const mode = root.attributes.get("mode") === "pull" ? "pull" : "push";
  // An empty string is not a name, as in libvirt.
  const incremental = childOf(root, "incremental")?.text;
  const server = childOf(root, "server");
  const disks = childOf(root, "disks");
  return {
    backup: {
      mode,
      ...(incremental && { incremental }),
      ...(server && { server: serverOf(server) }),
      ...(disks && {
        disks: childrenOf(disks, "disk").map((disk) => diskOf(disk, mode === "push" ? "target" : "scratch")),
      }),
    },
    diagnostics: [],
  };
}

function serverOf({ attributes }: XmlElement): NbdServer {
  const tls = attributes.get("tls");
  const common = tls === undefined ? {} : { tls: tls === "yes" };
  const port = attributes.get("port");
  switch (attributes.get("transport")) {
    case "unix":
      return { transport: "unix", ...common, socket: attributes.get("socket") ?? "" };
    case "fd":
      return { transport: "fd", ...common, fdgroup: attributes.get("fdgroup") ?? "" };
    default:
      return {
        transport: "tcp",
        ...common,
        name: attributes.get("name") ?? "",
        // libvirt writes zero for no port.
        ...(port !== undefined && Number(port) !== 0 && { port: Number(port) }),
      };
  }
}

function diskOf(disk: XmlElement, storeName: "target" | "scratch"): BackupDisk {
  const { attributes } = disk;
  const name = attributes.get("name") ?? "";
  if (attributes.get("backup") === "no") return { name, backup: "no" };
  const backupmode = attributes.get("backupmode");
  const driver = childOf(disk, "driver")?.attributes.get("type");
  const store = childOf(disk, storeName);
  return {
    name,
    backup: "yes",
    type: attributes.get("type") === "block" ? "block" : "file",
    ...((backupmode === "full" || backupmode === "incremental") && { backupmode }),
    ...optional(attributes, "incremental"),
    ...optional(attributes, "exportname"),
    ...optional(attributes, "exportbitmap"),
    ...(driver !== undefined && { driver }),
    ...(store && { store: storeOf(store) }),
  };
}

function storeOf(store: XmlElement): Store {
  const seclabels = childrenOf(store, "seclabel").map(seclabelOf);
  const encryption = childOf(store, "encryption");
  return {
    path: store.attributes.get("file") ?? store.attributes.get("dev") ?? "",
    ...(seclabels.length > 0 && { seclabels }),
    ...(encryption && { encryption: encryptionOf(encryption) }),
  };
}

function seclabelOf(seclabel: XmlElement): Seclabel {
  return {
    ...optional(seclabel.attributes, "model"),
    ...(seclabel.attributes.has("labelskip")
      ? { labelskip: "yes" }
      : { relabel: seclabel.attributes.get("relabel") === "no" ? "no" : "yes" }),
    labels: childrenOf(seclabel, "label").map(({ text }) => text),
  };
}

function encryptionOf(encryption: XmlElement): Encryption {
  const secret = childOf(encryption, "secret")?.attributes;
  const cipher = childOf(encryption, "cipher")?.attributes;
  const ivgen = childOf(encryption, "ivgen")?.attributes;
  const usage = secret?.get("usage");
  return {
    format: "luks",
    ...(encryption.attributes.has("engine") && { engine: "qemu" }),
    secret: usage === undefined ? { uuid: secret?.get("uuid") ?? "" } : { usage },
    ...(cipher && {
      cipher: {
        name: cipher.get("name") ?? "",
        size: Number(cipher.get("size")),
        ...optional(cipher, "mode"),
        ...optional(cipher, "hash"),
      },
    }),
    ...(ivgen && { ivgen: { name: ivgen.get("name") ?? "", ...optional(ivgen, "hash") } }),
  };
}

function optional<K extends string>(
  attributes: ReadonlyMap<string, string>,
  key: K,
): { readonly [key in K]?: string } {
  const value = attributes.get(key);
  return (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: string };
}
