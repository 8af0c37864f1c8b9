import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LIBRARY } from "../../../src/plan/files.js";
import { callsOf } from "../../support/bash-words.js";
import { ROOT } from "../../support/tidemark.js";

/*
 * Each module of templates/lib says in its head which functions of others it calls, which globals of others it reads, and which
 * it sets. `TIDEMARK_REFRESH=1` writes the lines as they should be; the diff is what a change asks of other modules.
 */

const FOLDER = join(ROOT, "templates/lib");
const REFRESH = process.env["TIDEMARK_REFRESH"] === "1";
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".bash"))
  .map((file) => file.slice(0, -".bash".length))
  .sort();
const texts = new Map(names.map((name) => [name, readFileSync(join(FOLDER, `${name}.bash`), "utf8")]));

/** A text without its comments. */
const code = (text: string) => text.replaceAll(/^[ \t]*#.*\n/gm, "");
const functionsOf = (text: string) => [...text.matchAll(/^([a-z_]\w*)\(\)/gm)].map(([, name = ""]) => name);
/** Globals that a module declares, or sets outside of its functions. */
const globalsOf = (text: string) =>
  [
    ...code(text).matchAll(/^(?:declare (?:-[aAi] )?|export )?((?:[A-Z][A-Z_]+=\S* ?)+|[A-Z][A-Z_]+=\()/gm),
  ].flatMap(([whole]) => [
    ...[...whole.matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, name = ""]) => name),
    ...others(text, whole),
  ]);

/** The other arrays of a line that declares several. */
function others(text: string, start: string): string[] {
  const at = text.indexOf(`\n${start}`) + 1;
  const line = text.slice(at, text.indexOf("\n", at));
  return line.startsWith("declare")
    ? [...line.matchAll(/ ([A-Z][A-Z_]+)=/g)].map(([, name = ""]) => name)
    : [];
}

const functions = new Map(
  names.flatMap((name) => functionsOf(texts.get(name) ?? "").map((each) => [each, name])),
);
/** The text of each function. */
const bodies = new Map(
  [...texts.values()].flatMap((text) =>
    text
      .split(/^(?=[a-z_]\w*\(\))/m)
      .slice(1)
      .map((body) => [body.slice(0, body.indexOf("(")), body] as const),
  ),
);
const globals = new Map(
  names.flatMap((name) => globalsOf(texts.get(name) ?? "").map((each) => [each, name] as const)),
);
for (const each of ["LC_ALL"]) globals.delete(each);

/** The modules that a text sources, and those that these do. */
function sourcedBy(text: string): Set<string> {
  const named = [...text.matchAll(/^source ".*\/(\w+)\.bash"$/gm)].map(([, name = ""]) => name);
  return new Set(named.flatMap((name) => [name, ...sourcedBy(texts.get(name) ?? "")]));
}

/** The calls of functions that a module's own functions lead to, in whichever module those are. */
function callsFrom(start: string): { caller: string; called: string }[] {
  const calls: { caller: string; called: string }[] = [];
  const seen = new Set(functionsOf(texts.get(start) ?? ""));
  for (const caller of seen) {
    for (const called of callsOf(bodies.get(caller) ?? "").filter((each) => functions.has(each))) {
      calls.push({ caller, called });
      seen.add(called);
    }
  }
  return calls;
}

interface Contract {
  /** By module. */
  readonly calls: ReadonlyMap<string, readonly string[]>;
  readonly reads: readonly string[];
  readonly sets: readonly string[];
}

function contractOf(name: string): Contract {
  const text = texts.get(name) ?? "";
  const called = new Set(callsOf(text));
  const calls = new Map<string, string[]>();
  for (const each of [...called].sort()) {
    const owner = functions.get(each);
    if (owner === undefined || owner === name || each === "loaded") continue;
    calls.set(owner, [...(calls.get(owner) ?? []), each]);
  }
  const foreign = [...globals].filter(([, owner]) => owner !== name).map(([each]) => each);
  const source = code(text);
  const sets = foreign.filter((each) =>
    new RegExp(`(?<![\\w$\{!#])${each}(\\[[^\\]]*\\])?\\+?=(?!=)`).test(source),
  );
  const reads = foreign.filter((each) => isRead(source, each));
  return { calls: new Map([...calls].sort()), reads: reads.sort(), sets: sets.sort() };
}

/** Whether the value of a global is asked for, or that it has one. */
function isRead(source: string, name: string): boolean {
  return new RegExp(
    `\\$\\{?[#!]?${name}(?!\\w)|-v ${name}(?!\\w)|\\(\\(.*(?<!\\w)${name}(?!\\w).*\\)\\)`,
  ).test(source);
}

