import { validator } from "../assets/assets.js";
import { schemaErrors } from "../assets/schema-errors.js";
import { hasHalfCharacter } from "./json.js";
import type { Manifest } from "./manifest.js";

/** Bytes of the largest manifest that is read: a disk takes about 500. `templates/lib/manifest.bash` has the same. */
export const MAX_MANIFEST = 1 << 20;

const STRING = /"(?:[^"\\]|\\.)*"/g;

/**
 * Reads a manifest. It is whole, or it is damage: nothing of it is guessed. `templates/lib/manifest.bash` reads the same
 * texts to the same values and refuses the same ones; a test holds the two together.
 * @param point the restore point that its folder, or in a catalog its file, is named after
 * @returns `fault`: what is wrong with it, as the end of a sentence that begins with the file's name
 */
export function readManifest(bytes: Uint8Array, point: string): { manifest: Manifest } | { fault: string } {
  if (bytes.length === 0) return { fault: "is empty" };
  if (bytes.length > MAX_MANIFEST) return { fault: "is larger than any manifest" };
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    return { fault: `is not JSON: ${error instanceof SyntaxError ? error.message : "it is not UTF-8"}` };
  }
  const version =
    typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion;
  if (typeof version === "string" && version !== "2.0") {
    return { fault: `has format ${JSON.stringify(version)}, and this tidemark reads 2.0` };
  }
  const validate = validator("manifest");
  if (!validate(value)) {
    return { fault: `is not as the schema of manifests says: ${schemaErrors(validate).join("; ")}` };
  }
  const manifest = value as Manifest;
  const fault = ambiguity(text, manifest) ?? contradiction(manifest, point);
  return fault === undefined ? { manifest } : { fault };
}

/** What JSON.parse takes without a word, and other readers of JSON take otherwise. */
function ambiguity(text: string, manifest: Manifest): string | undefined {
  const strings = text.match(STRING)?.length ?? 0;
  if (strings !== stringsIn(manifest)) return "has a key twice";
  if (/\d[.eE]|-\d/.test(text.replace(STRING, '""')))
    return "has a number that is not written as a whole one";
  if (hasHalfCharacter(manifest)) return "has text that is not Unicode";
  return undefined;
}

/** Keys and strings of a value; where a key stands twice, its text has more. */
function stringsIn(value: unknown): number {
  if (typeof value === "string") return 1;
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce<number>((sum, each) => sum + stringsIn(each), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

/** What the parts of a manifest say of each other. */
function contradiction(manifest: Manifest, point: string): string | undefined {
  const { disks, targets } = manifest;
  if (manifest.point !== point) return `is of the restore point ${manifest.point}, not of ${point}`;
  if (manifest.point !== `${manifest.policy}-${manifest.slot.replaceAll(/[-:]/g, "")}`) {
    return `is of the restore point ${point}, and of another policy or slot`;
  }
  if (targets.join() !== disks.map(({ target }) => target).join()) {
    return `tells of the disks ${disks.map(({ target }) => target).join(" ")}, and its targets are ${targets.join(" ")}`;
  }
  if (new Set(targets).size !== targets.length) return "tells of a disk twice";
  for (const { target, level, base, bitmap } of disks) {
    if ((level === "full") !== (base === null))
      return `has the disk ${target} as ${level}, with the base ${base}`;
    if (base !== null && base.slice(-16) >= point.slice(-16)) {
      return `has the disk ${target} on ${base}, which is not older`;
    }
    if (bitmap && manifest.checkpoint === null)
      return `has a bitmap of the disk ${target}, and no checkpoint`;
  }
  const files = (manifest.machine ?? []).map(({ file }) => file);
  if (new Set(files).size !== files.length) return "tells of a file of the machine twice";
  return undefined;
}
