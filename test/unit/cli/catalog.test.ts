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
    writeFileSync(join(folder, "vda.qcow2"), "1");
  }
  expect(catalog(root).paths).toHaveLength(4);
});

it("what is damaged is captured as such: manifests, and images that are gone or cut short", () => {
  const horizon = { from: "2026-12-01T00:00:00Z", until: "2026-12-05T00:00:00Z" };
  const { domains } = compile(policyOf(), inventoryOf([diskOf("vda", "qcow2")]), horizon).plan as Plan;
  const root = join(scratch, "damaged");
  const points = domains.flatMap((domain) => pastOf(domain).catalog);
  for (const [index, manifest] of points.entries()) {
    const folder = join(root, "vm", manifest.point);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "manifest.json"), index === 0 ? "" : JSON.stringify(manifest));
    if (index !== 1) writeFileSync(join(folder, "vda.qcow2"), "1".repeat(index));
  }
  const diagnostics: Diagnostic[] = [];
  const repository = repositoryAt(root, join(scratch, "inventory"), diagnostics) ?? {
    domains: [],
    damaged: [],
  };
  expect(diagnostics).toMatchObject([{ code: "TM207", severity: "warning" }]);
  expect(diagnostics[0]?.message).toContain(
    `${join(root, "vm", points[0]?.point ?? "")}/manifest.json is empty`,
  );
  const damage = catalogOf(repository, ["vm"]).find(({ path }) => path === "catalog/vm/damage.json");
  expect(JSON.parse(damage?.text ?? "")).toEqual({
    formatVersion: "1.0",
    manifests: [{ point: points[0]?.point, fault: "is empty" }],
    images: [
      { point: points[1]?.point, target: "vda", fault: "is missing" },
      { point: points[2]?.point, target: "vda", fault: "has 2 bytes, but its manifest says 1" },
      { point: points[3]?.point, target: "vda", fault: "has 3 bytes, but its manifest says 1" },
    ],
  });
  expect(catalogOf(repository, ["vm"], false).map(({ path }) => path)).not.toContain("catalog/vm/vda.json");
  expect(JSON.parse(catalogOf(repository, ["vm"], false).at(-1)?.text ?? "")).toMatchObject({ images: [] });
});
