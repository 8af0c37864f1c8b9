import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { filesOfDomain, filesOfPlan } from "../../../src/plan/files.js";
import type { Plan } from "../../../src/plan/plan.js";
import { ROOT } from "../../support/tidemark.js";

/*
 * One table says which files a plan has: what is written is read from it, and what a later plan removes. Here it is compared with
 * the plans that are committed.
 */

const plans = ["golden", "plans"].flatMap((above) =>
  readdirSync(join(ROOT, above), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("plan.json"))
    .map((path) => dirname(join(ROOT, above, path)))
    .filter(
      (folder) => !/\/(inventory|before)(\/|$)/.test(folder) && !existsSync(join(folder, "policy.yaml")),
    ),
);

it.each(plans.map((folder) => relative(ROOT, folder)))(
  "%s has the files of the table, and no others",
  (name) => {
    const folder = join(ROOT, name);
    const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as Plan;
    const table = [...filesOfPlan(plan), ...plan.domains.flatMap((domain) => [...filesOfDomain(domain)])];
    // Golden cases leave the machinery out.
    const isGolden = name.startsWith("golden");
    const there = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .filter((path) => path !== "diagnostics.txt");
    const said = table.flatMap(({ path, holds }) => (isGolden && holds === "library" ? [] : path));
    expect(there.sort()).toEqual(said.sort());
    const perRun = table.filter(({ holds }) => holds === "backup" || holds === "checkpoint");
    expect(perRun.length).toBeLessThanOrEqual(
      2 * plan.domains.reduce((sum, { runs }) => sum + runs.length, 0),
    );
  },
);