function headLines({ calls, reads, sets }: Contract): string[] {
  const called = [...calls].map(([owner, each]) => `${owner} (${each.join(" ")})`);
  return [
    ...wrapped("# Calls: ", called.length === 0 ? ["nothing"] : called),
    ...wrapped("# Reads: ", reads.length === 0 ? ["nothing"] : reads),
    ...wrapped("# Sets: ", sets.length === 0 ? ["nothing"] : sets),
  ];
}

/** Words after a label, in lines of at most 130 characters. */
function wrapped(label: string, items: readonly string[]): string[] {
  const lines: string[] = [];
  let line = label;
  for (const [index, word] of items.join(", ").split(" ").entries()) {
    if (index > 0 && line.length + word.length >= 130) {
      lines.push(line.trimEnd());
      line = "#   ";
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/** A module's head: its first comment, without and with the contract. */
function headOf(text: string): { said: string[]; contract: string[]; rest: string } {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  const head = lines.slice(0, end);
  const from = head.findIndex((line) => line.startsWith("# Calls: "));
  return {
    said: from < 0 ? head : head.slice(0, from),
    contract: from < 0 ? [] : head.slice(from),
    rest: lines.slice(end).join("\n"),
  };
}

it.each(names)("lib/%s.bash says what it needs of others and what it sets", (name) => {
  const { said, contract, rest } = headOf(texts.get(name) ?? "");
  const should = headLines(contractOf(name));
  if (REFRESH) {
    writeFileSync(join(FOLDER, `${name}.bash`), [...said, ...should, rest].join("\n"));
    return;
  }
  expect(contract, "TIDEMARK_REFRESH=1 npx vitest run test/unit/emit/contracts.test.ts").toEqual(should);
});

describe("the modules together", () => {
  it("are those that a plan has, and all of them", () => {
    expect([...LIBRARY].sort()).toEqual(names);
  });

  it("end with the line that says that they were read to their end", () => {
    for (const name of names) expect(texts.get(name)?.trimEnd().split("\n").at(-1)).toBe(`loaded ${name}`);
  });

  it("have each function and each global in one place", () => {
    for (const listOf of [functionsOf, globalsOf]) {
      const all = names.flatMap((name) => [...new Set(listOf(texts.get(name) ?? ""))]);
      expect(all.filter((each, index) => all.indexOf(each) !== index && each !== "LC_ALL")).toEqual([]);
    }
  });

  it.each(["run", "restore", "due"])("%s.bash reads, and asks for, all that its modules call", (start) => {
    const text = texts.get(start) ?? "";
    const sourced = [...sourcedBy(text)];
    const required = /^ {2}require (.*)$/m.exec(text)?.[1]?.split(" ") ?? [];
    expect(required.filter((name) => !["plan", "domain"].includes(name)).sort()).toEqual(
      ["guard", ...sourced, start].sort(),
    );
    const there = new Set(["guard", start, ...sourced]);
    for (const { caller, called } of callsFrom(start))
      expect(there, `${caller} calls ${called}`).toContain(functions.get(called));
  });

  it("move a run from state to state in one function", () => {
    for (const [name, text] of texts)
      if (name !== "state") expect(text, name).not.toMatch(/RUN\[state\]=|RUN=\(/);
  });
});

it("calls are seen wherever bash sees them, and nowhere else", () => {
  const text = `# fa
a() { fb "$(fc "x $(fd)")" || fe; } # ff
case $1 in fg | fh) fi_ ;; fj) ;; esac
if fk; then x=1 fl; fi
while read -r fm; do fn_; done < <(fo | fp)
cat <<TEXT
fq
TEXT
[[ $(fr) == fs && fu ]] && echo 'fv $(fw)' "fx" \${y:-$(fz)} $((ga + $(gb)))
list=(gc "$(gd)") ge[$(gf)]=1 gg
run gh gi
for gj in gk; do gl; done
`;
  const seen = callsOf(text).filter((word) => /^(?!fi$)[fg]\w_?$/.test(word));
  expect(seen).toEqual(
    [
      "fb",
      "fc",
      "fd",
      "fe",
      "fi_",
      "fk",
      "fl",
      "fn_",
      "fo",
      "fp",
      "fr",
      "fz",
      "gb",
      "gd",
      "gf",
      "gg",
      "gh",
      "gi",
      "gl",
    ].sort((a, b) => seen.indexOf(a) - seen.indexOf(b)),
  );
});
