/** Who may read what runs write. */
export interface Permissions {
  /** Name or number; absent: the user of the run. */
  readonly owner?: string;
  readonly group?: string;
  /** Mode of files, in octal digits: `0640`. */
  readonly mode: FileMode;
}

/** Four octal digits; the owner reads and writes, nobody executes, and only owner and group may write. */
export type FileMode = `06${"0" | "4" | "6"}${"0" | "4"}`;

/** Reads `0640` or `640`; undefined if it is something else. */
export function parseMode(text: string): FileMode | undefined {
  return /^0?6[046][04]$/.test(text) ? (`0${text.slice(-3)}` as FileMode) : undefined;
}

/** The mode of folders for files of that mode: who may read a file may search its folder. */
export function folderMode(mode: FileMode): string {
  return mode.replaceAll(/[46]/g, (digit) => String(Number(digit) + 1));
}
