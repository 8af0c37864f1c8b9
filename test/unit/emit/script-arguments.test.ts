import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

const PLAN = join(ROOT, "plans/nightly/plan");
const RUN = "web-1/run.sh";
const RESTORE = "web-1/restore.sh";

it.each([
  ["run-due.sh", ["--at", ""], "--at needs a value"],
  ["run-due.sh", ["--domain"], "--domain needs a value"],
  ["run-due.sh", ["--domain", "web-2"], 'the plan has no domain "web-2"'],
  ["run-due.sh", ["--jobs", "0"], "--jobs takes a number, at least 1"],
  [RUN, ["--connect"], "--connect needs a value"],
  [RUN, ["--soon"], "unknown argument: --soon"],
  [RUN, [], "name a slot, or --now; --list prints the slots"],
  [RUN, ["--now", "2026-12-07T01:00:00Z"], "--now takes no slot"],
  [RUN, ["2026-12-07T01:00:00Z", "--full"], "--full belongs to --now"],
  [RUN, ["2026-12-07T01:00:00Z", "--pin", "why"], "--pin needs --now or the name of a restore point"],
  [RUN, ["--unpin"], "--unpin needs --now or the name of a restore point"],
  [RUN, ["../nightly-20261207T010000Z", "--unpin"], "--unpin needs --now or the name of a restore point"],
  [
    RUN,
    ["nightly-20261207T010000Z", "--full", "--unpin"],
    "--unpin needs --now or the name of a restore point",
  ],
  [RUN, ["--now", "--unpin"], "--unpin needs the name of a restore point, and not --now"],
  [
    RUN,
    ["nightly-20261207T010000Z", "--unpin", "--keep", "6w"],
    "only one of --keep, --pin and --unpin can be given",
  ],
  [RUN, ["--now", "--pin"], "--pin needs a value"],
  [RUN, ["--now", "--keep", "6w", "--pin", "why"], "only one of --keep, --pin and --unpin can be given"],
  [RUN, ["--now", "--keep", "soon"], "--keep soon is no time; write 2027-01-31, 30d or 6w"],
  [RUN, ["--now", "--keep", "2026-01-31"], "--keep 2026-01-31 is over already"],
  [
    RUN,
    ["2026-12-07T01:00:00Z", "20261208T010000Z"],
    "one slot at a time, not 2026-12-07T01:00:00Z and 20261208T010000Z",
  ],
  [RUN, ["2026-12-07T02:00:00Z"], "the plan has no slot 2026-12-07T02:00:00Z; --list prints its slots"],
  [RESTORE, [], "name a restore point; --list prints them"],
  [RESTORE, ["one", "two"], "unknown argument: two"],
  [RESTORE, ["--to", ""], "--to needs a value"],
  [RESTORE, ["--disk"], "--disk needs a value"],
  [RESTORE, ["--format", "vmdk"], "the format is qcow2 or raw"],
  [RESTORE, ["--too", "there"], "unknown argument: --too"],
])("%s %j is wrong usage", (script, args, says) => {
  const done = spawnSync("bash", [join(PLAN, script), ...args], { encoding: "utf8" });
  expect(done).toMatchObject({ status: 2, stdout: "" });
  expect(done.stderr).toMatch(/^\S+ {2}error: .*\n/);
  expect(done.stderr.split("\n")[0]).toContain(says);
});
