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

/* A full of a disk that was added, in pull mode. */
const ADDED = `DOMAIN[mode]=pull DOMAIN[folder]=/r/web POINT[name]=p POINT[documents]=$(mktemp)
: >"\${POINT[documents]}.backup.xml"
ADDED=(vdc) ANSWER[new-disk]=full
ATTACHED_SOURCE[vdc]=/i/c ATTACHED_DEVICE[vdc]=disk ATTACHED_FORMAT[vdc]=raw ATTACHED_MARKS[vdc]="" ATTACHED_ENCRYPTED[vdc]=""
SCRATCH=([vda]=/s/web-vda [vdb]=/s/web-vdb) SCRATCH_TYPE=([vda]=file [vdb]=file) EXPORT=([vda]=vda [vdb]=vdb)`;
const SHOW = `echo "$(join_by DISKS)|\${SCRATCH[vdc]-none}|\${EXPORT[vdc]-none}"`;
const ANSWERED = `answer_added; ${SHOW}`;

it("a disk that was added is served beside the others, under its own name", () => {
  expect(bash("vda vdb vdc", `${ADDED}; ${ANSWERED}`)).toMatch(/^vda vdb vdc\|\/s\/web-vda\.vdc\|vdc$/m);
  // Block devices have no folder.
  const second = "SCRATCH=([vda]=/dev/s [vdb]=/s/web-vdb); SCRATCH_TYPE[vda]=block";
  expect(bash("vda vdb vdc", `${ADDED}; ${second}; ${ANSWERED}`)).toMatch(/\|\/s\/web-vdb\.vdc\|/);
});

it.each([
  ["STREAM[send]=cat", "the command that takes the streams knows nothing of it"],
  [`echo "<encryption format='luks'>" >"\${POINT[documents]}.backup.xml"`, "scratch files are encrypted"],
  ["SCRATCH_TYPE=([vda]=block [vdb]=block)", "no other disk has a scratch file"],
  ["EXPORT[vdb]=vdc", "the disk vdb is exported under its name"],
  ["RUN[state]=offline", "the domain does not run"],
])("it is left out where it cannot be: %s", (set, why) => {
  const said = bash("vda vdb vdc", `${ADDED}; ${set}; ${ANSWERED}`);
  expect(said).toContain(`not backed up (it cannot be backed up as a full, because ${why}`);
  expect(said).toMatch(/^vda vdb\|none\|none$/m);
});

it("the scratch file of one that there is no space for is nobody's, and stays", () => {
  const said = bash("vda vdb vdc", `${ADDED}; answer_added; leave_out vdc; ${SHOW}`);
  expect(said).toMatch(/^vda vdb\|none\|/m);
});
