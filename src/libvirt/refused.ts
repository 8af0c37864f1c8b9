import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { isOlder, RELEASES } from "./features.js";
import { type Grammar, type Misfit, misfits } from "./grammar.js";
import type { XmlElement } from "./xml.js";

/**
 * The deviations of a document from libvirt's schema.
 * @param libvirt release whose schema it is; undefined: what all releases have in common
 */
export function deviations(
  root: XmlElement,
  grammarOf: (libvirt: string | undefined) => Grammar,
  libvirt: string | undefined,
): Diagnostic[] {
  const faults = misfits(root, grammarOf(libvirt));
  if (faults.length === 0) return [];
  const later = RELEASES.filter((release) => libvirt === undefined || isOlder(libvirt, release)).map(
    (release) => ({ release, faults: misfits(root, grammarOf(release)) }),
  );
  return faults.map(({ message, hint, location }) => {
    const isSame = (other: Misfit) =>
      other.message === message &&
      other.location.line === location.line &&
      other.location.column === location.column;
    const taking = later.find((each) => !each.faults.some(isSame));
    return {
      code: "TM407",
      severity: "error",
      message: `the document does not match libvirt's schema of <${root.name}>: ${message}`,
      hint: taking === undefined ? hint : acceptedSince(hint, taking.release),
      location,
    };
  });
}

/** A hint, and from which release on libvirt takes what it is about. */
export function acceptedSince(hint: string, release: string): string {
  return `${hint}; libvirt ${release} and newer accept it (--libvirt ${release})`;
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
