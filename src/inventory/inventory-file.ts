import type { Diagnostic } from "../diagnostics/diagnostic.js";

/** A file of an inventory. */
export interface InventoryFile {
  /** Relative to the inventory's folder, with `/`. */
  readonly path: string;
  /** As it is to be shown in diagnostics. */
  readonly file: string;
  /**
   * Reads the file. It is read when it is asked for, because a fleet's catalog is larger than what is kept of it.
   * @returns undefined if it cannot be read; `diagnostics` then get the reason
   */
  readonly bytes: (diagnostics: Diagnostic[]) => Uint8Array | undefined;
  /** Whether a link has brought it from where the inventory's author may not be able to read. Absent: none has. */
  readonly isOutside?: () => boolean;
}
