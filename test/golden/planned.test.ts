import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT, tidemarkIn } from "../support/tidemark.js";

/* Domains are planned in one place: whichever command asks, turns are taken, and what there is to say of a plan is said. */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-planned-"));
const work = join(scratch, "turns");
const tidemark = (...args: readonly string[]) => tidemarkIn(work, args);

beforeAll(() => {
  cpSync(join(ROOT, "golden/turns"), work, {
    recursive: true,
    filter: (path) => !path.endsWith("/expected"),
  });
  expect(tidemark("compile", "policy.yaml", "-o", "plan")).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it.each([
  ["compile", "policy.yaml", "-o", "again"],
  ["compile", "policy.yaml", "-o", "plan", "--check"],
  ["compile", "policy.yaml", "--dry-run"],
  ["validate", "policy.yaml"],
  ["xml", "policy.yaml", "backup", "--domain", "db", "--slot", "2026-12-05T02:00"],
  ["explain", "policy.yaml", "--domain", "db"],
  ["timeline", "policy.yaml"],
  ["diff", "plan", "policy.yaml"],
])("%s %s %s %s", (...args) => {
  const { status, stderr } = tidemark(...args);
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringContaining('warning TM315 the run of "db"'),
  });
});
