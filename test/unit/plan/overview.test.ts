import { expect, it } from "vitest";
import { OverviewBuilder } from "../../../src/plan/overview.js";
import { compile } from "../../../src/planner/compile.js";
import { diskOf, inventoryOf, policyOf } from "../../support/plans.js";

it("says how far apart the runs are, and how far apart what is kept of them", () => {
  const { plan } = compile(
    policyOf({
      schedule: [{ level: "full", at: "@daily" }],
      retention: { keepWeekly: 4 },
    }),
    inventoryOf([diskOf("vda", "qcow2")]),
    { from: "2026-11-30T00:00:00Z", until: "2026-12-28T00:00:00Z" },
  );
  if (plan === undefined) throw new Error("nothing was planned");
  const builder = new OverviewBuilder(plan);
  for (const domain of plan.domains) builder.add(domain);
  const { all } = builder.build();
  expect([all.longestGap, all.longestKeptGap]).toEqual([24 * 60 * 60, 7 * 24 * 60 * 60]);
});
