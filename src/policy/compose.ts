import { isAbsolute, posix } from "node:path";
import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import { isGlob } from "./glob.js";
import { pointerSegment, unescapeSegment } from "./policy.js";
import type { PolicyFiles } from "./policy-files.js";
import { refuseStranger } from "./recognize.js";
import { otherVersion } from "./version.js";
import { readYaml, type SourceTree } from "./yaml.js";

/** How deep files may name other files. More levels mean a circle through links. */
const MAX_DEPTH = 16;

/** How many files a policy may have; a file counts each time that it is named. Otherwise the number could grow exponentially. */
const MAX_FILES = 1000;

/** Keys whose entries are combined one by one. The value of any other key is replaced as a whole. */
const COLLECTIONS: ReadonlySet<string> = new Set(["defaults", "domains", "hosts"]);

/** Keys that every file may have, because they do not change what is backed up. */
const OF_EACH_FILE: ReadonlySet<string> = new Set(["$schema", "version"]);

/** Not part of the policy itself. */
const COMPOSING: ReadonlySet<string> = new Set(["extends", "include"]);

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Joins the file of a policy with the files that it names. The file itself and the files that it `include`s override those that it
 * `extends`, in order. The file and its `include`s must not set the same thing. Each value keeps its location in its file, and paths
 * become relative to the first file. TM120–TM122.
 */
export function compose(
  root: SourceTree,
  file: string,
  files: PolicyFiles,
): { tree?: SourceTree; diagnostics: readonly Diagnostic[] } {
  if (!isMapping(root.value) || !Object.keys(root.value).some((key) => COMPOSING.has(key))) {
    return { tree: root, diagnostics: [] };
  }
  const composer = new Composer(posix.dirname(file), files);
  const layers = composer.layers(root, [file]);
  return composer.diagnostics.length > 0
    ? { diagnostics: composer.diagnostics }
    : { tree: flatten(layers, root), diagnostics: [] };
}

/** Joins trees that set different things. */
type Layer = readonly SourceTree[];

class Composer {
  readonly diagnostics: Diagnostic[] = [];
  readonly #folder: string;
  readonly #files: PolicyFiles;
  #count = 0;

  constructor(folder: string, files: PolicyFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  /** @param trail the file and those that led to it, the first one first */
  layers(tree: SourceTree, trail: readonly string[]): Layer[] {
    const root = this.#relocated(tree, trail.at(-1) ?? "");
    const extended = this.#named(root, "extends", trail).flat();
    const fragments = this.#named(root, "include", trail);
    const together = [root, ...fragments.map((layers) => flatten(layers, root))];
    this.#refuseTwice(together);
    return [...extended, together];
  }

  /** The layers of each file that a key names. */
  #named(tree: SourceTree, key: "extends" | "include", trail: readonly string[]): Layer[][] {
    if (!isMapping(tree.value) || !Object.hasOwn(tree.value, key)) return [];
    const value = tree.value[key];
    return (Array.isArray(value) ? value : [value]).flatMap((path: unknown, index): Layer[][] => {
      const location = tree.values.get(Array.isArray(value) ? `/${key}/${index}` : `/${key}`);
      if (typeof path === "string" && path !== "") return this.#read(path, trail, location);
      this.#say("TM107", `${key} names files`, "write a path, or a list of paths", location);
      return [];
    });
  }

