import { template } from "../templates/template.js";
import type { Backup } from "./backup.js";
import type { CheckpointDocument } from "./checkpoint.js";
import type { XmlElement } from "./xml.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};

/** Escapes as libvirt's own writer does (virbuffer.c:virBufferEscapeString), for text and single-quoted attributes. */
export function escapeXml(value: unknown): string {
  const text = String(value);
  return /[&<>'"]/.test(text) ? text.replace(/[&<>'"]/g, (character) => ENTITIES[character] as string) : text;
}

/** For templates: the given attributes of `from`, in this order, as XML. */
type Attributes = <T extends object>(from: T, ...keys: readonly string[]) => string;

const attributes: Attributes = (from, ...keys) => {
  let text = "";
  for (const key of keys) {
    const value: unknown = (from as Record<string, unknown>)[key];
    if (value === undefined) continue;
    text += ` ${key}='${typeof value === "boolean" ? (value ? "yes" : "no") : escapeXml(value)}'`;
  }
  return text;
};

const checkpointTemplate = template<
  CheckpointDocument & { readonly attributes: Attributes; readonly element: typeof writeElement }
>("checkpoint.xml", escapeXml);
const backupTemplate = template<
  Backup & { readonly attributes: Attributes; readonly store: "target" | "scratch" }
>("backup.xml", escapeXml);

/** A `<domaincheckpoint>` for `virsh backup-begin` or `checkpoint-create`, laid out as libvirt dumps it. */
export function writeCheckpoint(checkpoint: CheckpointDocument): string {
  return checkpointTemplate({ ...checkpoint, attributes, element: writeElement });
}

/** A `<domainbackup>` for `virsh backup-begin`, laid out as libvirt dumps it. */
export function writeBackup(backup: Backup): string {
  return backupTemplate({ ...backup, attributes, store: backup.mode === "push" ? "target" : "scratch" });
}

/** Prints an element in libvirt's layout: two spaces for each level, text on one line. */
export function writeElement(element: XmlElement, depth = 0): string {
  const indent = "  ".repeat(depth);
  const open = `${indent}<${element.name}${attributes(Object.fromEntries(element.attributes), ...element.attributes.keys())}`;
  if (element.children.length > 0) {
    const children = element.children.map((child) => writeElement(child, depth + 1)).join("");
    return `${open}>\n${children}${indent}</${element.name}>\n`;
  }
  return element.text === "" ? `${open}/>\n` : `${open}>${escapeXml(element.text)}</${element.name}>\n`;
}
