import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { checkpointsOf, domainOf, readXmlFile } from "../inventory/xml-files.js";
import { alignBackup, alignCheckpoint, diskOf } from "../libvirt/align.js";
import type { Backup } from "../libvirt/backup.js";
import { type Broken, checkCall } from "../libvirt/check-call.js";
import type { Checkpoint, CheckpointDocument } from "../libvirt/checkpoint.js";
import type { Domain } from "../libvirt/domain.js";
import { fromProposal } from "../libvirt/proposal-2018.js";
import { readBackup } from "../libvirt/read-backup.js";
import { readCheckpointDocument } from "../libvirt/read-checkpoint.js";
import { writeBackup, writeCheckpoint } from "../libvirt/write.js";
import { childOf, readXml, type XmlElement } from "../libvirt/xml.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { report } from "./report.js";
import { reportUsage } from "./usage.js";

interface NormalizeOptions extends Pick<InputOptions, "format"> {
  readonly domain?: string;
  readonly checkpoints?: string;
  readonly with?: string;
  readonly name?: string;
  readonly redefine?: boolean;
  readonly libvirt?: string;
}

/** One document, read. */
interface Document {
  readonly root: XmlElement;
  readonly backup?: Backup;
  readonly checkpoint?: CheckpointDocument;
}

/** `tidemark normalize`: prints a document as libvirt would; with a domain, also what libvirt would add and refuse. */
export function normalizeCommand(file: string, options: NormalizeOptions): ExitStatus {
  const { libvirt } = options;
  if (libvirt !== undefined && !/^\d+(?:\.\d+){0,2}$/.test(libvirt))
    return reportUsage(
      `--libvirt cannot be ${JSON.stringify(libvirt)}`,
      "write the version that virsh version prints, such as 9.0.0",
      options.format,
    );
  const diagnostics: Diagnostic[] = [];
  const domain = options.domain === undefined ? undefined : domainOf(options.domain, diagnostics);
  const checkpoints =
    options.checkpoints === undefined ? [] : checkpointsOf(options.checkpoints, diagnostics);
  const document = documentOf(file, domain, options, diagnostics);
  const other =
    options.with === undefined ? undefined : documentOf(options.with, domain, options, diagnostics);
  let text: string | undefined;
  if (document !== undefined && !hasErrors(diagnostics)) {
    if (domain !== undefined)
      diagnostics.push(...broken([document, ...(other ? [other] : [])], domain, checkpoints, options));
    text = written(document, other, domain, options.redefine === true);
  }
  report(diagnostics, options.format);
  if (hasErrors(diagnostics) || text === undefined) return 1;
  process.stdout.write(text);
  return 0;
}

function written(
  { backup, checkpoint }: Document,
  other: Document | undefined,
  domain: Domain | undefined,
  redefine: boolean,
): string {
  if (backup !== undefined)
    return writeBackup(domain === undefined ? backup : alignBackup(backup, domain, other?.checkpoint?.name));
  const document = checkpoint ?? {};
  return writeCheckpoint(domain === undefined || redefine ? document : alignCheckpoint(document, domain));
}

/** The breaches of rules, each at its location in its document. */
function broken(
  documents: readonly Document[],
  domain: Domain,
  checkpoints: readonly Checkpoint[],
  { redefine, libvirt }: NormalizeOptions,
): Diagnostic[] {
  const backup = documents.find((each) => each.backup !== undefined);
  const checkpoint = documents.find((each) => each.checkpoint !== undefined);
  const given = {
    ...(backup?.backup && { backup: backup.backup }),
    ...(checkpoint?.checkpoint && { checkpoint: checkpoint.checkpoint }),
    ...(redefine && { redefine }),
    ...(libvirt !== undefined && { libvirt }),
  };
  return checkCall(given, domain, checkpoints).map((breach): Diagnostic => {
    const { root } = (breach.in === "checkpoint" ? checkpoint : backup) ?? (documents[0] as Document);
    const disk = domain.disks.find(({ target }) => target === breach.disk);
    return {
      code: breach.rule.code,
      severity: breach.severity ?? "error",
      message: breach.message,
      hint: breach.hint,
      location: locationOf(root, domain, breach),
      ...(disk?.location && {
        related: [{ location: disk.location, message: `the disk "${disk.target}" of "${domain.name}"` }],
      }),
    };
  });
}

/**
 * The element that a breach is about: the disk, the part in it, or the document. The location of an attribute is that
 * of its element.
 */
function locationOf(root: XmlElement, domain: Domain, { disk, part }: Broken): Location {
  const element = childOf(root, "disks")?.children.findLast(({ attributes }) => {
    const name = attributes.get("name") ?? "";
    return name === disk || diskOf(domain, name)?.target === disk;
  });
  if (disk !== undefined && element === undefined) return root.location;
  const about = element ?? root;
  return ((part && within(about, part)) ?? about).location;
}

/** The nearest element of that name within another one. */
function within(element: XmlElement, name: string): XmlElement | undefined {
  const { children } = element;
  return childOf(element, name) ?? children.map((child) => within(child, name)).find(Boolean);
}

function documentOf(
  file: string,
  domain: Domain | undefined,
  { name, libvirt }: NormalizeOptions,
  diagnostics: Diagnostic[],
): Document | undefined {
  const bytes = readXmlFile(file, diagnostics);
  if (bytes === undefined) return undefined;
  const { root: asWritten, diagnostics: problems } = readXml(bytes, file);
  diagnostics.push(...problems);
  if (asWritten === undefined) return undefined;
  const { root, diagnostics: changes } = fromProposal(asWritten, domain);
  diagnostics.push(...changes);
  if (hasErrors(changes)) return undefined;
  if (root.name === "domainbackup") {
    const { backup, diagnostics: reading } = readBackup(root, libvirt);
    diagnostics.push(...reading);
    return backup && { root, backup };
  }
  const { checkpoint, diagnostics: reading } = readCheckpointDocument(root, libvirt);
  diagnostics.push(...reading);
  return checkpoint && { root, checkpoint: { ...(name !== undefined && { name }), ...checkpoint } };
}
