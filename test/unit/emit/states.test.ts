import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

/** Runs lines with the machinery of the run scripts; nobody is told of the end. */
function run(...lines: readonly string[]): { status: number | null; stderr: string } {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
RUN[reported]=yes
${lines.join("\n")}`;
  const { status, stderr } = spawnSync("bash", ["-c", script], { cwd: ROOT, encoding: "utf8" });
  return { status, stderr };
}

it("a run goes from state to state as the table says", () => {
  expect(run("enter new", "enter offline", "enter new", "enter sealed", "enter done")).toEqual({
    status: 0,
    stderr: "",
  });
  expect(run("enter new", "enter skipped")).toEqual({ status: 0, stderr: "" });
});

it.each([
  ["waiting", "done"],
  ["waiting", "sealed"],
  ["new", "done"],
  ["offline", "sealed"],
  ["skipped", "new"],
  ["done", "new"],
])("a run that is %s does not become %s", (from, to) => {
  const done = run(`RUN[state]=${from}`, `enter ${to}`);
  expect(done).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`a run that is ${from} cannot become ${to}`),
  });
});

it.each(["waiting", "new", "sealed"])("a script that ends while its run is %s does not end well", (state) => {
  const done = run("DOMAIN[folder]=/nowhere", "trap on_exit EXIT", `RUN[state]=${state}`, "exit 0");
  expect(done).toMatchObject({ status: 1, stderr: expect.stringContaining("before its last step") });
});

it.each(["skipped", "done"])("a script ends well when its run is %s", (state) => {
  expect(run("trap on_exit EXIT", `RUN[state]=${state}`, "exit 0")).toMatchObject({ status: 0 });
});
