import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import { humanBytes } from "../diagnostics/amounts.js";
import type { DiagnosticCode } from "../diagnostics/codes.js";
import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import { pointerSegment } from "./policy.js";

/**
 * The largest policy that is read, in bytes. A policy with ten thousand domains is smaller. The parser takes at most three seconds for
 * any text of this size.
 */
export const MAX_POLICY = 1 << 20;
/** Aliases of one anchor that may be followed before the document counts as an alias bomb. */
const MAX_ALIASES = 1000;
/** The most aliases of a document, because the time to resolve them grows with the square of their number. */
const MAX_ALIASES_IN_ALL = 10_000;
/** Values that all aliases together may stand for. */
const MAX_ALIASED = 200_000;

/** The most levels of a document. A policy has fewer than ten. */
const MAX_LEVELS = 200;
/** The most errors of the parser that are reported, because later ones usually follow from the first. */
const MAX_FINDINGS = 20;

/** A YAML document as plain data, with the location of each part. */
export interface SourceTree {
  readonly value: unknown;
  /** By JSON pointer: the location of each value, or of its key if the value is a collection or empty. */
  readonly values: ReadonlyMap<string, Location>;
  /** By JSON pointer: the location of each key. */
  readonly keys: ReadonlyMap<string, Location>;
}

/** Reads YAML 1.2 with anchors and merge keys; each thing wrong with the text is a diagnostic (TM101–TM103, TM109). */
export function readYaml(
  input: string | Uint8Array,
  file: string,
): { tree?: SourceTree; diagnostics: readonly Diagnostic[] } {
  const start: Location = { file, line: 1, column: 1 };
  const refuse = (code: DiagnosticCode, message: string, hint: string, location: Location = start) => ({
    diagnostics: [{ code, severity: "error", message, hint, location } as const],
  });

  const bytes = typeof input === "string" ? Buffer.byteLength(input) : input.byteLength;
  if (bytes > MAX_POLICY) {
    return refuse(
      "TM109",
      `the policy is larger than ${humanBytes(MAX_POLICY)}`,
      "use globs and defaults, or split the policy",
    );
  }
  const decoded = typeof input === "string" ? { text: input } : decode(input, file);
  if ("bad" in decoded) {
    return refuse("TM101", "the policy is not valid UTF-8", "save the file as UTF-8", decoded.bad);
  }

  const tooDeep = () =>
    refuse("TM102", "the policy is nested too deeply", "a policy needs less than ten levels");
  if (isDeep(decoded.text)) return tooDeep();
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(decoded.text, {
      lineCounter: lines,
      prettyErrors: false,
      merge: true,
      stringKeys: true,
      // The parser would compare each key with each other one; keysTwice is faster.
      uniqueKeys: false,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return tooDeep();
  }
  const locationOf = (from: number, to: number): Location => {
    const begin = lines.linePos(from);
    const end = lines.linePos(to);
    return {
      file,
      line: begin.line,
      column: begin.col,
      ...(end.line === begin.line && end.col > begin.col && { endColumn: end.col }),
    };
  };
  const findings = [...document.errors, ...document.warnings, ...keysTwice(document)];
  // This is the error of the parser when it runs out of stack.
  if (findings.some(({ message }) => message.startsWith("Maximum call stack"))) return tooDeep();
  const problems = findings.slice(0, MAX_FINDINGS).map(
    ({ code, message, pos }): Diagnostic => ({
      code: "TM102",
      severity: "error",
      message: YAML_MESSAGES[code] ?? lowerFirst(message.split("\n")[0] ?? message),
      hint: YAML_HINTS[code] ?? "correct the YAML",
      location: locationOf(pos[0], pos[1]),
    }),
  );
  if (problems.length > 0) return { diagnostics: problems };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return refuse("TM103", "the policy is empty", "call tidemark init, or begin with version: 1 and name: …");
  }
  const bomb = () =>
    refuse(
      "TM102",
      "the aliases in the policy stand for too many values",
      `write the settings under defaults instead; at most ${MAX_ALIASES} aliases are followed`,
    );
  const aliases = aliasesOf(document);
  if (aliases.size > MAX_ALIASES_IN_ALL) return bomb();
  const dangling = [...aliases].flatMap(([alias, node]): Diagnostic[] =>
    node !== undefined
      ? []
      : [
          {
            code: "TM102",
            severity: "error",
            message: `there is no anchor "${alias.source}" before this alias`,
            hint: `write &${alias.source} before a value above this line`,
            location: locationOf(alias.range?.[0] ?? 0, alias.range?.[1] ?? 1),
          },
        ],
  );
  if (dangling.length > 0) return { diagnostics: dangling };
  const unmergeable = strangersToMerge(document, aliases).map(
    (node): Diagnostic => ({
      code: "TM102",
      severity: "error",
      message: "<< takes over the keys of another map, and this is no map",
      hint: 'write "<<: *NAME", where &NAME stands before the map to take over',
      location: locationOf(node.range?.[0] ?? 0, node.range?.[1] ?? 1),
    }),
  );
  if (unmergeable.length > 0) return { diagnostics: unmergeable };
  try {
    // The locations come first: they count the values, which limits the work that follows.
    const locations = locationsOf(document, aliases, locationOf);
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { tree: { value, ...locations }, diagnostics: [] };
  } catch (error) {
    if (error instanceof RangeError) return tooDeep();
    if (error instanceof ReferenceError) return bomb();
    throw error;
  }
}

const YAML_MESSAGES: Readonly<Partial<Record<string, string>>> = {
  DUPLICATE_KEY: "the key occurs twice",
  TAB_AS_INDENT: "YAML cannot be indented with tabs",
  MULTIPLE_DOCS: "the file contains more than one document",
  NON_STRING_KEY: "keys must be plain text",
};

