import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const TIDEMARK = join(ROOT, "dist/bin/tidemark.js");

/** Runs the built program in a folder, and ends it after a time, if one is given. */
export function tidemarkIn(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeout?: number,
): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [TIDEMARK, ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
    ...(timeout !== undefined && { timeout, killSignal: "SIGKILL" }),
  });
}

const SCHEMAS = ["diff"];

/** Reads JSON that must be as one of the schemas says. */
export function readAs(schema: string, text: string): unknown {
  const load = (name: string) => JSON.parse(readFileSync(join(ROOT, `schemas/${name}.schema.json`), "utf8"));
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  for (const other of SCHEMAS) if (other !== schema) ajv.addSchema(load(other));
  const validate = ajv.compile(load(schema));
  const value: unknown = JSON.parse(text);
  expect(validate(value) ? [] : validate.errors).toEqual([]);
  return value;
}
