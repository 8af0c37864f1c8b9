import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { humanBytes } from "../../../src/diagnostics/amounts.js";

it.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [10_234, "9.99 KiB"],
  [10_235, "10 KiB"],
  [2457 * 2 ** 20, "2.4 GiB"],
  [41.25 * 2 ** 30, "41.3 GiB"],
  [1023.5 * 2 ** 20, "1 GiB"],
  [5000 * 2 ** 40, "5000 TiB"],
])("%i bytes are %s", (bytes, text) => expect(humanBytes(bytes)).toBe(text));

it("the scripts say the same", () => {
  const near = fc
    .tuple(
      fc.constantFrom(0, 1, 2, 3, 4),
      fc.constantFrom(1, 9.995, 99.95, 1023.5, 3.145),
      fc.integer({ min: -2, max: 2 }),
    )
    .map(([unit, value, more]) => Math.max(0, Math.round(value * 1024 ** unit) + more));
  const amounts = fc.sample(fc.oneof(near, fc.integer({ min: 0, max: 2 ** 50 })), { numRuns: 500, seed: 6 });
  const machinery = readFileSync(new URL("../../../templates/lib/messages.bash", import.meta.url), "utf8");
  const script = `${/^human\(\) \{[\s\S]*?^\}/m.exec(machinery)?.[0]}\nfor each; do human "$each"; echo; done`;
  const done = spawnSync("bash", ["-euc", script, "bash", ...amounts.map(String)], { encoding: "utf8" });
  expect(done.stdout.trimEnd().split("\n")).toEqual(amounts.map(humanBytes));
});