const YAML_HINTS: Readonly<Partial<Record<string, string>>> = {
  DUPLICATE_KEY: "remove one of the two keys; otherwise the later one would silently win",
  TAB_AS_INDENT: "use spaces",
  MULTIPLE_DOCS: "a file has one policy: remove the --- line",
  NON_STRING_KEY: "put the key in quotes",
  BAD_INDENT: "indent all keys of a block alike",
};

/**
 * Whether a text seems to have more levels than allowed, by its brackets and by the dashes on a line, also within quotes. The parser
 * itself would take seconds, or all memory, to find that out.
 */
function isDeep(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = Math.max(0, open + (bracket === "[" || bracket === "{" ? 1 : -1));
    if (open > MAX_LEVELS) return true;
  }
  return COMPACT.test(text);
}

const COMPACT = new RegExp(`^[ \\t]*(?:[-?:][ \\t]+){${MAX_LEVELS}}`, "m");

type Aliases = ReadonlyMap<Alias, Node | undefined>;

/** What each alias stands for: the last node before it with its anchor; undefined if there is none. */
function aliasesOf(document: Document.Parsed): Aliases {
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, Node | undefined>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) aliases.set(node, anchors.get(node.source));
      else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return aliases;
}

/** What a merge key is to take over, and cannot: neither a map, nor a list of maps, nor an alias of one. */
function strangersToMerge(document: Document.Parsed, aliases: Aliases): Node[] {
  const strangers: Node[] = [];
  const meant = (node: unknown) => (isAlias(node) ? aliases.get(node) : node);
  visit(document, {
    Pair: (_, { key, value }) => {
      const merges =
        isScalar(key) && (typeof key.value === "symbol" || key.value === "<<") && key.type === "PLAIN";
      if (!merges) return;
      const source = meant(value);
      const maps = isSeq(source) ? source.items : [value];
      for (const map of maps) if (!isMap(meant(map))) strangers.push((isNode(map) ? map : key) as Node);
    },
  });
  return strangers;
}

/** Keys that occur twice in a map, as errors in the form of the parser. */
function keysTwice(document: Document.Parsed): { code: string; message: string; pos: [number, number] }[] {
  const errors: { code: string; message: string; pos: [number, number] }[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const at = key.range?.[0] ?? 0;
        if (seen.has(key.value)) errors.push({ code: "DUPLICATE_KEY", message: "", pos: [at, at + 1] });
        seen.add(key.value);
      }
    },
  });
  return errors;
}

/** A sentence as it continues another one, with a small first letter; an abbreviation keeps its capitals. */
export function lowerFirst(text: string): string {
  return text.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase());
}

function decode(bytes: Uint8Array, file: string): { text: string } | { bad: Location } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    const before = new TextDecoder("utf-8").decode(bytes).split("\ufffd", 1)[0] ?? "";
    const lines = before.split("\n");
    return { bad: { file, line: lines.length, column: (lines[lines.length - 1] ?? "").length + 1 } };
  }
}

type LocationOf = (from: number, to: number) => Location;

function locationsOf(
  document: Document.Parsed,
  aliases: Aliases,
  locationOf: LocationOf,
): { values: Map<string, Location>; keys: Map<string, Location> } {
  const values = new Map<string, Location>();
  const keys = new Map<string, Location>();
  const mark = (locations: Map<string, Location>, pointer: string, node: Node | null | undefined) => {
    if (node?.range) locations.set(pointer, locationOf(node.range[0], node.range[1]));
  };
  let aliased = 0;
  /** @throws ReferenceError when aliases stand for too much */
  const count = (values: number) => {
    aliased += values;
    if (aliased > MAX_ALIASED) throw new ReferenceError("an alias bomb");
  };
  const resolved = (node: unknown): unknown => (isAlias(node) ? aliases.get(node) : node);

  /** The pairs that a map merges (`<<`) come before its own pairs, so that for the location, too, the later pair wins. */
  const pairsOf = (map: YAMLMap): Pair[] => {
    const pairs: Pair[] = [];
    const merged: Pair[] = [];
    for (const pair of map.items) {
      if (!isScalar(pair.key) || pair.key.value !== "<<") {
        pairs.push(pair);
        continue;
      }
      const from = resolved(pair.value);
      const sources = isSeq(from) ? from.items : [from];
      for (const source of [...sources].reverse()) {
        const target = resolved(source);
        if (!isMap(target)) continue;
        count(target.items.length + 1);
        for (const each of pairsOf(target)) merged.push(each);
      }
    }
    return [...merged, ...pairs];
  };
  const walk = (node: unknown, pointer: string, inAlias: boolean): void => {
    if (inAlias) count(1);
    const target = resolved(node);
    const inner = inAlias || isAlias(node);
    if (isMap(target)) {
      for (const pair of pairsOf(target)) {
        const key = pair.key as Node;
        const child = `${pointer}${pointerSegment(isScalar(key) ? String(key.value) : String(key))}`;
        mark(keys, child, key);
        mark(values, child, isScalar(pair.value) && pair.value.value !== null ? pair.value : key);
        walk(pair.value, child, inner);
      }
    } else if (isSeq(target)) {
      for (const [index, item] of target.items.entries()) {
        const child = `${pointer}${pointerSegment(index)}`;
        mark(values, child, isPair(item) ? null : (item as Node));
        walk(item, child, inner);
      }
    }
  };
  mark(values, "", document.contents);
  walk(document.contents, "", false);
  return { values, keys };
}
