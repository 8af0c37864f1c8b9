import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { FLEET_JSON } from "../plan/files.js";
import { makeFolders } from "./make-folders.js";

/** A file of a plan directory. */
export interface PlanFile {
  /** Relative to the plan directory, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean;
}

export interface Written {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
}

/** Takes the files of one plan. */
export type PlanFolder = Pick<PlanDirectory, "add" | "addAll" | "open">;

/** Folders that are remembered as made. */
const FOLDERS = 4096;

/**
 * A plan directory being written. Files gather in a staging folder on the same file system; `commit` moves them in
 * place, removes what the earlier plan wrote and this one does not have, and puts its index last. A file whose text is
 * the same is not touched. Until `commit` nothing outside the staging folder changes; `discard` removes that.
 */
export class PlanDirectory {
  readonly #root: string;
  readonly #staging: string;
  readonly #fresh: boolean;
  readonly #known = new Set<string>();
  readonly #folders = new Set<string>();
  #staged = 0;
  #unchanged = 0;

  /** The same for a folder in it. */
  within(folder: string): PlanFolder {
    const placed = (file: PlanFile) => ({ ...file, path: `${folder}/${file.path}` });
    return {
      add: (file) => this.add(placed(file)),
      addAll: (files) => {
        for (const file of files) this.#write(placed(file));
      },
      open: (path) => this.open(`${folder}/${path}`),
    };
  }

