import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parse } from "yaml";

/*
 * Who reads manifests, plans and policies in another language reads the schemas there. A validator in Python is asked; of the regular
 * expressions of Go and Rust, which Debian has no validator for, the dialect is held to.
 */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const schemas = readdirSync(join(ROOT, "schemas")).filter((name) => name.endsWith(".json"));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const files = ["golden", "plans"]
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
  )
  .sort();

const PYTHON = `
import json, sys
from jsonschema import Draft202012Validator
asked = json.load(sys.stdin)
validators = {}
for name, schema in asked["schemas"].items():
    Draft202012Validator.check_schema(schema)
    validators[name] = Draft202012Validator(schema)
answers = []
for name, value in asked["values"]:
    error = next(iter(validators[name].iter_errors(value)), None)
    answers.append(None if error is None else error.message)
json.dump(answers, sys.stdout)
`;

/** What Python's jsonschema says of each value; null of one that it accepts. */
function python(values: readonly (readonly [schema: string, value: unknown])[]): (string | null)[] {
  const done = spawnSync("python3", ["-c", PYTHON], {
    input: JSON.stringify({
      schemas: Object.fromEntries(schemas.map((name) => [name, JSON.parse(read(`schemas/${name}`))])),
      values: values.map(([schema, value]) => [`${schema}.schema.json`, value]),
    }),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (done.status !== 0) throw new Error(done.stderr || String(done.error));
  return JSON.parse(done.stdout);
}

const LAYERED = { version: 1, name: "nightly", extends: "base.yaml", include: ["domains.d/*.yaml"] };
const FRAGMENT = { domains: { web: null } };

it("Python accepts what is whole, and layers of a policy one by one", () => {
  const refused = new Set([
    "damaged-manifest",
    ...files.flatMap((path) =>
      /expected\/diagnostics\.txt$/.test(path) && / error /.test(read(path)) ? path.split("/")[1] : [],
    ),
  ]);
  const values = files.flatMap((path): [string, string, unknown][] => {
    if (refused.has(path.split("/")[1] ?? "")) return [];
    if (/\/catalog\/.*\d{6}Z\.json$/.test(path)) return [[path, "manifest", JSON.parse(read(path))]];
    if (/\/(?:expected|plan)\/(?:[^/]+\/)?plan\.json$/.test(path))
      return [[path, "plan", JSON.parse(read(path))]];
    if (/^(?:golden|plans)\/[^/]+\/policy\.yaml$/.test(path))
      return [[path, "policy", parse(read(path), { merge: true })]];
    return [];
  });
  for (const [kind, least] of [
    ["manifest", 20],
    ["plan", 30],
    ["policy", 40],
  ] as const)
    expect(values.filter(([, schema]) => schema === kind).length, kind).toBeGreaterThan(least);
  values.push(["layered", "policy", LAYERED], ["fragment", "policy", FRAGMENT]);
  const said = python(values.map(([, schema, value]) => [schema, value]));
  expect(values.flatMap(([path], index) => (said[index] === null ? [] : `${path}: ${said[index]}`))).toEqual(
    [],
  );
});

it("Python refuses what is not", () => {
  const manifest = JSON.parse(
    read(files.find((path) => /another-disk\/inventory\/catalog\/.*Z\.json$/.test(path)) ?? ""),
  );
  const { domains: _, ...lacking } = parse(read("plans/nightly/policy.yaml"));
  const values: [string, unknown][] = [
    ["manifest", { ...manifest, domain: "a\u0007b" }],
    ["manifest", { ...manifest, domain: "a\u009bb" }],
    ["policy", lacking],
    ["policy", { ...LAYERED, extend: "x" }],
    ["policy", { ...FRAGMENT, version: [2] }],
  ];
  for (const answer of python(values)) expect(answer).toEqual(expect.any(String));
});

it("patterns have only what regular expressions of Go and Rust have", () => {
  const patterns: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "pattern" && typeof inner === "string") patterns.push(inner);
      else if (key === "patternProperties") patterns.push(...Object.keys(inner as object));
      collect(inner);
    }
  };
  for (const name of schemas) collect(JSON.parse(read(`schemas/${name}`)));
  expect(patterns.length).toBeGreaterThan(30);
  // RE2: no looking around, no references back; \u is JavaScript's alone, and \p is not Python's.
  expect(patterns.filter((pattern) => /\(\?[=!<]|\\[1-9pPukc]/.test(pattern))).toEqual([]);
});
