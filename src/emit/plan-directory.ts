import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { FLEET_JSON } from "../plan/files.js";
import { makeFolders } from "./make-folders.js";
import { type Counts, isExecutable, type PlanFile, type StagedDirectory, Staging } from "./staging.js";

export interface Written {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
}

/** Takes the files of one plan. */
export type PlanFolder = Pick<PlanDirectory, "add" | "open">;

/**
 * A plan directory that is being written. Files are collected in a staging folder on the same file system. `commit`
 * moves them into the directory, removes files that the earlier plan wrote and this one does not have, and moves the
 * index last. A file with the same text is not touched. Until `commit` nothing outside of the staging folder changes;
 * `discard` removes the staging folder.
 */
export class PlanDirectory {
  readonly #staging: Staging;
  readonly #known = new Set<string>();

  /** @param root the plan directory; missing parents are made */
  constructor(root: string) {
    const fresh = !existsSync(root);
    const staging = fresh ? join(dirname(root), `.${root.split("/").pop()}.staging`) : join(root, ".staging");
    this.#staging = new Staging({ root, staging, fresh });
    rmSync(staging, { recursive: true, force: true });
    makeFolders(staging);
  }

  /** For the writers of domains' files. There may be millions of files, so `commit` gets the list of obsolete ones. */
  get stagedDirectory(): StagedDirectory {
    return this.#staging.directory;
  }

  /** Adds the counts of the writers that use `stagedDirectory`. */
  count(counts: Counts): void {
    this.#staging.count(counts);
  }

  /** The same for a folder in it. */
  within(folder: string): PlanFolder {
    return {
      add: (file) => this.add({ ...file, path: `${folder}/${file.path}` }),
      open: (path) => this.open(`${folder}/${path}`),
    };
  }

  add(file: PlanFile): void {
    this.#known.add(file.path);
    this.#staging.write(file);
  }

  /**
   * Opens a file that is written in pieces, because its text is too large for memory. Do not `add` the same path.
   * `close` takes the text that comes first but is known last.
   */
  open(path: string): { write: (text: string) => void; close: (top?: string) => void } {
    this.#known.add(path);
    const { root, fresh } = this.stagedDirectory;
    const staged = this.#staging.stage(path);
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
        if (!fresh && isSameFile(staged, join(root, path))) {
          rmSync(staged);
          this.#staging.unstage();
        }
      },
    };
  }

  /** Path of a staged file until `commit`; undefined if the file has not changed. */
  stagedPath(path: string): string | undefined {
    const staged = join(this.stagedDirectory.staging, path);
    return existsSync(staged) ? staged : undefined;
  }

  /** @param obsolete files of the earlier plan; those that `add` or `open` wrote again stay */
  commit(obsolete: () => Iterable<string>): Written {
    const { staged, unchanged } = this.#staging.counts;
    if (this.stagedDirectory.fresh) {
      renameSync(this.stagedDirectory.staging, this.stagedDirectory.root);
      return { created: staged, changed: 0, unchanged: 0, removed: 0 };
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
    // The index of the fleet is moved after those of the hosts.
    indexes.sort((a, b) => b.split("/").length - a.split("/").length);
    for (const path of indexes) if (this.#moveIn(path)) created += 1;
    this.discard();
    return { created, changed: staged - created, unchanged, removed };
  }

  /** What `commit` would do. */
  preview(obsolete: () => Iterable<string>): Written {
    const { staged, unchanged } = this.#staging.counts;
    let created = this.stagedDirectory.fresh ? staged : 0;
    if (!this.stagedDirectory.fresh)
      for (const path of this.#paths()) if (!existsSync(join(this.stagedDirectory.root, path))) created += 1;
    let removed = 0;
    for (const path of this.#gone(obsolete))
      if (existsSync(join(this.stagedDirectory.root, path))) removed += 1;
    return { created, changed: staged - created, unchanged, removed };
  }

  discard(): void {
    rmSync(this.stagedDirectory.staging, { recursive: true, force: true });
  }

  /** The files in the staging folder. */
  *#paths(folder = ""): Generator<string> {
    for (const entry of readdirSync(join(this.stagedDirectory.staging, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* this.#paths(path);
      else yield path;
    }
  }

  *#gone(obsolete: () => Iterable<string>): Generator<string> {
    for (const path of obsolete()) if (!this.#known.has(path)) yield path;
  }

  /**
   * Refuses a folder that is a link, because it leads out of the plan directory. @throws an error with a code, like
   * those of the file system
   */
  #refuseLinks(path: string): void {
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
      if (
        lstatSync(join(this.stagedDirectory.root, folder), { throwIfNoEntry: false })?.isSymbolicLink() ===
        true
      ) {
        throw Object.assign(new Error(`${folder} is a link`), { code: "ELOOP" });
      }
    }
  }

  /** Whether the file is new. */
  #moveIn(path: string): boolean {
    const target = join(this.stagedDirectory.root, path);
    const isNew = !existsSync(target);
    if (isNew) makeFolders(dirname(target));
    renameSync(join(this.stagedDirectory.staging, path), target);
    return isNew;
  }

  #remove(paths: Iterable<string>): number {
    let removed = 0;
    for (const path of paths) {
      const target = join(this.stagedDirectory.root, path);
      if (!existsSync(target)) continue;
      rmSync(target);
      removed += 1;
      for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
        const full = join(this.stagedDirectory.root, folder);
        if (readdirSync(full).length > 0) break;
        rmdirSync(full);
      }
    }
    return removed;
  }
}

/** The files that list a plan's files; they are moved last. */
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

/** Compares files of any size; nobody else writes them. */
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

/** A failed file operation as a diagnostic. */
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
