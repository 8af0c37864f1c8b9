import type { DiagnosticCode } from "../diagnostics/codes.js";
import type { Severity } from "../diagnostics/diagnostic.js";

export type Say = (code: DiagnosticCode, message: string, hint: string, severity?: Severity) => void;

/** One value of a policy, whose type has not been checked. */
export interface Visit {
  readonly value: unknown;
  /** JSON pointer of the value. */
  readonly pointer: string;
  readonly key: string;
  /** Key of the object above, for settings that share a name. */
  readonly parent: string;
  readonly siblings: Readonly<Record<string, unknown>>;
  readonly say: Say;
}
