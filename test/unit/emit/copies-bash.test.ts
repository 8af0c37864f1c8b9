import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

/** Runs lines with the machinery of the run scripts; `said TARGET TEXT` is what the program that copies a disk has printed. */
function run(...lines: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
COPIES=$(mktemp -d)
trap 'rm -rf -- "$COPIES"' EXIT
said() { printf '%b' "$2" >"$COPIES/$1"; }
DISKS=(vda vdb vdc) ANSWER[time-limit]=600
${lines.join("\n")}`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: ROOT, encoding: "utf8" });
  return { status, stdout, stderr };
}

it.each([
  ["qemu-img that has just begun", "", "", "0"],
  ["qemu-img", "", "    (0.00/100%)\\r    (7.09/100%)\\r", "709"],
  ["qemu-img at its end", "", "    (99.01/100%)\\r    (100.00/100%)\\r", "10000"],
  ["qemu-io that has not asked yet", "COPY_PARTS[vda]=4", "", "0"],
  // It asks for the first command before it has done anything.
  ["qemu-io, which has asked for the first of four", "COPY_PARTS[vda]=4", "qemu-io> ", "0"],
  [
    "qemu-io, which has done three of four",
    "COPY_PARTS[vda]=4",
    "qemu-io> qemu-io> qemu-io> qemu-io> ",
    "7500",
  ],
])("how far a copy is: %s", (_, set, said, part) => {
  expect(run(set, `said vda '${said}'`, "copied_part vda")).toEqual({ status: 0, stdout: part, stderr: "" });
});

it("progress is that of all disks: those that are copied, those that are being copied, and those that come", () => {
  const { stdout } = run(
    "NEED=([vda]=1048576 [vdb]=2097152 [vdc]=1048576) COPIED=1048576 COPYING=([vdb]=1)",
    "said vdb '    (50.00/100%)\\r'",
    "SECONDS=20",
    "say_copies",
  );
  expect(stdout).toMatch(/^\S+Z +50 % of 4 MiB, 102 KiB\/s, about 20 s left\n$/);
});

it("a log gets at most a line in ten seconds", () => {
  const { stdout } = run(
    "NEED=([vda]=1048576) COPYING=([vda]=1)",
    "said vda '    (50.00/100%)\\r'",
    ...[5, 11, 15, 20, 22].flatMap((second) => [`SECONDS=${second}`, "say_copies"]),
  );
  expect(stdout.trim().split("\n")).toHaveLength(2);
});

it.each([
  ["qemu-img", 0, "qemu-img: warning: an error of no weight", ""],
  [
    "qemu-img",
    1,
    "    (7.09/100%)\\rqemu-img: error while reading: Input/output error",
    "qemu-img: error while reading: Input/output error",
  ],
  ["qemu-img", 137, "    (7.09/100%)\\r", "qemu-img ended with exit status 137"],
  ["qemu-io", 0, "qemu-io> qemu-io> ", ""],
  ["qemu-io", 0, "qemu-io> read failed: Input/output error\\nqemu-io> ", "read failed: Input/output error"],
  ["qemu-io", 137, "", "qemu-io ended with exit status 137"],
])("why %s failed that ended with %i", (program, status, said, fault) => {
  const done = run(`find_fault "$(printf '%b' '${said}')" ${status} ${program} || printf '%s' "$COPY_FAULT"`);
  expect(done).toEqual({ status: 0, stdout: fault, stderr: "" });
});

it("two disks are copied at the same time, and one under a bandwidth", () => {
  expect(run("copies_at_once").stdout).toBe("2");
  expect(run("bandwidth 0 1000", "copies_at_once").stdout).toBe("1");
});

it("disks that are copied side by side: the program gets its input, and what it prints goes nowhere else", () => {
  expect(
    run(
      "printf 'a\\nb\\n' >\"$COPIES/input\"",
      'start_copy vda "$COPIES/input" cat',
      "start_copy vdb /dev/null cat",
      'rm -f -- "$COPIES/input"',
      "await_copy",
      "first=$REPLY",
      "await_copy",
      `[[ $first != "$REPLY" && \${#COPYING[@]} == 0 ]]`,
      'cat -- "$COPIES/vda" "$COPIES/vdb"',
    ),
  ).toEqual({ status: 0, stdout: "a\nb\n", stderr: "" });
});
