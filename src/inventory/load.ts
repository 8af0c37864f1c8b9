import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { MAX_FILE, NotReadable, readBounded } from "./bounded.js";
import type { Inventory } from "./inventory.js";
import type { InventoryFile } from "./inventory-file.js";
import { isOutside, projectOf } from "./project.js";
import { readInventory } from "./read.js";

/** Folders below the inventory's that hold anything: `catalog/<domain>/<point>/manifest.json` is the deepest. */
const MAX_DEPTH = 4;

/**
 * Reads an inventory's folder.
 * @param shown the folder as diagnostics are to name it
 * @param options `project`: as `readFolder` has it
 */
export function loadInventory(
  folder: string,
  shown: string = folder,
  options: { readonly onProgress?: (done: number, total: number) => void; readonly project?: string } = {},
): { inventory?: Inventory; diagnostics: readonly Diagnostic[] } {
  const { files, diagnostics } = readFolder(folder, shown, options.project);
  return diagnostics.length > 0 ? { diagnostics } : readInventory(files, shown, options.onProgress);
}

/**
 * The files of a folder that an inventory may be made of; they are read when they are asked for their bytes.
 * @param project real path of the folder outside of which files are another's; by default that of the inventory's folder
 */
export function readFolder(
  folder: string,
  shown: string = folder,
  project: string = projectOf(folder),
): { files: readonly InventoryFile[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const files: InventoryFile[] = [];
  // Links may lead anywhere, also back to where they are.
  const visited = new Set<string>();
  const visit = (path: string, depth: number): void => {
    try {
      const { dev, ino } = statSync(join(folder, path));
      if (visited.has(`${dev} ${ino}`)) return;
      visited.add(`${dev} ${ino}`);
      for (const name of readdirSync(join(folder, path))) {
        // A dot file in the catalog still says that there is a catalog.
        if (name.startsWith(".") && path !== "catalog") continue;
        const inner = path === "" ? name : `${path}/${name}`;
        const stat = statSync(join(folder, inner));
        if (stat.isDirectory()) {
          if (depth < MAX_DEPTH) visit(inner, depth + 1);
        } else if (stat.isFile() && /\.(?:xml|json)$/.test(inner)) {
          files.push(new FolderFile(folder, inner, shown, project));
        } else if (stat.isFile() && inner.startsWith("catalog/")) {
          // It says that there is a catalog, and no more.
          files.push({
            path: inner,
            file: join(shown, inner),
            bytes: () => new Uint8Array(),
          });
        }
      }
    } catch (error) {
      const reason = fileReason(error);
      if (reason === undefined) throw error;
      diagnostics.push({
        code: "TM201",
        severity: "error",
        message: `cannot read ${path === "" ? "the inventory" : "in the inventory"} ${join(shown, path)}: ${reason}`,
        hint: "an inventory is a folder with host.json and an XML file for each domain (virsh dumpxml)",
      });
    }
  };
  visit("", 0);
  return { files, diagnostics };
}

/** There may be hundreds of thousands, so each holds as little as can be. */
class FolderFile implements InventoryFile {
  readonly path: string;
  readonly #folder: string;
  readonly #shown: string;
  readonly #project: string;

  constructor(folder: string, path: string, shown: string, project: string) {
    this.path = path;
    this.#folder = folder;
    this.#shown = shown;
    this.#project = project;
  }

  isOutside(): boolean {
    return isOutside(this.#project, join(this.#folder, this.path));
  }

  get file(): string {
    return join(this.#shown, this.path);
  }

  bytes(diagnostics: Diagnostic[]): Uint8Array | undefined {
    try {
      return readBounded(join(this.#folder, this.path), MAX_FILE);
    } catch (error) {
      const isOdd = error instanceof NotReadable;
      const reason = isOdd ? error.message : fileReason(error);
      if (reason === undefined) throw error;
      const hint = isOdd
        ? "the file is not a domain's XML or a manifest; is it an image?"
        : "give this user the permission to read it";
      const message = `cannot read ${this.file}: ${reason}`;
      diagnostics.push({ code: "TM201", severity: "error", message, hint });
      return undefined;
    }
  }
}
