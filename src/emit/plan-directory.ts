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
export type PlanFolder = Pick<PlanDirectory, "add" | "open">;

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
  readonly #moves: string[] = [];
  #created = 0;
  #changed = 0;
  #unchanged = 0;

  /** The same for a folder in it. */
  within(folder: string): PlanFolder {
    return {
      add: (file) => this.add({ ...file, path: `${folder}/${file.path}` }),
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

  add({ path, text, executable }: PlanFile): void {
    if (this.#isAsItWas(path, text, executable ?? false)) return;
    writeFileSync(this.#stage(path), text, executable ? { mode: 0o755 } : {});
  }

  /**
   * A file written in pieces, for texts too large to hold; `add` nothing of the same path.
   * What comes first but is known last, `close` takes.
   */
  open(path: string): { write: (text: string) => void; close: (top?: string) => void } {
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
      },
    };
  }

  /** @param obsolete files that the earlier plan wrote; those that were added again stay */
  commit(obsolete: Iterable<string>): Written {
    if (this.#fresh) {
      renameSync(this.#staging, this.#root);
      return { created: this.#moves.length, changed: 0, unchanged: 0, removed: 0 };
    }
    const gone = [...obsolete].filter((path) => !this.#known.has(path));
    for (const path of [...this.#moves, ...gone]) this.#refuseLinks(path);
    for (const path of this.#moves.filter((each) => !isIndex(each))) this.#moveIn(path);
    const removed = this.#remove(gone);
    // That of all hosts after those of each.
    const indexes = this.#moves.filter(isIndex).sort((a, b) => b.split("/").length - a.split("/").length);
    for (const path of indexes) this.#moveIn(path);
    this.discard();
    return { created: this.#created, changed: this.#changed, unchanged: this.#unchanged, removed };
  }

  /** What `commit` would do, told without doing it. */
  preview(obsolete: Iterable<string>): Written {
    let [created, changed, unchanged] = [this.#created, this.#changed, this.#unchanged];
    for (const path of this.#moves) {
      const old = this.#fresh ? undefined : readIfThere(join(this.#root, path));
      if (old === undefined) created += 1;
      else if (this.#isStaged(path, old)) unchanged += 1;
      else changed += 1;
    }
    const removed = [...obsolete].filter(
      (path) => !this.#known.has(path) && existsSync(join(this.#root, path)),
    );
    return { created, changed, unchanged, removed: removed.length };
  }

  discard(): void {
    rmSync(this.#staging, { recursive: true, force: true });
  }

  #stage(path: string): string {
    this.#known.add(path);
    this.#moves.push(path);
    this.#makeFolder(path.lastIndexOf("/") < 0 ? "" : path.slice(0, path.lastIndexOf("/")));
    return `${this.#staging}/${path}`;
  }

  #makeFolder(folder: string): void {
    if (folder === "" || this.#folders.has(folder)) return;
    this.#makeFolder(folder.slice(0, Math.max(0, folder.lastIndexOf("/"))));
    mkdirSync(`${this.#staging}/${folder}`);
    this.#folders.add(folder);
  }

  #isAsItWas(path: string, text: string, executable: boolean): boolean {
    if (this.#fresh) return false;
    const old = readIfThere(join(this.#root, path));
    if (old === undefined || old.text !== text || old.executable !== executable) return false;
    this.#known.add(path);
    this.#unchanged += 1;
    return true;
  }

  /** A folder that is a link leads out of the plan directory. @throws an error with a code, as the file system's own */
  #refuseLinks(path: string): void {
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
      if (lstatSync(join(this.#root, folder), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
        throw Object.assign(new Error(`${folder} is a link`), { code: "ELOOP" });
      }
    }
  }

  #moveIn(path: string): void {
    const target = join(this.#root, path);
    const staged = join(this.#staging, path);
    const old = readIfThere(target);
    if (old !== undefined && this.#isStaged(path, old)) {
      this.#unchanged += 1;
      return;
    }
    if (old === undefined) this.#created += 1;
    else this.#changed += 1;
    makeFolders(dirname(target));
    renameSync(staged, target);
  }

  /** Whether what is staged is what is there. */
  #isStaged(path: string, old: { readonly text: string; readonly executable: boolean }): boolean {
    const staged = join(this.#staging, path);
    return old.text === readFileSync(staged, "utf8") && old.executable === isExecutable(staged);
  }

  #remove(paths: readonly string[]): number {
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

function readIfThere(path: string): { text: string; executable: boolean } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return undefined;
  return { text: readFileSync(path, "utf8"), executable: isExecutable(path) };
}

function isExecutable(path: string): boolean {
  return (statSync(path).mode & 0o100) !== 0;
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
