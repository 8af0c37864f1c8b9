import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { printText } from "../../src/diagnostics/print.js";
import { makeFolders } from "../../src/emit/make-folders.js";
import { NotReadable, readBounded } from "../../src/inventory/bounded.js";
import { capture } from "../../src/inventory/capture.js";
import { readFolder } from "../../src/inventory/load.js";
import { readXml } from "../../src/libvirt/xml.js";
import { openPlan } from "../../src/plan/read.js";
import { bytesOf } from "../../src/plan/scan.js";
import { compose } from "../../src/policy/compose.js";
import { globMatcher } from "../../src/policy/glob.js";
import { readYaml } from "../../src/policy/yaml.js";

/* What test/fuzz found, one by one. */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-hostile-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const codesOf = (diagnostics: readonly { code: string }[]) => diagnostics.map(({ code }) => code);

describe("globs", () => {
  it("with many stars are answered at once", () => {
    expect(globMatcher(`${"*a".repeat(50)}*b`)("a".repeat(5000))).toBe(false);
  });

  it.each([
    ["web-*", "web-1", true],
    ["*-1", "web-1-1", true],
    ["*a*b", "xaxbxb", true],
    ["*a*b", "xaxbx", false],
    ["w?b", "web", true],
    ["w?b", "wb", false],
    ["?", "🧿", true],
    ["[a-c]*", "box", true],
    ["[!a-c]*", "box", false],
    ["*", "", true],
    ["[z-a]", "[z-a]", true],
    ["[z-a]", "z", false],
  ])("%s and %s: %s", (pattern, name, expected) => expect(globMatcher(pattern)(name)).toBe(expected));
});

it("a terminal is sent no control character of the second kind, and no change of direction", () => {
  const message = "the name \u009b2J\u007f\u202e";
  const location = { file: "a\nb", line: 1, column: 1 };
  expect(
    printText([{ code: "TM201", severity: "error", message, location }], new Map(), { color: false }),
  ).toBe("a\\nb:1:1 error TM201 the name \\u009b2J\\u007f\\u202e\n\n1 error\n");
});

it("a folder that cannot be is refused at once", () => {
  expect(() => makeFolders("/proc/no-such/folder")).toThrow(/ENOENT/);
  makeFolders(join(scratch, "made/b"));
  makeFolders(join(scratch, "made/b/c"));
  writeFileSync(join(scratch, "made/file"), "");
  expect(() => makeFolders(join(scratch, "made/file/b"))).toThrow(/ENOTDIR/);
});

describe("YAML", () => {
  it.each([
    ["many aliases", `x: &x a\ny: [${"*x,".repeat(20_000)}]\n`],
    ["a large anchor that is named often", `x: &x [${"a,".repeat(50_000)}]\ny: [${"*x,".repeat(900)}]\n`],
  ])("with %s is an alias bomb", (_, text) => {
    expect(readYaml(text, "p.yaml").diagnostics).toMatchObject([
      { code: "TM102", message: "the aliases in the policy stand for too many values" },
    ]);
  });

  it("with an anchor that holds itself is nested without end", () => {
    expect(codesOf(readYaml("x: &x [*x]\n", "p.yaml").diagnostics)).toEqual(["TM102"]);
  });

  it("names each key that is there twice, among many", () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1\n`).join("");
    expect(readYaml(`${keys}k7: 2\n`, "p.yaml").diagnostics).toMatchObject([
      { code: "TM102", message: "the key occurs twice", location: { line: 50_001, column: 1 } },
    ]);
  });

  it("takes an alias for the last anchor of its name before it", () => {
    expect(readYaml("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "p.yaml").tree?.value).toEqual({
      a: 1,
      b: 1,
      c: 2,
      d: 2,
    });
  });
});

it("files that name each other twice at each level are counted", () => {
  const { tree } = readYaml("extends: [f1, f1]\n", "f0");
  if (tree === undefined) throw new Error("not read");
  const files = {
    read: (path: string) =>
      Buffer.from(`extends: [f${Number(path.slice(1)) + 1}, f${Number(path.slice(1)) + 1}]\n`),
    list: () => [],
  };
  const messages = compose(tree, "f0", files).diagnostics.map(({ message }) => message);
  expect(messages).toContain("the policy names more than 1000 files");
});

it.each([
  ["attributes that look like an end", `${"<a b='/>'>".repeat(5000)}${"</a>".repeat(5000)}`],
  ["ends in a comment", `<a><!--${"</b>".repeat(5000)}-->${"<b>".repeat(5000)}${"</b>".repeat(5000)}</a>`],
])("XML that is deep behind %s is refused", (_, xml) => {
  expect(codesOf(readXml(Buffer.from(xml), "a.xml").diagnostics)).toEqual(["TM202"]);
});

it("a plan that lacks what its schema asks for is no plan to compare", () => {
  const domains = [{ directory: "vm", runs: [{}], found: [], figures: {} }];
  expect(
    openPlan(bytesOf(JSON.stringify({ formatVersion: "2.0", unplanned: [], domains })), "plan.json", "all"),
  ).toMatchObject({ diagnostics: [{ code: "TM503", message: expect.stringContaining("it lacks ") }] });
});

it("a checkpoint whose name leads out of the inventory is refused", async () => {
  const answers: Record<string, string> = {
    version: "Using library: libvirt 9.0.0\nRunning hypervisor: QEMU 7.2.22\n",
    list: "00000000-0000-4000-8000-000000000001 vm\n",
    dumpxml: "<domain/>",
    "checkpoint-list": "../../../outside\n",
  };
  const { diagnostics } = await capture(async ([command = ""]) => ({
    status: 0,
    stdout: answers[command] ?? "",
    stderr: "",
  }));
  expect(diagnostics).toMatchObject([
    { code: "TM210", message: expect.stringContaining('"../../../outside"') },
  ]);
});

it("links that lead back and images in a catalog are not read", () => {
  writeFileSync(join(scratch, "host.json"), "{}");
  for (const name of ["a", "b", "c"]) symlinkSync(".", join(scratch, name));
  expect(readFolder(scratch).files.map(({ path }) => path)).toEqual(["host.json"]);
});

it("a file is read up to a size", () => {
  writeFileSync(join(scratch, "large.xml"), Buffer.alloc(100));
  expect(readBounded(join(scratch, "large.xml"), 100).length).toBe(100);
  expect(() => readBounded(join(scratch, "large.xml"), 99)).toThrow(NotReadable);
  expect(() => readBounded("/dev/zero", 99)).toThrow("it is not a regular file");
  expect(() => readBounded(scratch, 99)).toThrow("it is a folder");
});
