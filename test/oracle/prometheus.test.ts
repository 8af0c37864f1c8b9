import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

it("Prometheus takes the example's alerts, which are about metrics that there are", () => {
  const rules = file("examples/prometheus-rules.yml");
  const judged = spawnSync("promtool", ["check", "rules", "--lint-fatal", rules], { encoding: "utf8" });
  expect(judged, judged.error?.message).toMatchObject({ status: 0, stderr: "" });
  const written = readFileSync(file("templates/lib/metrics.bash"), "utf8");
  const asked = readFileSync(rules, "utf8").match(/tidemark_\w+/g) ?? [];
  expect(asked).toHaveLength(3);
  for (const name of asked) expect(written).toContain(` ${name} "`);
  for (const name of written.match(/(?<=gauge )tidemark_\w+/g) ?? []) {
    expect(readFileSync(file("docs/operations.md"), "utf8")).toContain(`| \`${name}\` |`);
  }
});
