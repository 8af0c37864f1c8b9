import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { SourceTree } from "./yaml.js";

/** Refuses a policy for another tidemark because of its version (TM104), not because of each key that this tidemark does not know. */
export function otherVersion({ value, values }: SourceTree): Diagnostic | undefined {
  const version = typeof value === "object" && value !== null && "version" in value ? value.version : 1;
  if (version === 1) return undefined;
  const location = values.get("/version");
  const isQuoted = version === "1";
  if (typeof version !== "string" && !Number.isFinite(version)) {
    const hint = "write the number alone: version: 1";
    return {
      code: "TM104",
      severity: "error",
      message: "the policy's version is not a number",
      hint,
      ...(location && { location }),
    };
  }
  return {
    code: "TM104",
    severity: "error",
    message: isQuoted
      ? "the policy's version is text, but it must be a number"
      : `the policy has version ${version}, but this tidemark knows only version 1`,
    hint: isQuoted
      ? "write the number without quotes: version: 1"
      : "use a tidemark that knows that version, or write the policy for version 1",
    ...(location && { location }),
  };
}
