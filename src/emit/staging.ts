import { mkdirSync, readFileSync, type Stats, statSync, writeFileSync } from "node:fs";

/** A file of a plan directory. */
export interface PlanFile {
  /** Relative to the plan directory, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean;
}

/** A plan directory, and the staging folder of its files. */
export interface StagedDirectory {
  readonly root: string;
  readonly staging: string;
  /** Whether `root` does not exist yet. */
  readonly fresh: boolean;
}

/** Counts of files, by what was done with them. */
export interface Counts {
  readonly staged: number;
  readonly unchanged: number;
}

/** How many folders are remembered as made. */
const FOLDERS = 4096;

/**
 * Writes files into a staging folder, except those that have not changed. Several may write at the same time, each to
 * other files.
 */
export class Staging {
  readonly directory: StagedDirectory;
  readonly #folders = new Set<string>();
  #staged = 0;
  #unchanged = 0;

  constructor(directory: StagedDirectory) {
    this.directory = directory;
  }

  get counts(): Counts {
    return { staged: this.#staged, unchanged: this.#unchanged };
  }

  /** Adds the counts of other writers of the same staging folder. */
  count({ staged, unchanged }: Counts): void {
    this.#staged += staged;
    this.#unchanged += unchanged;
  }

  write({ path, text, executable = false }: PlanFile): void {
    if (!this.directory.fresh && this.#isAsItWas(path, Buffer.from(text), executable)) this.#unchanged += 1;
    else writeFileSync(this.stage(path), text, executable ? { mode: 0o755 } : {});
  }

  /** The path at which a file is staged. */
  stage(path: string): string {
    this.#staged += 1;
    this.#makeFolder(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    return `${this.directory.staging}/${path}`;
  }

  /** Removes a staged file that has not changed. */
  unstage(): void {
    this.#staged -= 1;
    this.#unchanged += 1;
  }

  #makeFolder(folder: string): void {
    if (folder === "" || this.#folders.has(folder)) return;
    this.#makeFolder(folder.slice(0, Math.max(0, folder.lastIndexOf("/"))));
    if (this.#folders.size >= FOLDERS) this.#folders.clear();
    this.#folders.add(folder);
    try {
      mkdirSync(`${this.directory.staging}/${folder}`);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }

  #isAsItWas(path: string, bytes: Buffer, executable: boolean): boolean {
    const target = `${this.directory.root}/${path}`;
    const stat = statSync(target, { throwIfNoEntry: false });
    return (
      stat?.isFile() === true &&
      stat.size === bytes.length &&
      isExecutable(stat) === executable &&
      readFileSync(target).equals(bytes)
    );
  }
}

export function isExecutable({ mode }: Stats): boolean {
  return (mode & 0o100) !== 0;
}
