import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { renderDomainDeclarations, renderPlanDeclarations } from "../../../src/emit/run-script.js";
import { clockChanges } from "../../../src/plan/clock-changes.js";
import type { Plan } from "../../../src/plan/plan.js";
import { limitsOf } from "../../../src/planner/calendar/limits.js";
import { compile } from "../../../src/planner/compile.js";
import { diskOf, inventoryOf, policyOf, settingsOf, type Written } from "../../support/plans.js";
import { ROOT } from "../../support/tidemark.js";

const scratch = mkdtempSync(join(tmpdir(), "tidemark-settings-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs lines with the machinery of the run scripts, and the declarations of a policy's plan. */
function inRun(written: Written, lines: string) {
  const horizon = { from: "2026-12-01T00:00:00Z", until: "2026-12-03T00:00:00Z" };
  const { plan } = compile(policyOf(written), inventoryOf([diskOf("vda", "qcow2")]), horizon);
  const { domains, ...header } = plan as Plan;
  const [domain] = domains;
  if (domain === undefined) throw new Error("there is no domain");
  writeFileSync(join(scratch, "plan.bash"), renderPlanDeclarations(header, undefined));
  writeFileSync(join(scratch, "domain.bash"), renderDomainDeclarations(header, domain, ""));
  const script = `set -euo pipefail
source templates/lib/guard.bash
source templates/lib/run.bash
source '${scratch}/plan.bash'
source '${scratch}/domain.bash'
${lines}
leave 0`;
  return spawnSync("bash", ["-c", script], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
}

/** What a run of a policy's plan finds set. */
function settings(written: Written): Record<string, string> {
  const done = inRun(written, "declare -p SETTING ANSWER");
  expect(done.stderr).toBe("");
  const [set = "", answers = ""] = done.stdout.split("\n").map((line) => line.slice(line.indexOf("(")));
  const entries = [...set.matchAll(/\[([^\]]+)\]="([^"]*)"/g)].map(([, name, value]) => [name, value]);
  return { ...Object.fromEntries(entries), stopped: /\[stopped\]="([^"]*)"/.exec(answers)?.[1] };
}

const DEFAULTS = {
  "file-mode": "0640",
  "folder-mode": "0750",
  owner: "",
  group: "",
  "space-percent": "10",
  "space-bytes": "16777216",
  "retry-times": "2",
  "retry-seconds": "900",
  "hook-seconds": "600",
  "freeze-seconds": "60",
  stopped: "skip",
};

describe("runs learn of the policy's settings", () => {
  it.each<[string, Written, Partial<typeof DEFAULTS>]>([
    ["as they are by default", {}, {}],
    ["as they are by default, of a domain that is frozen", { defaults: { freeze: true } }, {}],
    [
      "permissions",
      { permissions: { owner: "root", group: "64055", mode: "600" } },
      { owner: "root", group: "64055", "file-mode": "0600", "folder-mode": "0700" },
    ],
    ["spaceMargin", { spaceMargin: "5%" }, { "space-percent": "5", "space-bytes": "0" }],
    ["retry", { retry: { times: 0, after: "1h" } }, { "retry-times": "0", "retry-seconds": "3600" }],
    ["hookTimeLimit", { hookTimeLimit: "2h30min" }, { "hook-seconds": "9000" }],
    ["freezePatience", { defaults: { freeze: true, freezePatience: "0min" } }, { "freeze-seconds": "0" }],
    ["onStopped of all", { onStopped: "fail" }, { stopped: "fail" }],
    [
      "onStopped of a domain, which wins",
      { onStopped: "fail", defaults: { onStopped: "skip" }, domains: { vm: { onStopped: "offline-copy" } } },
      { stopped: "offline-copy" },
    ],
  ])("%s", (_, written, expected) => expect(settings(written)).toEqual({ ...DEFAULTS, ...expected }));
});

describe("runs know the bandwidth of an hour", () => {
  const HOURS = [
    { weekdays: "mon-fri", hours: "08:00-18:00", limit: "20MiB/s" },
    { hours: "22:00-06:00", limit: "200MiB/s" },
    { weekdays: "sun", hours: ["09:00-10:30", "12:00-12:01"], limit: "1B/s" },
  ];
  /** What a run would be held to at instants, in seconds. */
  const allowed = (written: Written, instants: readonly number[]) => {
    const asked = instants.map((instant) => `bandwidth_at ${instant}; echo "$REPLY"`).join("\n");
    const done = inRun(written, asked);
    expect(done.stderr).toBe("");
    return done.stdout.trim().split("\n").map(Number);
  };

  it.each<[string, Written, number]>([
    ["none by default", {}, 0],
    ["of all hours", { defaults: { bandwidth: "8MiB/s" } }, 8 << 20],
    [
      "unlimited for a domain",
      { defaults: { bandwidth: "8MiB/s" }, domains: { vm: { bandwidth: "unlimited" } } },
      0,
    ],
    [
      "unlimited at all hours",
      { defaults: { bandwidth: [{ hours: "08:00-18:00", limit: "unlimited" }] } },
      0,
    ],
  ])("%s", (_, written, expected) => {
    expect(allowed(written, [0, 1_800_000_000])).toEqual([expected, expected]);
    expect(inRun(written, "has_bandwidth && echo yes || echo no").stdout).toBe(
      expected > 0 ? "yes\n" : "no\n",
    );
  });

  it.each(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])(
    "as the clocks of %s show it, also after they have been changed",
    (timezone) => {
      const bandwidth = HOURS;
      const limits = limitsOf(settingsOf({ bandwidth }).bandwidth ?? 0, timezone);
      const from = Date.parse("2026-12-01T00:00:00Z") / 1000;
      // A year in steps that meet each minute of the hour, and the hours around each change.
      const year = Array.from({ length: 1500 }, (_, index) => from + index * 21_061);
      const changes = clockChanges(timezone, from, from + 366 * 86_400).slice(1);
      const around = changes.flatMap((change) => [-3601, -1, 0, 1, 1799, 3600].map((by) => change.from + by));
      expect(changes).toHaveLength(/UTC|Asia/.test(timezone) ? 0 : 2);
      const instants = [...year, ...around];
      const expected = instants.map((instant) => limits(instant * 1000).limit);
      expect(new Set(expected).size).toBe(4);
      expect(allowed({ timezone, defaults: { bandwidth } }, instants)).toEqual(
        expected.map((limit) => (Number.isFinite(limit) ? limit : 0)),
      );
    },
  );
});