  /** @param root the plan directory; its parents are made where they lack */
  constructor(root: string) {
    this.#root = root;
    this.#fresh = !existsSync(root);
    this.#staging = this.#fresh
      ? join(dirname(root), `.${root.split("/").pop()}.staging`)
      : join(root, ".staging");
    rmSync(this.#staging, { recursive: true, force: true });
    makeFolders(this.#staging);
  }

  add(file: PlanFile): void {
    this.#known.add(file.path);
    this.#write(file);
  }

  /** Files that `commit` is told to remove only where they are obsolete: there may be millions, and none is remembered. */
  addAll(files: Iterable<PlanFile>): void {
    for (const file of files) this.#write(file);
  }

  /**
   * A file written in pieces, for texts too large to hold; `add` nothing of the same path.
   * What comes first but is known last, `close` takes.
   */
  open(path: string): { write: (text: string) => void; close: (top?: string) => void } {
    this.#known.add(path);
    const staged = this.#stage(path);
    const descriptor = openSync(staged, "w");
    let buffer = "";
    return {
      write: (text) => {
        buffer += text;
        if (buffer.length > 1 << 16) {
          writeSync(descriptor, buffer);
          buffer = "";
        }
      },
      close: (top) => {
        writeSync(descriptor, buffer);
        closeSync(descriptor);
        if (top !== undefined) prepend(staged, top);
        if (!this.#fresh && isSameFile(staged, join(this.#root, path))) {
          rmSync(staged);
          this.#staged -= 1;
          this.#unchanged += 1;
        }
      },
    };
  }

  /** Where a file lies until `commit`. undefined where it is as it was. */
  staged(path: string): string | undefined {
    const staged = join(this.#staging, path);
    return existsSync(staged) ? staged : undefined;
  }

  /** @param obsolete files that the earlier plan wrote; those that were added again by `add` or `open` stay */
  commit(obsolete: () => Iterable<string>): Written {
    if (this.#fresh) {
      renameSync(this.#staging, this.#root);
      return { created: this.#staged, changed: 0, unchanged: 0, removed: 0 };
    }
    for (const path of this.#paths()) this.#refuseLinks(path);
    for (const path of this.#gone(obsolete)) this.#refuseLinks(path);
    let created = 0;
    const indexes: string[] = [];
    for (const path of this.#paths()) {
      if (isIndex(path)) indexes.push(path);
      else if (this.#moveIn(path)) created += 1;
    }
    const removed = this.#remove(this.#gone(obsolete));
    // That of all hosts after those of each.
    indexes.sort((a, b) => b.split("/").length - a.split("/").length);
    for (const path of indexes) if (this.#moveIn(path)) created += 1;
    this.discard();
    return { created, changed: this.#staged - created, unchanged: this.#unchanged, removed };
  }

  /** What `commit` would do, told without doing it. */
  preview(obsolete: () => Iterable<string>): Written {
    let created = this.#fresh ? this.#staged : 0;
    if (!this.#fresh) for (const path of this.#paths()) if (!existsSync(join(this.#root, path))) created += 1;
    let removed = 0;
    for (const path of this.#gone(obsolete)) if (existsSync(join(this.#root, path))) removed += 1;
    return { created, changed: this.#staged - created, unchanged: this.#unchanged, removed };
  }

  discard(): void {
    rmSync(this.#staging, { recursive: true, force: true });
  }

  #write({ path, text, executable = false }: PlanFile): void {
    const bytes = Buffer.from(text);
    if (!this.#fresh && this.#isAsItWas(path, bytes, executable)) this.#unchanged += 1;
    else writeFileSync(this.#stage(path), bytes, executable ? { mode: 0o755 } : {});
  }

  #stage(path: string): string {
    this.#staged += 1;
    this.#makeFolder(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    return `${this.#staging}/${path}`;
  }

  #makeFolder(folder: string): void {
    if (folder === "" || this.#folders.has(folder)) return;
    this.#makeFolder(folder.slice(0, Math.max(0, folder.lastIndexOf("/"))));
    const full = `${this.#staging}/${folder}`;
    if (this.#folders.size >= FOLDERS) this.#folders.clear();
    this.#folders.add(folder);
    try {
      mkdirSync(full);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }

  /** The files that wait in the staging folder. */
  *#paths(folder = ""): Generator<string> {
    for (const entry of readdirSync(join(this.#staging, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* this.#paths(path);
      else yield path;
    }
  }

  *#gone(obsolete: () => Iterable<string>): Generator<string> {
    for (const path of obsolete()) if (!this.#known.has(path)) yield path;
  }

  #isAsItWas(path: string, bytes: Buffer, executable: boolean): boolean {
    const target = `${this.#root}/${path}`;
    const stat = statSync(target, { throwIfNoEntry: false });
    return (
      stat?.isFile() === true &&
      stat.size === bytes.length &&
      isExecutable(stat) === executable &&
      readFileSync(target).equals(bytes)
    );
  }

  /** A folder that is a link leads out of the plan directory. @throws an error with a code, as the file system's own */
  #refuseLinks(path: string): void {
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
      if (lstatSync(join(this.#root, folder), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
        throw Object.assign(new Error(`${folder} is a link`), { code: "ELOOP" });
      }
    }
  }

  /** Whether it was not there before. */
  #moveIn(path: string): boolean {
    const target = join(this.#root, path);
    const isNew = !existsSync(target);
    if (isNew) makeFolders(dirname(target));
    renameSync(join(this.#staging, path), target);
    return isNew;
  }

  #remove(paths: Iterable<string>): number {
    let removed = 0;
    for (const path of paths) {
      const target = join(this.#root, path);
      if (!existsSync(target)) continue;
      rmSync(target);
      removed += 1;
      for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
        const full = join(this.#root, folder);
        if (readdirSync(full).length > 0) break;
        rmdirSync(full);
      }
    }
    return removed;
  }
}

/** What says which files a plan has; it comes last, when they are there. */
function isIndex(path: string): boolean {
  return path === FLEET_JSON || /^(?:[^/]+\/)?plan\.json$/.test(path);
}

function prepend(path: string, top: string): void {
  const whole = `${path}.whole`;
  const [from, to] = [openSync(path, "r"), openSync(whole, "w")];
  writeSync(to, top);
  const chunk = Buffer.alloc(1 << 20);
  for (let read = readSync(from, chunk); read > 0; read = readSync(from, chunk))
    writeSync(to, chunk, 0, read);
  closeSync(from);
  closeSync(to);
  renameSync(whole, path);
}

/** Files of any size, written by nobody meanwhile. */
function isSameFile(one: string, other: string): boolean {
  const stats = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  const [stat, old] = stats;
  if (!stat || !old?.isFile() || stat.size !== old.size || isExecutable(stat) !== isExecutable(old))
    return false;
  const [left, right] = [openSync(one, "r"), openSync(other, "r")];
  const [piece, beside] = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)];
  try {
    for (let read = readSync(left, piece); read > 0; read = readSync(left, piece)) {
      const same = readSync(right, beside, 0, read, null);
      if (same !== read || piece.compare(beside, 0, read, 0, read) !== 0) return false;
    }
    return true;
  } finally {
    closeSync(left);
    closeSync(right);
  }
}

function isExecutable({ mode }: Stats): boolean {
  return (mode & 0o100) !== 0;
}

/** What a failed file operation says, as a diagnostic. */
export function fileTrouble(error: unknown, path: string): Diagnostic {
  const reason = fileReason(error);
  if (reason === undefined) throw error;
  return {
    code: "TM501",
    severity: "error",
    message: `cannot write ${path}: ${reason}`,
    hint: "nothing was changed; choose another folder with -o or make room for this one",
  };
}
