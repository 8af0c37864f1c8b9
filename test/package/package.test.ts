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
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, TIDEMARK } from "../support/tidemark.js";

/*
 * The package as `npm pack` makes it, which builds it anew and compares the API's report; then installed where nothing else is,
 * and the single file where not even that is.
 */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-package-"));
const installed = join(scratch, "installed");
const alone = join(scratch, "alone");
const SINGLE = join(alone, "tidemark.mjs");
const CASES = [
  "push-incremental",
  "pull-tcp-tls",
  "hard-names",
  "consolidate",
  "extends-and-include",
  "diagnostics-policy",
  "diagnostics-inventory",
];

let tarball = "";
let packed: readonly string[] = [];

beforeAll(() => {
  const made = succeed("npm", ["pack", "--json", "--pack-destination", scratch], ROOT);
  const [{ filename, files }] = JSON.parse(made.slice(made.indexOf("[\n"))) as [
    { filename: string; files: { path: string }[] },
  ];
  tarball = join(scratch, filename);
  packed = files.map(({ path }) => path);
  mkdirSync(installed);
  mkdirSync(alone);
  succeed("npm", ["init", "--yes"], installed);
  succeed("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball], installed);
  cpSync(join(installed, "node_modules/tidemark/dist/tidemark.mjs"), SINGLE);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the package", () => {
  it("installs the command and its manual page where npm installs for all", () => {
    const prefix = join(scratch, "prefix");
    succeed(
      "npm",
      ["install", "--global", "--prefix", prefix, "--prefer-offline", "--no-audit", "--no-fund", tarball],
      scratch,
    );
    expect(existsSync(join(prefix, "bin/tidemark"))).toBe(true);
    // npm 11 makes this link only where package.json has a list.
    expect(readFileSync(join(prefix, "share/man/man1/tidemark.1"), "utf8")).toBe(
      run([TIDEMARK], ["man"], scratch).stdout,
    );
  });

  it("holds what is used and nothing else", () => {
    const parts = packed.filter(
      (path) => !/^(dist\/bin\/[\w-]+\.js|schemas\/[\w-]+\.schema\.json)$/.test(path),
    );
    expect(parts.sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/bin/NOTICES.txt",
      "dist/completion/_tidemark",
      "dist/completion/tidemark.bash",
      "dist/completion/tidemark.fish",
      "dist/library/index.d.ts",
      "dist/library/index.js",
      "dist/tidemark.1",
      "dist/tidemark.mjs",
      "package.json",
    ]);
    const schemas = readdirSync(join(ROOT, "schemas")).map((name) => `schemas/${name}`);
    expect(packed).toEqual(expect.arrayContaining([...schemas, "dist/bin/tidemark.js"]));
  });

  it("installs without running a script", () => {
    const lock = JSON.parse(readFileSync(join(installed, "package-lock.json"), "utf8"));
    const packages = Object.entries<{ hasInstallScript?: boolean }>(lock.packages);
    expect(packages.length).toBeGreaterThan(4);
    expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
  });

  it("runs", () => {
    const command = join(installed, "node_modules/.bin/tidemark");
    expect(succeed(command, ["--version"], installed)).toBe(`${versionOf(ROOT)}\n`);
    const compiled = compile([command], "push-incremental", "installed");
    expect(compiled.written).toEqual(expectedOf("push-incremental"));
  });

  it("has types and entries that publint and attw accept", () => {
    succeed(join(ROOT, "node_modules/.bin/publint"), ["run", tarball, "--strict"], ROOT);
    const judged = succeed(
      join(ROOT, "node_modules/.bin/attw"),
      [tarball, "--profile", "esm-only", "--no-definitely-typed", "--format", "json"],
      ROOT,
    );
    expect(JSON.parse(judged).analysis).toMatchObject({
      packageName: "tidemark",
      types: { kind: "included" },
    });
  });

  it("serves another TypeScript project", () => {
    const project = join(scratch, "project");
    cpSync(join(ROOT, "examples/library"), project, { recursive: true });
    symlinkSync(join(installed, "node_modules"), join(project, "node_modules"));
    mkdirSync(join(installed, "node_modules/@types"), { recursive: true });
    for (const name of ["@types/node", "undici-types"]) {
      symlinkSync(join(ROOT, "node_modules", name), join(installed, "node_modules", name));
    }
    succeed(join(ROOT, "node_modules/.bin/tsc"), [], project);
    const globs = join(ROOT, "golden/globs-and-overrides");
    const policy = readFileSync(join(globs, "policy.yaml"), "utf8").replaceAll(/^ {2}("\*"|web):.*\n/gm, "");
    writeFileSync(join(project, "policy.yaml"), policy);
    const night = spawnSync(
      process.execPath,
      ["dist/night.js", "policy.yaml", join(globs, "inventory"), "2026-12-07"],
      { cwd: project, encoding: "utf8" },
    );
    expect({ status: night.status, said: night.stderr, printed: night.stdout }).toEqual({
      status: 1,
      said: "",
      printed: `2026-12-07T02:00:00+01:00  db-1: incremental, vda since nightly-20261206T010000Z
2026-12-07T02:00:00+01:00  db-2: incremental, vda since nightly-20261206T010000Z, vdb whole
web: in no backup
`,
    });

    cpSync(join(ROOT, "golden/fleet"), join(project, "hosts"), { recursive: true });
    const fleet = spawnSync(process.execPath, ["dist/fleet.js", "hosts/policy.yaml", "plan"], {
      cwd: project,
      encoding: "utf8",
    });
    expect({ status: fleet.status, said: fleet.stderr, printed: fleet.stdout }).toEqual({
      status: 0,
      said: "",
      printed: "plan: 3 hosts, 12 runs\n",
    });
    expect(readdirSync(join(project, "plan"))).toEqual(
      expect.arrayContaining(["fleet.json", "kvm1", "kvm2", "kvm3"]),
    );
  });
});