describe("a push job is held to the bandwidth of the hour", () => {
  /** What libvirt is told of jobs on vda and vdb, of which vdb ends: a line for each time that the run looks at them. */
  const told = (limits: readonly number[], refuses = "") => {
    const lines = `DOMAIN[mode]=push DISKS=(vda vdb) calls='${scratch}/calls' ended=""
has_bandwidth() { true; }
bandwidth_at() { REPLY=\${limits[turn]}; }
v() {
  [[ $3 != "$ended" ]] || { echo "disk $3 does not have an active block job"; return 1; }
  echo -n " $3=$5" >>"$calls"
  [[ $turn != '${refuses}' ]]
}
limits=(${limits.join(" ")})
for ((turn = 0; turn < \${#limits[@]}; turn++)); do
  : >"$calls"
  ((turn < 3)) || ended=vdb
  limit_job
  echo "\${limits[turn]}:$(<"$calls")"
done`;
    const done = inRun({}, lines);
    expect(done.stderr).toBe("");
    return done.stdout.trim().split("\n");
  };

  it("the disks share it, and those that are left have it all", () =>
    expect(told([64, 64, 10, 10])).toEqual([
      "64: vda=32 vdb=32",
      "64: vda=32 vdb=32",
      "10: vda=5 vdb=5",
      "10: vda=5 vda=10",
    ]));

  it("a limit that ends is lifted once, and jobs without a limit are let alone", () =>
    expect(told([0, 8, 0, 0])).toEqual(["0:", "8: vda=4 vdb=4", "0: vda=0 vdb=0", "0:"]));

  it("a limit that could not be lifted is lifted at the next turn", () =>
    expect(told([8, 0, 0], "1")).toEqual(["8: vda=4 vdb=4", "0: vda=0 vdb=0", "0: vda=0 vdb=0"]));

  it("the smallest limit is not shared out to none", () => expect(told([1])).toEqual(["1: vda=1 vdb=1"]));
});

it("a setting that the machinery does not know ends the run", () => {
  const done = inRun({}, "setting unheard-of 1");
  expect(done.status).not.toBe(0);
  expect(done.stderr).toContain("there is no setting unheard-of");
});
