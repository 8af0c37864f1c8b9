import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

/**
 * The folder whose files are the author's own, by its real path: the work tree of git that a folder lies in, or else the folder itself.
 * Whoever writes in it can read it, while a link or a path that leads out of it may show its reader what its author must not see.
 */
export function projectOf(folder: string): string {
  const real = realOf(folder);
  for (let at = real; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return real;
  }
}

/** Whether a file lies outside of a project, wherever links lead. */
export function isOutside(project: string, file: string): boolean {
  const path = relative(project, realOf(file));
  return path === ".." || path.startsWith(`..${sep}`);
}

/** What is not there has no real path, and nothing to show. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
