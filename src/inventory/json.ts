import { validator } from "../assets/assets.js";
import { schemaErrors } from "../assets/schema-errors.js";
import type { DiagnosticCode } from "../diagnostics/codes.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";

/**
 * Reads a JSON file of the inventory and checks it with its schema; everything wrong with it is one diagnostic of
 * `code`.
 */
export function readJson<T>(
  bytes: Uint8Array,
  file: string,
  schema: "host" | "damage" | "evidence" | "sizes",
  code: DiagnosticCode,
  hint: string,
): { value?: T; diagnostics: readonly Diagnostic[] } {
  const refuse = (message: string) => ({
    diagnostics: [
      { code, severity: "error", message, hint, location: { file, line: 1, column: 1 } } as const,
    ],
  });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return refuse(
      `the file is not JSON: ${error instanceof SyntaxError ? error.message : "it is not UTF-8"}`,
    );
  }
  const version =
    typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion;
  if (typeof version === "string" && !/^1\./.test(version)) {
    return refuse(`the file has format ${version}, but this tidemark knows only 1.x`);
  }
  if (hasHalfCharacter(value)) return refuse("the file has text that is not Unicode");
  const validate = validator(schema);
  if (validate(value)) return { value: value as T, diagnostics: [] };
  return refuse(`the file does not match its schema: ${schemaErrors(validate).join("; ")}`);
}

/** Whether a text in it has half of a character: JSON can write that with an escape, and no schema can tell it in every language. */
export function hasHalfCharacter(value: unknown): boolean {
  if (typeof value === "string") return /\p{Cs}/u.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasHalfCharacter);
}
