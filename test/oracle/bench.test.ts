import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../support/tidemark.js";

it("Jinja2 and Ansible's template module render from the same data the same documents, byte for byte", () => {
  const sizes = ["--domains", "2", "--slots", "8", "--documents", "30", "--only", "render", "--json"];
  const done = spawnSync(process.execPath, [join(ROOT, "bench/run.mjs"), ...sizes], { encoding: "utf8" });
  expect(done.stderr).toBe("");
  const [{ peers }] = JSON.parse(done.stdout).cases;
  expect(peers).toMatchObject([
    { name: "Jinja2 in Python", status: "ran", documents: 30, sameOutput: true },
    { name: "Ansible's template module", status: "ran", documents: 1, sameOutput: true },
  ]);
});
