import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CODES } from "../../src/diagnostics/codes.js";
import { ROOT, readAs, tidemarkIn } from "../support/tidemark.js";

const scratch = mkdtempSync(join(tmpdir(), "tidemark-json-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeAll(() => {
  cpSync(join(ROOT, "plans/nightly"), join(scratch, "nightly"), { recursive: true });
  const catalog = join(ROOT, "golden/carried-on/inventory/catalog/web");
  for (const name of readdirSync(catalog)) {
    const folder = join(scratch, "repository/web", name.replace(".json", ""));
    mkdirSync(folder, { recursive: true });
    cpSync(join(catalog, name), join(folder, "manifest.json"));
  }
});
const tidemark = (...args: readonly string[]) => tidemarkIn(scratch, [...args, "--format", "json"]);

const XML = join(ROOT, "golden/carried-on/inventory/web.xml");

/** What was printed, as one of the schemas says. */
function told(schema: string, done: ReturnType<typeof tidemark>): unknown {
  if (done.stderr !== "") expect(readAs("diagnostics", done.stderr)).toMatchObject({ diagnostics: [] });
  expect(done.status).toBe(0);
  return readAs(schema, done.stdout);
}

describe("programs are told", () => {
  it("what init made", () => {
    expect(
      told("first-policy", tidemark("init", "--xml", "nightly/inventory", "--timezone", "UTC", "-o", "new")),
    ).toEqual({
      formatVersion: "1.0",
      name: "nightly",
      policy: "new/policy.yaml",
      inventory: "nightly/inventory",
      domains: 2,
      disks: 4,
      unprotected: [{ target: "sda", why: "empty cdrom", domains: ["web-1"] }],
    });
  });

  it("where a timeline was written", () => {
    const timeline = (...args: readonly string[]) =>
      told("timeline", tidemark("timeline", "nightly/plan", ...args));
    expect(timeline("-o", "all.html")).toMatchObject({
      file: "all.html",
      kind: "html",
      domains: 2,
      points: 28,
    });
    expect(timeline("-o", "one", "--as", "svg", "--domain", "mail")).toMatchObject({
      kind: "svg",
      domains: 1,
    });
    expect(readFileSync(join(scratch, "one"), "utf8")).toMatch(/^<svg/);
    expect(tidemark("timeline", "nightly/plan").stdout).toMatch(/^<!doctype html>/);
  });

  it("what the status of a repository is: its images are not there", () => {
    const done = tidemark("status", "repository", "--at", "2026-12-01T10:00");
    expect(done.status).toBe(2);
    const remark = { grade: "alarm", kind: "broken" };
    expect(readAs("status", done.stdout)).toMatchObject({
      at: "2026-12-01T10:00:00Z",
      domains: [{ name: "web", chain: 3, age: 32_400, last: { point: "nightly-20261201T010000Z" } }],
      summary: { domains: 1, alarm: 1, attention: 0 },
    });
    expect(readAs("status", done.stdout)).toMatchObject({ domains: [{ remarks: Array(6).fill(remark) }] });
  });

  it("which checkpoints redefine brings back", () => {
    expect(
      told("redefinition", tidemark("redefine", "repository", "--domain-xml", XML, "-o", "back")),
    ).toEqual({
      formatVersion: "1.0",
      directory: "back",
      script: "back/redefine.sh",
      domain: "web",
      uuid: "6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01",
      checkpoints: ["nightly-20261129T010000Z", "nightly-20261130T010000Z", "nightly-20261201T010000Z"],
    });
  });

  it.each(["TM312", "TM402"] as const)("what %s means", (code) => {
    expect(told("meaning", tidemark("explain", code))).toMatchObject({ code, title: CODES[code] });
  });

  it.each([
    ["init", "--xml", "nowhere"],
    ["timeline", "nowhere"],
    ["timeline", "nightly/plan", "-o", "x.png"],
    ["status", "nowhere"],
    ["status", "nightly/plan", "--at", "yesterday"],
    ["status", "nightly/plan", "--max-age", "soon"],
    ["status", "nightly/plan", "--domain", "nobody"],
    ["redefine", "nowhere", "--domain-xml", XML],
    ["redefine", "repository", "--domain-xml", XML, "-o", "nightly"],
    ["restore", "nowhere"],
  ])("what is wrong: %j %j %j", (...args) => {
    const done = tidemark(...args);
    expect([done.stdout, done.status]).toEqual(["", 1]);
    expect(readAs("diagnostics", done.stderr)).toMatchObject({ diagnostics: [{ severity: "error" }] });
  });
});

it("every schema is printed by its name", () => {
  const names = readdirSync(join(ROOT, "schemas")).map((name) => name.replace(".schema.json", ""));
  expect(
    tidemarkIn(scratch, ["schema", "--help"])
      .stdout.match(/"[a-z-]+"/g)
      ?.sort(),
  ).toEqual(expect.arrayContaining(names.map((name) => `"${name}"`)));
  for (const name of names)
    expect(tidemarkIn(scratch, ["schema", name]).stdout).toBe(
      readFileSync(join(ROOT, `schemas/${name}.schema.json`), "utf8"),
    );
});
