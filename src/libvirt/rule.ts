import type { DiagnosticCode } from "../diagnostics/codes.js";
import type { Finding } from "../diagnostics/diagnostic.js";
import type { Backup } from "./backup.js";
import type { Checkpoint, CheckpointDocument } from "./checkpoint.js";
import type { Domain } from "./domain.js";

/** What a rule looks at: one call of `backup-begin` or `checkpoint-create`, and the domain it is about. */
export interface Call {
  readonly domain: Domain;
  /** Checkpoints that the domain has when the call is made. */
  readonly checkpoints: readonly Checkpoint[];
  /** As it is given, and as libvirt makes it whole (align.ts). */
  readonly backup?: { readonly given: Backup; readonly whole: Backup };
  /** The checkpoint is not made but defined again. */
  readonly redefine?: true;
  readonly checkpoint?: { readonly given: CheckpointDocument; readonly whole: CheckpointDocument };
}

/** Elements and attributes of the documents that a breach may be about, as the formats spell them. */
export type DocumentPart =
  | "name"
  | "server"
  | "target"
  | "scratch"
  | "driver"
  | "exportname"
  | "exportbitmap"
  | "checkpoint"
  | "seclabel"
  | "encryption";

/** What of a call is not as the rule says, in the words of the documents: whether a policy made them, a rule does not know. */
export interface Breach extends Finding {
  /** Target of the disk that it is about. */
  readonly disk?: string;
  /** The document that it is about. */
  readonly in: "backup" | "checkpoint";
  /** The element or attribute that is to blame: the disk's, where it is about a disk. */
  readonly part?: DocumentPart;
  /** A warning is what libvirt takes and a person should know. */
  readonly severity?: "warning";
}

/** One thing that libvirt refuses, or that is refused here though libvirt takes it. */
export interface Rule {
  readonly code: DiagnosticCode;
  /** A page for people: what happens, why, what to do. Markdown. */
  readonly page: string;
  /** Where the fact is from: a file and function of libvirt or QEMU, or the experiment. */
  readonly source: string;
  /** First release of libvirt that refuses it; absent: all that know the format. */
  readonly since?: string;
  /** First release that takes it again. */
  readonly until?: string;
  /** Why it is refused here though libvirt takes it; absent: libvirt refuses it. */
  readonly ours?: string;
  /** A state of the domain that passes: a call that is made later may be taken. */
  readonly passes?: true;
  readonly breaches: (call: Call) => Iterable<Breach>;
}

/** What a person can read about a code. */
export type Page = Pick<Rule, "code" | "page" | "source" | "since" | "until" | "ours">;
