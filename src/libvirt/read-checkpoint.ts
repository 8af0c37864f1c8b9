import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Checkpoint, CheckpointDisk } from "./checkpoint.js";
import { childOf, childrenOf, readXml, textOf } from "./xml.js";

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

/** A disk that is listed without a word about its bitmap has one (checkpoint_conf.c). */
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
