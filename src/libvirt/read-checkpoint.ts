import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Checkpoint, CheckpointDisk, CheckpointDocument } from "./checkpoint.js";
import { checkpointGrammar } from "./checkpoint-grammar.js";
import { deviations, wrongRoot } from "./refused.js";
import { childOf, childrenOf, readXml, textOf, type XmlElement } from "./xml.js";

/**
 * Reads a `<domaincheckpoint>` element that a person wrote; TM204 for another element, TM407 for each deviation from
 * libvirt's schema.
 * @param libvirt release whose schema it has to match; undefined: what all releases have in common
 */
export function readCheckpointDocument(
  root: XmlElement,
  libvirt?: string,
): {
  checkpoint?: CheckpointDocument;
  diagnostics: readonly Diagnostic[];
} {
  if (root.name !== "domaincheckpoint") return { diagnostics: [wrongRoot(root, "domaincheckpoint")] };
  const diagnostics = deviations(root, checkpointGrammar, libvirt);
  if (diagnostics.length > 0) return { diagnostics };
  const name = childOf(root, "name")?.text;
  const description = childOf(root, "description")?.text;
  const parent = childOf(root, "parent");
  const parentName = parent && childOf(parent, "name")?.text;
  const creationTime = childOf(root, "creationTime")?.text;
  const disks = childOf(root, "disks");
  const domain = childOf(root, "domain");
  return {
    checkpoint: {
      ...(name !== undefined && { name }),
      ...(description && { description }),
      ...(parentName !== undefined && { parent: parentName }),
      ...(creationTime !== undefined && { creationTime: Number(creationTime) }),
      ...(disks && { disks: childrenOf(disks, "disk").map(({ attributes }) => readDisk(attributes)) }),
      ...(domain && { domain }),
    },
    diagnostics: [],
  };
}

/** Reads what `virsh checkpoint-dumpxml` prints, with or without `--no-domain` and `--size`. TM204 if it is something else. */
export function readCheckpoint(
  bytes: Uint8Array,
  file: string,
): { checkpoint?: Checkpoint; domainUuid?: string; diagnostics: readonly Diagnostic[] } {
  const { root, diagnostics } = readXml(bytes, file);
  if (root === undefined) return { diagnostics };
  const name = textOf(root, "name");
  if (root.name !== "domaincheckpoint" || name === undefined) {
    return {
      diagnostics: [
        {
          code: "TM204",
          severity: "error",
          message: `the file is not a checkpoint's XML: ${root.name === "domaincheckpoint" ? "it has no <name>" : `its root is <${root.name}>`}`,
          hint: "capture it with: virsh checkpoint-dumpxml DOMAIN CHECKPOINT --no-domain",
          location: root.location,
        },
      ],
    };
  }
  const description = textOf(root, "description");
  const parent = childOf(root, "parent");
  const parentName = parent && textOf(parent, "name");
  const creationTime = textOf(root, "creationTime");
  const domain = childOf(root, "domain");
  const domainUuid = domain && textOf(domain, "uuid")?.toLowerCase();
  const disks = childOf(root, "disks");
  return {
    checkpoint: {
      name,
      ...(description !== undefined && { description }),
      ...(parentName !== undefined && { parent: parentName }),
      ...(creationTime !== undefined && { creationTime: Number(creationTime) }),
      disks:
        disks === undefined ? [] : childrenOf(disks, "disk").map(({ attributes }) => readDisk(attributes)),
    },
    ...(domainUuid !== undefined && { domainUuid }),
    diagnostics: [],
  };
}

/** A disk that is listed without `checkpoint` has a bitmap (checkpoint_conf.c). */
function readDisk(attributes: ReadonlyMap<string, string>): CheckpointDisk {
  const bitmap = attributes.get("bitmap");
  const size = attributes.get("size");
  return {
    name: attributes.get("name") ?? "",
    checkpoint: attributes.get("checkpoint") === "no" ? "no" : "bitmap",
    ...(bitmap !== undefined && { bitmap }),
    ...(size !== undefined && { size: Number(size) }),
  };
}
