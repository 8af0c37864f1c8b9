import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * A folder, with those above it that are not there. Node's own `recursive` never comes back where the file system takes none, as
 * in /proc (seen with Node 20).
 * @throws the file system's own errors
 */
export function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeFolders(parent);
  mkdirSync(path);
}
