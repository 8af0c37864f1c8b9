import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

/* Which disks a run leaves out, and what it says of them (lib/parts.bash). */

/** Calls functions for a plan of the disks vda and vdb, of which it backs up both, and sda, which it leaves out. */
function bash(attached: string, lines: string): string {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
EXPECTED=(vda vdb sda) DISKS=(vda vdb)
for target in ${attached}; do ATTACHED+=("$target"); ATTACHED_TYPE[$target]=file; done
join_by() { local -n them=$1; printf '%s' "\${them[*]}"; }
${lines}
exit 0`;
  const done = spawnSync("bash", ["-c", script], { cwd: ROOT, encoding: "utf8" });
  const said = done.stdout + done.stderr;
  expect(said).not.toMatch(/unbound|syntax error|command not found/);
  return said.replaceAll(/^\S+Z {2}/gm, "");
}

const STATE = `answer_gone; echo "$(join_by DISKS)|$(join_by LEFT_OUT)|$(deviations)"`;

it("a disk that is gone is left out, and the others stay", () => {
  const said = bash("vda sda", STATE);
  expect(said).toMatch(
    /warning: disk vdb is in the plan, and the domain no longer has it: it is not backed up/,
  );
  expect(said).toMatch(/vda\|vdb\|disk vdb is gone\n/);
});

it("one that is not backed up is not missed", () => {
  expect(bash("vda vdb", STATE)).toBe("vda vdb||\n");
});

it("a run without any of its disks is refused", () => {
  for (const attached of ["sda", ""])
    expect(bash(attached, STATE)).toMatch(/error: the domain has none of the planned disks any more\n$/);
});

it("what is missing is said with its reason", () => {
  const say = (missing: string) =>
    bash("vda", `missing_parts() { printf %s '${missing}'; }; say_missing x && echo 6 || echo 0`);
  const said = say("vdb vdc");
  expect(said).toContain("error: not backed up, because the domain no longer has them: vdb\n");
  expect(said).toContain("error: not backed up, because the plan does not know them: vdc\n");
  expect(said).toMatch(/^6$/m);
  expect(say("")).toBe("0\n");
});
