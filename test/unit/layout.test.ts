import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";

/*
 * The layout of `src/` as CONTRIBUTING.md tells it: which folder imports from which, nothing in a circle, and a planner that asks
 * neither clock nor files. Imports of types count, as a reader follows them too.
 */

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const FILES = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join("src", file))
  .sort();
const TEXTS = new Map(FILES.map((file) => [file, readFileSync(file, "utf8")]));
const IMPORTS = FILES.flatMap(importsOf);

function importsOf(from: string): Import[] {
  const statement = /(?:^|\n)(import|export)( type)?\s[^;"]*?"(\.[^"]+)"|import\("(\.[^"]+)"\)/g;
  return [...(TEXTS.get(from) ?? "").matchAll(statement)].map(([, , type, named, lazy]) => ({
    from,
    to: normalize(join(dirname(from), named ?? lazy ?? "")).replace(/\.js$/, ".ts"),
    typeOnly: type !== undefined,
  }));
}

/** The row of the table that a file belongs to; undefined for the two files at the top. */
function folderOf(file: string): string | undefined {
  const [, folder, inner] = file.split("/");
  if (folder === undefined || folder.endsWith(".ts")) return undefined;
  return folder === "planner" && inner !== undefined && !inner.endsWith(".ts") ? `planner/${inner}` : folder;
}

/** Folder → what it may import from, and whether only types. */
function table(): ReadonlyMap<string, ReadonlyMap<string, "all" | "types">> {
  const rows = readFileSync("CONTRIBUTING.md", "utf8").matchAll(/^\| `([a-z/]+)` +\|[^|]*\|([^|]*)\|$/gm);
  return new Map(
    [...rows].map(([, folder = "", cell = ""]) => [
      folder,
      new Map(
        [...cell.matchAll(/\(?([a-z/]+)\)?/g)].map(([whole, other = ""]) => [
          other,
          whole.startsWith("(") ? "types" : "all",
        ]),
      ),
    ]),
  );
}

it("every import of the sources leads to a file", () => {
  expect(IMPORTS.filter(({ to }) => to.endsWith(".ts") && !TEXTS.has(to))).toEqual([]);
  expect(IMPORTS.length).toBeGreaterThan(600);
});

it("folders import what CONTRIBUTING's table says, and all of it", () => {
  const used = new Map<string, Map<string, "all" | "types">>();
  for (const { from, to, typeOnly } of IMPORTS) {
    const [folder, other] = [folderOf(from), folderOf(to)];
    if (folder === undefined || other === undefined) continue;
    const row = used.get(folder) ?? new Map<string, "all" | "types">();
    used.set(folder, row);
    if (folder === other) continue;
    row.set(other, typeOnly && row.get(other) !== "all" ? "types" : "all");
  }
  const plain = (rows: ReadonlyMap<string, ReadonlyMap<string, string>>) =>
    Object.fromEntries(
      [...rows].sort().map(([folder, row]) => [folder, [...row].map((pair) => pair.join(": ")).sort()]),
    );
  expect(plain(used)).toEqual(plain(table()));
});

it("each row of the table imports from rows above it", () => {
  const above = new Set<string>();
  for (const [folder, row] of table()) {
    expect([...row.keys()].filter((other) => !above.has(other) && folder !== other)).toEqual([]);
    above.add(folder);
  }
});

it("no imports go in a circle, of types neither", () => {
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "open") circles.push([...path.slice(path.indexOf(file)), file].join(" > "));
    if (state.has(file)) return;
    state.set(file, "open");
    for (const { to } of IMPORTS.filter(({ from }) => from === file)) visit(to, [...path, file]);
    state.set(file, "done");
  };
  for (const file of FILES) visit(file, []);
  expect(circles).toEqual([]);
});

it("planned domains come from one place", () => {
  const outside = IMPORTS.filter(
    ({ from, to }) =>
      /^src\/planner\/(plan-domains|domain\/plan-domain)\.ts$/.test(to) && !from.startsWith("src/planner/"),
  );
  expect(outside.map(({ from }) => from)).toEqual(
    [...new Array(outside.length)].map(() => "src/compilation/plans.ts"),
  );
  expect(outside.length).toBeGreaterThan(0);
});

it("the planner asks neither clock nor files", () => {
  const middle = FILES.filter((file) => file.startsWith("src/planner/"));
  const asks = middle.flatMap((file) => {
    const text = TEXTS.get(file) ?? "";
    const modules = [...text.matchAll(/from "(node:[^"]+)"/g)].flatMap(([, name = ""]) => name);
    return [
      ...modules.filter((name) => !["node:path", "node:crypto"].includes(name)),
      ...(text.match(/Date\.now|new Date\(\)|DateTime\.(?:now|local)\b|Math\.random|process\./g) ?? []),
    ].map((what) => `${file}: ${what}`);
  });
  expect(asks).toEqual([]);
  expect(middle.length).toBeGreaterThan(20);
});

it("a function returns what it made and its diagnostics, never one or the other", () => {
  const either = FILES.flatMap((file) =>
    (TEXTS.get(file) ?? "")
      .split("\n")
      .filter((line) => /[\w>\]}] \| (?:readonly )?Diagnostic\b/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(either).toEqual([]);
});
