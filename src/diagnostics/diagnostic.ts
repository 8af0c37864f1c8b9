import type { DiagnosticCode } from "./codes.js";

/** Only an error keeps a plan from being written. */
export type Severity = "error" | "warning" | "info";

/** A location in an input file. Lines and columns count from 1; columns count UTF-16 units. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Column just past the marked text, on the same line. Absent: one character is marked. */
  readonly endColumn?: number;
}

/** What is wrong and what to do about it, before its severity and its location are known. */
export interface Finding {
  readonly message: string;
  readonly hint: string;
}

/** Takes the place of something that does not exist, and says why. */
export interface Missing {
  readonly missing: string;
}

export function isMissing(found: object): found is Missing {
  return "missing" in found;
}

/** What tidemark reports about an input. `message` says what is wrong, `hint` what to do about it. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly hint?: string;
  readonly location?: Location;
  /** Other locations that belong to it, such as the inventory file behind a diagnostic about the policy. */
  readonly related?: readonly { readonly location: Location; readonly message: string }[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** Reading order: by file, then location, then severity, then code; stable for equal locations. */
export function inReadingOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => {
    const x = a.location;
    const y = b.location;
    return (
      compareText(x?.file ?? "", y?.file ?? "") ||
      (x?.line ?? 0) - (y?.line ?? 0) ||
      (x?.column ?? 0) - (y?.column ?? 0) ||
      RANK[a.severity] - RANK[b.severity] ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message)
    );
  });
}

/** Order by code unit, independent of the locale (`localeCompare` uses the host's). */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
