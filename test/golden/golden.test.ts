import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { CODES, type DiagnosticCode } from "../../src/diagnostics/codes.js";
import { diagnosticIndex, diagnosticPage } from "../../src/emit/diagnostic-page.js";
import { RULES } from "../../src/libvirt/rules/index.js";
import { readFleet } from "../../src/plan/fleet.js";
import { readPlan } from "../../src/plan/read.js";
import { policyPage } from "../support/policy-page.js";

/*
 * A case is a folder: `policy.yaml` and `inventory/` go in, `expected/` comes out: the plan directory as the compiler
 * writes it, and in `diagnostics.txt` what it says. `before/`, where there is one, is what the plan directory held.
 * The machinery in `lib/` is the same for every plan and is compared with its source once.
 */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const GOLDEN = join(ROOT, "golden");
const TIDEMARK = join(ROOT, "dist/bin/tidemark.js");
const REFRESH = process.env["TIDEMARK_REFRESH"] === "1";

/** Where a plan must not change: another zone, another locale, a path with spaces. */
const SURROUNDINGS = [
  { title: "here", folder: "plain", env: { TZ: "UTC", LC_ALL: "C.UTF-8" } },
  {
    title: "in Auckland, in Turkish, in a path with spaces",
    folder: "with two  spaces & more",
    env: { TZ: "Pacific/Auckland", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" },
  },
];

const scratch = mkdtempSync(join(tmpdir(), "tidemark-golden-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const cases = readdirSync(GOLDEN, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

describe.each(cases)("%s", (name) => {
  it.each(SURROUNDINGS)("compiles to what is expected, $title", ({ folder, env }) => {
    const got = compile(name, folder, env);
    const expected = join(GOLDEN, name, "expected");
    if (REFRESH && folder === "plain") {
      rmSync(expected, { recursive: true, force: true });
      for (const [path, text] of got) {
        mkdirSync(join(expected, path, ".."), { recursive: true });
        writeFileSync(join(expected, path), text);
      }
    }
    expect(Object.fromEntries(got)).toEqual(Object.fromEntries(readTree(expected)));
  });
});

describe("the cases together", () => {
  it("are plans as the schema says, and can be read back", () => {
    const validator = (schema: string) =>
      new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true, strictRequired: false }).compile(
        JSON.parse(readFileSync(join(ROOT, `schemas/${schema}.schema.json`), "utf8")),
      );
    const [plan, fleet] = [validator("plan"), validator("fleet")];
    for (const name of cases) {
      for (const [path, text] of readTree(join(GOLDEN, name, "expected"))) {
        if (path === "fleet.json") {
          expect(fleet(JSON.parse(text)) ? [] : fleet.errors, name).toEqual([]);
          expect(readFleet(text, name)).toHaveProperty("fleet");
        } else if (/^(?:[^/]+\/)?plan\.json$/.test(path)) {
          expect(plan(JSON.parse(text)) ? [] : plan.errors, `${name} ${path}`).toEqual([]);
          expect(readPlan(text, name)).toHaveProperty("plan");
        }
      }
    }
  });

  it("are many", () => expect(cases.length).toBeGreaterThanOrEqual(20));

  it("show every diagnostic there is", () => {
    const said = cases
      .map((name) => readTree(join(GOLDEN, name, "expected")).get("diagnostics.txt") ?? "")
      .join("\n");
    const missing = Object.keys(CODES).filter((code) => !said.includes(code));
    // A policy that is too large to read is too large to keep; the unit tests make one. The rules of TM4xx that a policy cannot
    // break are broken one by one in test/unit/libvirt/rules.test.ts; the others are said of command lines, repositories, hosts and
    // documents, and TM213 of calls of the library, in test/golden/library.test.ts.
    expect(missing.filter((code) => !RULES.some((rule) => rule.code === code))).toEqual([
      "TM001",
      "TM109",
      "TM210",
      "TM213",
      "TM407",
      "TM408",
      "TM505",
      "TM506",
      "TM507",
      "TM508",
      "TM509",
      "TM510",
      "TM512",
    ]);
  });
});

it("compiles the example plans to what is committed", () => {
  for (const example of readdirSync(join(ROOT, "plans"))) {
    const out = join(scratch, `example ${example}`);
    const done = spawnSync(process.execPath, [TIDEMARK, "compile", "policy.yaml", "-o", out], {
      cwd: join(ROOT, "plans", example),
      encoding: "utf8",
    });
    expect(done.stderr).toBe("");
    const committed = join(ROOT, "plans", example, "plan");
    if (REFRESH) {
      rmSync(committed, { recursive: true, force: true });
      cpSync(out, committed, { recursive: true });
    }
    expect(Object.fromEntries(readTree(out))).toEqual(Object.fromEntries(readTree(committed)));
  }
});

it("has a page for each diagnostic, as the sources say it", () => {
  const folder = join(ROOT, "docs/diagnostics");
  const codes = Object.keys(CODES) as DiagnosticCode[];
  const pages = new Map([
    ["README.md", diagnosticIndex()],
    ...codes.map((code) => [`${code}.md`, diagnosticPage(code)] as const),
  ]);
  if (REFRESH) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [path, text] of pages) writeFileSync(join(folder, path), text);
  }
  expect(Object.fromEntries(readTree(folder))).toEqual(Object.fromEntries([...pages].sort()));
});

it("has a page of every key of a policy, as the schema describes it", () => {
  const page = join(ROOT, "docs/policy.md");
  if (REFRESH) writeFileSync(page, policyPage());
  expect(readFileSync(page, "utf8")).toBe(policyPage());
});

function compile(name: string, folder: string, env: Record<string, string>): Map<string, string> {
  const place = join(scratch, folder, name);
  cpSync(join(GOLDEN, name), place, { recursive: true, filter: (path) => !path.endsWith("/expected") });
  const out = join(place, "out");
  const before = join(place, "before");
  if (existsSync(before)) cpSync(before, out, { recursive: true });
  const earlier = readTree(out);
  const done = spawnSync(process.execPath, [TIDEMARK, "compile", "policy.yaml", "-o", "out"], {
    cwd: place,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...env },
  });
  const failed = done.status !== 0;
  // A case that is to be refused says so in its name, so that no other is refused for an old format of its own inputs.
  if (!name.startsWith("diagnostics-")) expect(done.stderr).not.toContain("error TM");
  expect(done.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(done.status).toBe(/(^|\s)error TM\d{3}/.test(done.stderr) ? 1 : 0);
  const written = readTree(out);
  if (failed) expect(Object.fromEntries(written)).toEqual(Object.fromEntries(earlier));
  const result = failed ? new Map<string, string>() : new Map(written);
  for (const path of result.keys()) if (/^(?:[^/]+\/)?lib\//.test(path)) result.delete(path);
  if (done.stderr !== "") result.set("diagnostics.txt", done.stderr);
  return result;
}

function readTree(root: string): Map<string, string> {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) return new Map();
  return new Map(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(root.length + 1), readFileSync(path, "utf8")] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
