import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

/* What a run asks libvirt about itself (lib/host.bash). */

it.each([
  ["11.10.0", "11.10", true],
  ["12.1.0", "11.10", true],
  ["11.9.0", "11.10", false],
  ["9.0.0", "11.10", false],
  // What is not known is taken for old.
  ["", "11.10", false],
])("%s is as new as %s or not: %s", (version, first, isSince) => {
  const script = `source templates/lib/guard.bash off; source templates/lib/run.bash; is_since "$1" "$2"`;
  const { status } = spawnSync("bash", ["-c", script, "-", version, first], { cwd: ROOT });
  expect(status).toBe(isSince ? 0 : 1);
});

it("tells when a process was started, and nothing of one that is gone", () => {
  const script =
    'source templates/lib/guard.bash off; source templates/lib/run.bash; process_start "$1"; echo; process_start 4999999';
  const { stdout, stderr } = spawnSync("bash", ["-c", script, "-", String(process.pid)], {
    cwd: ROOT,
    encoding: "utf8",
  });
  // Beyond the highest number that Linux gives a process.
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^\d+\n$/), ""]);
});
