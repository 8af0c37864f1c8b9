import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { InventoryFile } from "./inventory-file.js";

/**
 * Findings without those about files that links bring into an inventory from elsewhere and that are no part of one: of each such
 * file is only said that it is none. A finding quotes the lines and values that it is about.
 */
export function withheld(diagnostics: readonly Diagnostic[], files: readonly InventoryFile[]): Diagnostic[] {
  const byName = new Map(files.map((each) => [each.file, each]));
  const strangers = new Map<string, boolean>();
  const isStranger = (name: string | undefined): boolean => {
    const file = name === undefined ? undefined : byName.get(name);
    if (name === undefined || file === undefined) return false;
    const known = strangers.get(name) ?? (file.isOutside?.() === true && !isFact(file));
    strangers.set(name, known);
    return known;
  };
  const reported = new Set<string>();
  return diagnostics.flatMap((diagnostic): Diagnostic[] => {
    const { location, related } = diagnostic;
    const stranger = [location, ...(related ?? []).map((each) => each.location)]
      .map((each) => each?.file)
      .find(isStranger);
    if (stranger === undefined) return [diagnostic];
    const key = `${diagnostic.severity} ${stranger}`;
    if (reported.has(key)) return [];
    reported.add(key);
    return [
      {
        code: "TM201",
        severity: diagnostic.severity,
        message: `${stranger} is no part of an inventory`,
        hint: "it is a link to a file elsewhere, so nothing of it is shown; take it out of the inventory",
      },
    ];
  });
}

/** Whether a file is what an inventory is made of, as far as its beginning tells. */
function isFact(file: InventoryFile): boolean {
  const bytes = file.bytes([]);
  if (bytes === undefined) return true;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return file.path.endsWith(".json")
    ? /^\s*\{\s*"(?:formatVersion|libvirt|qemu)"\s*:/.test(text)
    : /^\ufeff?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:domain|domaincheckpoint)[\s>]/.test(text);
}
