/** How a policy's other files and folders are had; paths are relative to the working folder, with `/`. */
export interface PolicyFiles {
  /** The file's bytes, or why there are none. */
  readonly read: (path: string) => Uint8Array | { readonly problem: string };
  /** The files and folders that a glob names, sorted by code unit. */
  readonly list: (pattern: string) => readonly string[];
  /**
   * Whether a file lies outside of the folders that the policy's author may read anyhow, so that nothing of it is to be shown
   * unless it is a policy. Absent: none does.
   */
  readonly isOutside?: (path: string) => boolean;
}