describe("the single file", () => {
  it("needs nothing beside it", () => {
    expect(readdirSync(alone)).toEqual(["tidemark.mjs"]);
    for (const args of [["--version"], ["--help"], ["man"], ["schema", "plan"], ["completion", "zsh"]]) {
      expect(run([SINGLE], args, alone).stdout).toBe(run([TIDEMARK], args, alone).stdout);
      expect(run([SINGLE], args, alone).stdout).not.toBe("");
    }
  });

  it.each(CASES)("compiles %s to the same bytes", (name) => {
    const single = compile([SINGLE], name, "single");
    expect(single).toEqual(compile([TIDEMARK], name, "ordinary"));
    expect(single.written).toEqual(expectedOf(name));
  });

  it("names the licences of what it holds", () => {
    const text = readFileSync(SINGLE, "utf8");
    for (const name of ["yaml", "luxon", "croner", "commander", "fast-xml-parser", "ajv"]) {
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+$`, "m"));
    }
  });
});

/** What a case's `expected/` holds: the plan without its library, or what was said instead. */
function expectedOf(name: string): Record<string, string> {
  return readTree(join(ROOT, "golden", name, "expected"));
}

function compile(command: readonly string[], name: string, folder: string) {
  const place = join(scratch, folder, name);
  cpSync(join(ROOT, "golden", name), place, {
    recursive: true,
    filter: (path) => !path.endsWith("/expected"),
  });
  const done = run(command, ["compile", "policy.yaml", "-o", "out"], place);
  const tree = readTree(join(place, "out"));
  const library = Object.fromEntries(Object.entries(tree).filter(([path]) => path.startsWith("lib/")));
  const written = Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith("lib/")));
  if (done.stderr !== "") written["diagnostics.txt"] = done.stderr;
  return { status: done.status, printed: done.stdout, written, library };
}

/** Runs a script by Node, or a program that finds Node itself. */
function run(command: readonly string[], args: readonly string[], cwd: string) {
  const [program = ""] = command;
  return spawnSync(
    /\.m?js$/.test(program) ? process.execPath : program,
    /\.m?js$/.test(program) ? [program, ...args] : [...args],
    { cwd, encoding: "utf8", env: { PATH: process.env["PATH"], TZ: "UTC", LC_ALL: "C.UTF-8" } },
  );
}

function succeed(program: string, args: readonly string[], cwd: string): string {
  const done = spawnSync(program, args, { cwd, encoding: "utf8" });
  expect(done.status, `${program} ${args.join(" ")}\n${done.stdout}${done.stderr}`).toBe(0);
  return done.stdout;
}

function versionOf(folder: string): string {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

function readTree(root: string): Record<string, string> {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) return {};
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(root.length + 1), readFileSync(path, "utf8")];
      }),
  );
}
