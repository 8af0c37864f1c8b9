import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and its missing parents. Node's `recursive` never returns if the file system allows no folders, as in
 * /proc (seen with Node 20).
 * @throws errors of the file system
 */
export function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(path);
  if (!existsSync(parent)) makeFolders(parent);
  mkdirSync(path);
}
