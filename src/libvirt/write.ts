import { template } from "../templates/template.js";
import type { Backup } from "./backup.js";
import type { Checkpoint } from "./checkpoint.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};

/** Characters that no XML 1.0 document can hold, not even as a reference (XML 1.0, 2.2 Char). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;

export function canBeXml(text: string): boolean {
  return !FORBIDDEN.test(text);
}

/** Escapes as libvirt's own writer does (virbuffer.c:virBufferEscapeString), for text and single-quoted attributes. */
export function escapeXml(value: unknown): string {
  return String(value).replace(/[&<>'"]/g, (character) => ENTITIES[character] as string);
}

const checkpointTemplate = template<Checkpoint>("checkpoint.xml", escapeXml);
const backupTemplate = template<Backup>("backup.xml", escapeXml);

/** A `<domaincheckpoint>` for `virsh backup-begin` or `checkpoint-create`, laid out as libvirt dumps it. */
export function writeCheckpoint(checkpoint: Checkpoint): string {
  return checkpointTemplate(checkpoint);
}

/** A `<domainbackup>` for `virsh backup-begin`, laid out as libvirt dumps it. */
export function writeBackup(backup: Backup): string {
  return backupTemplate(backup);
}
