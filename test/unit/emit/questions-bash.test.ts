import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

/*
 * What libvirt is asked together (ask_together, lib/host.bash), with a virsh that prints what a test wants and notes its calls. That
 * the real one answers several commands in this way, and goes on after one that it refuses, is asked in test/live/played.test.ts.
 */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-questions-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const UUID = "00000000-0000-4000-8000-000000000001";
const APART = "\x1e\n";

/** Runs the lines with a virsh that prints this text when it is asked several things, and else says what it was asked. */
function ask(
  printed: string,
  ...lines: readonly string[]
): { status: number | null; stdout: string; stderr: string; calls: readonly string[] } {
  const calls = join(scratch, "calls");
  writeFileSync(calls, "");
  writeFileSync(join(scratch, "printed"), printed);
  writeFileSync(
    join(scratch, "virsh"),
    `#!/bin/bash
echo "$*" >>'${calls}'
if [[ $* == *";"* ]]; then cat '${join(scratch, "printed")}'; exit; fi
[[ $1 != domstate ]] || { echo "error: no such domain" >&2; exit 1; }
echo "alone: $*"
`,
  );
  chmodSync(join(scratch, "virsh"), 0o755);
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
plan nightly sha256:0 2026-12-01T00:00:00Z 2027-01-01T00:00:00Z
domain vm ${UUID} /repository/vm push
answers last-verified full skip 3600 nightly continue
POINT[name]=nightly-20261206T010000Z
${lines.join("\n")}`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, PATH: `${scratch}:${process.env["PATH"]}` },
  });
  return { status, stdout, stderr, calls: readFileSync(calls, "utf8").split("\n").slice(0, -1) };
}

it("gives each answer as virsh has printed it, and asks libvirt once", () => {
  const { stdout, calls } = ask(
    `vm\n\n${APART}\n<domain>\n\n  <name>vm</name>\n</domain>\n\n${APART}`,
    'ask_together "domname @" "dumpxml @ --inactive"',
    "known domname @",
    "known dumpxml @ --inactive",
  );
  expect(stdout).toBe("vm\n\n\n<domain>\n\n  <name>vm</name>\n</domain>\n\n");
  expect(calls).toEqual([
    `domname --domain ${UUID}; echo \x1e; dumpxml --domain ${UUID} --inactive; echo \x1e; `,
  ]);
});

it("knows what libvirt has refused, and asks again where it matters why", () => {
  const { stdout, stderr, calls } = ask(
    `\n${APART}vm\n\n${APART}`,
    'ask_together "domstate @" "domname @"',
    "is_refused domstate @ && echo refused",
    "! is_refused domname @ && echo answered",
    "! is_refused domid @ && echo never asked",
    "known domstate @ || true",
    "known domname @",
  );
  expect(stdout).toBe("refused\nanswered\nnever asked\nvm\n\n");
  expect(stderr).toBe("error: no such domain\n");
  expect(calls.slice(1)).toEqual([`domstate --domain ${UUID}`]);
});

it.each([
  ["nothing", "", ["domname", "domid"]],
  ["half of an answer", `vm\n\n${APART}12`, ["domid"]],
])("asks each alone that is not answered, where virsh has printed %s", (_, printed, alone) => {
  const { stdout, calls } = ask(
    printed,
    'ask_together "domname @" "domid @"',
    "! is_refused domid @",
    "known domname @ >/dev/null",
    "known domid @",
  );
  expect(calls.slice(1)).toEqual(alone.map((command) => `${command} --domain ${UUID}`));
  expect(stdout).toBe(`alone: domid --domain ${UUID}\n`);
});

it("asks alone about a name that virsh would take for more than a word", () => {
  const { stdout, calls } = ask(
    `vm\n\n${APART}`,
    "target='vda; undefine vm'",
    'ask_together "domblkinfo @ --device $target" "domname @"',
    "known domname @",
    'known domblkinfo @ --device "$target"',
  );
  expect(calls).toEqual([
    `domname --domain ${UUID}; echo \x1e; `,
    `domblkinfo --domain ${UUID} --device vda; undefine vm`,
  ]);
  expect(stdout).toContain("vm");
});

it("forgets the answers before they may have changed", () => {
  const answers = `vm\n\n${APART}`.repeat(9);
  const count = `echo "\${#ANSWERED[@]}"`;
  const stub = (...names: readonly string[]) => names.map((name) => `${name}() { :; }`);
  const checked = ask(
    answers,
    ...stub("fault", "answer_stopped", "find_drift", "answer_gone", "choose_bases", "answer_added"),
    ...stub("check_targets", "check_compression", "check_paths", "prove_disks", "check_reach", "check_space"),
    "is_refused() { :; }",
    "RUN[state]=new",
    "check_host",
    count,
  );
  expect([checked.stderr.includes("error"), checked.stdout.trim().split("\n").at(-1)]).toEqual([false, "0"]);
  const made = ask(
    answers,
    ...stub("fault", "listen", "journal", "read_versions", "make_point_folder", "gather_evidence"),
    "RUN[state]=new",
    "create_images",
    count,
  );
  expect(made.stdout.trim().split("\n").at(-1)).toBe("0");
  const retired = ask(
    answers,
    ...stub("fault", "damage_forbids"),
    "RUN[state]=sealed TABLE[retires]=yes KEEP=()",
    "is_running() { :; }",
    "is_owned() { return 1; }",
    "retire_checkpoints",
    count,
  );
  expect(retired.stdout.trim().split("\n").at(-1)).toBe("0");
  const ended = ask(
    answers,
    ...stub("stop_listening", "end_copies", "stop_serving", "say_disturbed"),
    `report_end() { ${count}; }`,
    'ask_together "domstate @"',
    "RUN[dry]=yes",
    "on_exit",
  );
  expect(ended.stdout.trim().split("\n").at(-1)).toBe("0");
});
