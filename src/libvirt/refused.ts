import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Misfit } from "./grammar.js";
import type { XmlElement } from "./xml.js";

/** A deviation from libvirt's schema as a diagnostic. */
export function asDiagnostic({ message, hint, location }: Misfit, schema: string): Diagnostic {
  return {
    code: "TM407",
    severity: "error",
    message: `the document does not match libvirt's schema of <${schema}>: ${message}`,
    hint,
    location,
  };
}

export function wrongRoot(root: XmlElement, wanted: string): Diagnostic {
  return {
    code: "TM204",
    severity: "error",
    message: `the file contains a <${root.name}> instead of a <${wanted}>`,
    hint: `name a file whose root is <${wanted}>`,
    location: root.location,
  };
}
