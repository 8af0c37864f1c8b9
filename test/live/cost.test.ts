import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import { ROOT } from "../support/tidemark.js";

it("bench:run measures every case on this host, and its JSON is as the schema of benchmarks says", () => {
  const sizes = ["--size", "16", "--data", "8", "--much", "1", "--rounds", "1", "--folder", "/dev/shm"];
  const done = spawnSync(process.execPath, [join(ROOT, "bench/run-cost.mjs"), ...sizes, "--json"], {
    encoding: "utf8",
  });
  expect(done.stderr).toBe("");
  const result = JSON.parse(done.stdout);
  const schema = JSON.parse(readFileSync(join(ROOT, "bench/bench.schema.json"), "utf8"));
  const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
  expect(validate(result) ? [] : validate.errors).toEqual([]);
  expect(result.cases.map(({ name }: { name: string }) => name)).toEqual([
    "full",
    "incremental of 1 MiB",
    "incremental of 64 KiB",
    "pull, full",
    "full, compressed",
    "pull, full, compressed",
    "restore",
    "verify",
    "full that prunes one",
    "incremental of 64 KiB that folds",
  ]);
});
