import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { repositoryAt } from "../../../src/cli/inventory.js";
import type { Diagnostic } from "../../../src/diagnostics/diagnostic.js";
import type { Plan } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import { catalogOf } from "../../../src/repository/catalog.js";
import { diskOf, inventoryOf, pastOf, policyOf } from "../../support/plans.js";

const scratch = mkdtempSync(join(tmpdir(), "tidemark-catalog-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function catalog(root: string): { paths: string[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const repository = repositoryAt(root, join(scratch, "inventory"), diagnostics) ?? {
    domains: [],
    damaged: [],
  };
  return { paths: catalogOf(repository, ["vm"]).map(({ path }) => path), diagnostics };
}

it("an empty repository is one whose first run is still to come; one that cannot be read is not taken for empty", () => {
  const empty = join(scratch, "empty");
  mkdirSync(empty);
  expect(catalog(empty)).toEqual({ paths: ["catalog/.keep"], diagnostics: [] });
  const file = join(scratch, "file");
  writeFileSync(file, "");
  expect(catalog(file).diagnostics).toMatchObject([{ code: "TM505", severity: "error" }]);
});

it("a domain's folder that is a link is one like any other", () => {
  const horizon = { from: "2026-12-01T00:00:00Z", until: "2026-12-04T00:00:00Z" };
  const { domains } = compile(policyOf(), inventoryOf([diskOf("vda", "qcow2")]), horizon).plan as Plan;
  const root = join(scratch, "linked");
  mkdirSync(root);
  symlinkSync(join(scratch, "elsewhere"), join(root, "vm"));
  for (const manifest of domains.flatMap((domain) => pastOf(domain).catalog)) {
    const folder = join(scratch, "elsewhere", manifest.point);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  }
  expect(catalog(root).paths).toHaveLength(4);
});
