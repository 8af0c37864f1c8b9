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
  /** The document as given, and as libvirt completes it (align.ts). */
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

/**
 * A breach of a rule by a call, in the words of the documents, because a rule does not know whether a policy made them.
 */
export interface Breach extends Finding {
  /** Target of the disk that it is about. */
  readonly disk?: string;
  /** The document that it is about. */
  readonly in: "backup" | "checkpoint";
  /** The element or attribute that causes the breach, within the disk if it is about a disk. */
  readonly part?: DocumentPart;
  /** A warning is about something that libvirt accepts but a person should know. */
  readonly severity?: "warning";
  /** libvirt may accept it; tidemark does not, whatever the rule says of its other breaches. */
  readonly ours?: true;
  /** First release of libvirt that refuses it; absent: as the rule says. */
  readonly since?: string;
  /** First release of libvirt that accepts it; absent: none does. */
  readonly until?: string;
}

/** Something that libvirt refuses, or that tidemark refuses although libvirt accepts it. */
export interface Rule {
  readonly code: DiagnosticCode;
  /** A page for people: what happens, why, what to do. Markdown. */
  readonly page: string;
  /** Where the fact is from: a file and function of libvirt or QEMU, or the experiment. */
  readonly source: string;
  /** First release of libvirt that refuses it; absent: all releases that have the format. */
  readonly since?: string;
  /** First release of libvirt that accepts all of it; a breach may have such a release of its own. */
  readonly until?: string;
  /** Why tidemark refuses it although libvirt accepts it; absent: libvirt refuses it. */
  readonly ours?: string;
  /** The state of the domain is temporary: libvirt may accept a later call. */
  readonly passes?: true;
  readonly breaches: (call: Call) => Iterable<Breach>;
}

/** The page of a code. */
export type Page = Pick<Rule, "code" | "page" | "source" | "since" | "until" | "ours">;
