import type { DiagnosticCode } from "../../diagnostics/codes.js";
import type { DocumentPart } from "../../libvirt/rule.js";

/** The setting of a domain or disk from which a part of the documents is made. */
export const SETTING_OF: Readonly<Record<Exclude<DocumentPart, "name">, string>> = {
  server: "server",
  target: "target",
  scratch: "scratch",
  driver: "format",
  exportname: "exportName",
  exportbitmap: "exportBitmap",
  checkpoint: "checkpoint",
  seclabel: "seclabels",
  encryption: "scratchSecret",
};

/**
 * What to change in a policy when one of libvirt's rules is broken. The rules speak of documents only; if a code is not in this
 * table, the hint of the rule is right for a policy as well.
 */
export const ADVICE = {
  TM405: "set format: qcow2, or checkpoint: false for a full in every run",
  TM413: "convert the disk to qcow2, or set checkpoint: false for it",
  TM426: "leave out exportName, or give each disk a different one",
  TM427: "leave out exportBitmap, or shorten it",
  TM428: "put {disk} into the path",
  TM435: "set checkpoint: false for the disk; every run then copies it whole",
  TM436: "wait for the block job (virsh blockjob), then capture the inventory again",
} as const satisfies Partial<Record<DiagnosticCode, string>>;

export function adviceOf(code: DiagnosticCode): string | undefined {
  return Object.hasOwn(ADVICE, code) ? ADVICE[code as keyof typeof ADVICE] : undefined;
}
