import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

const bench = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, "bench/run.mjs"), ...args], { encoding: "utf8" });

const schema = JSON.parse(readFileSync(join(ROOT, "bench/bench.schema.json"), "utf8"));

describe("npm run bench", () => {
  it("measures every case, and its JSON is as its schema says", { timeout: 120_000 }, () => {
    const only = "compile,read,recompile,check,diff,timeline,due";
    const done = bench("--domains", "1,2", "--slots", "8", "--history", "2", "--only", only, "--json");
    expect(done.stderr).toBe("");
    const result = JSON.parse(done.stdout);
    const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
    expect(validate(result) ? [] : validate.errors).toEqual([]);
    expect(
      result.cases.map(({ name, domains }: { name: string; domains: number }) => `${name} ${domains}`),
    ).toEqual([
      "compile 1",
      "compile 2",
      "read 2",
      "check 2",
      "timeline 2",
      "due 2",
      "recompile, nothing changed 2",
      "recompile, one disk moved 2",
      "diff 2",
      "recompile, one policy line 2",
    ]);
    // A full first, then incrementals: two documents and three, of eight days with two Sundays at most.
    expect(result.cases[1].documents).toBe(2 * result.cases[0].documents);
    expect(result.growth).toBeNull();
  });

  it("refuses sizes that are none", () => {
    const done = bench("--domains", "many");
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(/^--domains many: whole numbers of at least 1/);
  });
});

describe("npm run bench:run", () => {
  const benchRun = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(ROOT, "bench/run-cost.mjs"), ...args], { encoding: "utf8" });

  it.each([
    [["--size", "many"], /^--size many: whole numbers of at least 1/],
    [["--size", "64", "--data", "65"], /^--data 65: more than a disk of 64 MiB holds/],
    [["--only", "nothing"], /^--only nothing: there is no such case/],
  ])("refuses %j before it makes a guest", (args, says) => {
    const done = benchRun(...args);
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(says);
  });
});
