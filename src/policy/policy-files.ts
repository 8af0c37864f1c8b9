/** Access to the other files and folders of a policy. Paths are relative to the working folder, with `/`. */
export interface PolicyFiles {
  /** The bytes of the file, or why it cannot be read. */
  readonly read: (path: string) => Uint8Array | { readonly problem: string };
  /** The files and folders that a glob names, sorted by code unit. */
  readonly list: (pattern: string) => readonly string[];
  /**
   * Whether a file is outside of the folders of the policy's author, so that its content must not be shown unless it is a policy.
   * Absent: no file is.
   */
  readonly isOutside?: (path: string) => boolean;
}
