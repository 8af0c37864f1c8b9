import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import type { Checkpoint } from "../libvirt/checkpoint.js";
import type { Domain } from "../libvirt/domain.js";
import { readCheckpoint } from "../libvirt/read-checkpoint.js";
import { readDomain } from "../libvirt/read-domain.js";
import { MAX_XML } from "../libvirt/xml.js";
import { readUpTo } from "./bounded.js";
import { inTreeOrder } from "./checkpoints.js";
import { readFolder } from "./load.js";

/** Reads a domain's XML as `virsh dumpxml` prints it; errors go to `diagnostics`. */
export function domainOf(file: string, diagnostics: Diagnostic[]): Domain | undefined {
  const bytes = readXmlFile(file, diagnostics);
  if (bytes === undefined) return undefined;
  const { domain, diagnostics: reading } = readDomain(bytes, file);
  diagnostics.push(...reading);
  return domain;
}

/** Reads a folder with the output of `virsh checkpoint-dumpxml`, such as an inventory's `checkpoints/DOMAIN`. */
export function checkpointsOf(folder: string, diagnostics: Diagnostic[]): readonly Checkpoint[] {
  const { files, diagnostics: problems } = readFolder(folder);
  diagnostics.push(...problems);
  return inTreeOrder(
    files
      .filter(({ path }) => path.endsWith(".xml"))
      .flatMap((each) => {
        const bytes = each.bytes(diagnostics);
        if (bytes === undefined) return [];
        const { checkpoint, diagnostics: reading } = readCheckpoint(bytes, each.file);
        diagnostics.push(...reading);
        return checkpoint ?? [];
      }),
  );
}

/** Reads an XML file, or the standard input for `-`; errors go to `diagnostics`. */
export function readXmlFile(file: string, diagnostics: Diagnostic[]): Uint8Array | undefined {
  try {
    return readUpTo(file === "-" ? 0 : file, MAX_XML);
  } catch (error) {
    const reason = fileReason(error);
    if (reason === undefined) throw error;
    diagnostics.push({
      code: "TM201",
      severity: "error",
      message: `cannot read ${file}: ${reason}`,
      hint: "name an XML file, or - for the standard input",
    });
    return undefined;
  }
}
