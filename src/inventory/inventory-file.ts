import type { Diagnostic } from "../diagnostics/diagnostic.js";

/** A file of an inventory. */
export interface InventoryFile {
  /** Relative to the inventory's folder, with `/`. */
  readonly path: string;
  /** As it is to be shown in diagnostics. */
  readonly file: string;
  /** Read when they are asked for, as a fleet's catalog is larger than what is kept of it; or why they cannot be. */
  readonly bytes: () => Uint8Array | Diagnostic;
  /** Whether a link has brought it from where the inventory's author may not be able to read. Absent: none has. */
  readonly isOutside?: () => boolean;
}
