import { mkdirSync, readFileSync, type Stats, statSync, writeFileSync } from "node:fs";

/** A file of a plan directory. */
export interface PlanFile {
  /** Relative to the plan directory, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean;
}

/** Where a plan directory is, and where its files wait until all are there. */
export interface Place {
  readonly root: string;
  readonly staging: string;
  /** Whether there is nothing at `root`. */
  readonly fresh: boolean;
}

/** Files by what was done with them. */
export interface Counts {
  readonly staged: number;
  readonly unchanged: number;
}

/** Folders that are remembered as made. */
const FOLDERS = 4096;

/** Puts files into a staging folder, but for those that are as they were. Several may do so at a time, each with files of its own. */
export class Staging {
  readonly place: Place;
  readonly #folders = new Set<string>();
  #staged = 0;
  #unchanged = 0;

  constructor(place: Place) {
    this.place = place;
  }

  get counts(): Counts {
    return { staged: this.#staged, unchanged: this.#unchanged };
  }

  /** What others did in the same place. */
  count({ staged, unchanged }: Counts): void {
    this.#staged += staged;
    this.#unchanged += unchanged;
  }

  write({ path, text, executable = false }: PlanFile): void {
    if (!this.place.fresh && this.#isAsItWas(path, Buffer.from(text), executable)) this.#unchanged += 1;
    else writeFileSync(this.stage(path), text, executable ? { mode: 0o755 } : {});
  }

  /** Where a file is to be written. */
  stage(path: string): string {
    this.#staged += 1;
    this.#makeFolder(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    return `${this.place.staging}/${path}`;
  }

  /** Of a file that was staged, and is as it was after all. */
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
      mkdirSync(`${this.place.staging}/${folder}`);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }

  #isAsItWas(path: string, bytes: Buffer, executable: boolean): boolean {
    const target = `${this.place.root}/${path}`;
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
