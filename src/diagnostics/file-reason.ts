const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  ENOENT: "there is no such file or folder",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of the path is a file",
  EROFS: "the file system is read-only",
  EDQUOT: "the quota is used up",
  EEXIST: "a file of that name exists",
  ENOTEMPTY: "the folder is not empty",
  EBUSY: "it is in use",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the path is too long",
  ELOOP: "a folder in it is a link, and leads elsewhere",
  ERR_FS_FILE_TOO_LARGE: "it is too large",
};

/** Why a file operation failed, in words; undefined if the error is not one of the file system's. */
export function fileReason(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  return code === undefined ? undefined : (REASONS[code] ?? code);
}