  #read(path: string, trail: readonly string[], location: Location | undefined): Layer[][] {
    const full = beside(trail.at(-1) ?? "", path);
    const paths = isGlob(path) ? this.#files.list(full) : [full];
    if (paths.length === 0) {
      this.#say("TM120", `there is no file ${path}`, "add a file, or remove the entry", location);
    }
    return paths.flatMap((each): Layer[][] => {
      if (trail.includes(each) || trail.length > MAX_DEPTH) {
        const circle = [...trail.slice(Math.max(0, trail.indexOf(each))), each].join(" → ");
        this.#say(
          "TM121",
          `the files name each other in a circle: ${circle}`,
          "remove one of them",
          location,
        );
        return [];
      }
      this.#count += 1;
      if (this.#count > MAX_FILES) {
        const hint = "a file that is named several times is read and counted each time";
        if (this.#count === MAX_FILES + 1)
          this.#say("TM121", `the policy names more than ${MAX_FILES} files`, hint, location);
        return [];
      }
      const bytes = this.#files.read(each);
      if ("problem" in bytes) {
        const hint = "paths are relative to the file that contains them";
        this.#say("TM120", `cannot read ${each}: ${bytes.problem}`, hint, location);
        return [];
      }
      const { tree, diagnostics } = readYaml(bytes, each);
      const stranger = refuseStranger(tree, each, this.#files, location);
      if (stranger !== undefined) {
        this.diagnostics.push(stranger);
        return [];
      }
      this.diagnostics.push(...diagnostics);
      if (tree === undefined) return [];
      const other = otherVersion(tree);
      if (other !== undefined) this.diagnostics.push(other);
      if (!isMapping(tree.value)) {
        this.#say(
          "TM107",
          `${each} must be a mapping of keys to values`,
          "write the keys of a policy into it",
          tree.values.get(""),
        );
        return [];
      }
      return other === undefined ? [this.layers(tree, [...trail, each])] : [];
    });
  }

  /** The same tree with paths relative to the folder of the first file. */
  #relocated(tree: SourceTree, file: string): SourceTree {
    const folder = posix.dirname(file);
    if (folder === this.#folder || !isMapping(tree.value)) return tree;
    const moved = (path: unknown) => {
      if (typeof path !== "string" || isAbsolute(path)) return path;
      const full = posix.join(folder, path);
      return isAbsolute(full) ? full : posix.relative(this.#folder, full) || ".";
    };
    const value = { ...tree.value };
    if ("inventory" in value) value["inventory"] = moved(value["inventory"]);
    const hosts = value["hosts"];
    if (typeof hosts === "string") value["hosts"] = moved(hosts);
    else if (isMapping(hosts)) {
      value["hosts"] = Object.fromEntries(
        Object.entries(hosts).map(([name, entry]) => [
          name,
          isMapping(entry) && "inventory" in entry
            ? { ...entry, inventory: moved(entry["inventory"]) }
            : entry,
        ]),
      );
    }
    return { ...tree, value };
  }

  #refuseTwice(trees: readonly SourceTree[]): void {
    // A conflict concerns a whole key, or one entry of a collection.
    const claims = new Map<string, SourceTree>();
    const entries = new Map<string, SourceTree>();
    for (const tree of trees) {
      for (const pointer of partsOf(tree)) {
        const [, key = "", entry] = pointer.split("/");
        const other = claims.get(pointer) ?? (entry === undefined ? entries.get(key) : claims.get(`/${key}`));
        if (other === undefined) {
          claims.set(pointer, tree);
          if (entry !== undefined) entries.set(key, tree);
        } else if (!OF_EACH_FILE.has(key)) {
          const where = other.keys.get(pointer) ?? other.keys.get(`/${key}`);
          this.#say(
            "TM122",
            `${pointer.slice(1).split("/").map(unescapeSegment).join(".")} is set in two included files`,
            "set it in only one of them; put a value that should be overridden into a file that this one extends",
            tree.keys.get(pointer),
            where && [{ location: where, message: "the other file" }],
          );
        }
      }
    }
  }

  #say(
    code: "TM107" | "TM120" | "TM121" | "TM122",
    message: string,
    hint: string,
    location: Location | undefined,
    related?: Diagnostic["related"],
  ): void {
    this.diagnostics.push({
      code,
      severity: "error",
      message,
      hint,
      ...(location && { location }),
      ...(related && { related }),
    });
  }
}

/** Joins layers to one tree. A later layer overrides an earlier one: entry by entry in a collection, as a whole elsewhere. */
function flatten(layers: readonly Layer[], root: SourceTree): SourceTree {
  const owners = new Map<string, SourceTree>();
  for (const tree of layers.flat()) {
    for (const pointer of partsOf(tree)) {
      const [, key = "", entry] = pointer.split("/");
      // A value that is a collection in one file only replaces, or is replaced, as a whole.
      if (entry !== undefined) owners.delete(`/${key}`);
      else if (COLLECTIONS.has(key)) {
        for (const each of owners.keys()) if (each.startsWith(`/${key}/`)) owners.delete(each);
      }
      owners.delete(pointer);
      owners.set(pointer, tree);
    }
  }
  const value: Record<string, unknown> = {};
  for (const [pointer, tree] of owners) {
    const [, key = "", entry] = pointer.split("/").map(unescapeSegment);
    const setting = (tree.value as Mapping)[key];
    if (entry === undefined) define(value, key, setting);
    else {
      if (!Object.hasOwn(value, key)) define(value, key, {});
      define(value[key] as Record<string, unknown>, entry, (setting as Mapping)[entry]);
    }
  }
  return {
    value,
    values: locationsOf(layers, owners, root, (tree) => tree.values),
    keys: locationsOf(layers, owners, root, (tree) => tree.keys),
  };
}

function locationsOf(
  layers: readonly Layer[],
  owners: ReadonlyMap<string, SourceTree>,
  root: SourceTree,
  pick: (tree: SourceTree) => ReadonlyMap<string, Location>,
): Map<string, Location> {
  const locations = new Map<string, Location>();
  for (const tree of new Set(layers.flat())) {
    for (const [pointer, location] of pick(tree)) {
      const [, key, entry] = pointer.split("/");
      const owner = owners.get(`/${key}`) ?? owners.get(`/${key}/${entry}`);
      // The location of a collection is in the last file that adds to it.
      if (owner === tree || (entry === undefined && owner === undefined)) locations.set(pointer, location);
    }
  }
  const whole = pick(root).get("");
  if (whole !== undefined) locations.set("", whole);
  return locations;
}

/** Pointers to what a file sets: its keys, and the entries of collections. */
function* partsOf({ value }: SourceTree): Generator<string> {
  for (const [key, inner] of Object.entries(isMapping(value) ? value : {})) {
    if (COMPOSING.has(key)) continue;
    const pointer = pointerSegment(key);
    if (COLLECTIONS.has(key) && isMapping(inner)) {
      for (const entry of Object.keys(inner)) yield `${pointer}${pointerSegment(entry)}`;
    } else yield pointer;
  }
}

/** A path that a file names, relative to the folder that the path of this file is relative to. */
function beside(file: string, path: string): string {
  return isAbsolute(path) ? path : posix.join(posix.dirname(file), path);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets a key of any name. An assignment to `__proto__` would not set a key. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
