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
/** What virsh is asked last, and answers: that libvirt was there. */
const PROOF = `vm\n\n${APART}`;
const COUNT = `echo "\${#ANSWERED[@]}"`;
const PROVE = `domname --domain ${UUID}; echo \x1e`;

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
    `vm\n\n${APART}\n<domain>\n\n  <name>vm</name>\n</domain>\n\n${APART}${PROOF}`,
    'ask_together "domname @" "dumpxml @ --inactive"',
    "known domname @",
    "known dumpxml @ --inactive",
  );
  expect(stdout).toBe("vm\n\n\n<domain>\n\n  <name>vm</name>\n</domain>\n\n");
  expect(calls).toEqual([
    `domname --domain ${UUID}; echo \x1e; dumpxml --domain ${UUID} --inactive; echo \x1e; ${PROVE}`,
  ]);
});

it("knows what libvirt has refused, and asks again where it matters why", () => {
  const { stdout, stderr, calls } = ask(
    `\n${APART}vm\n\n${APART}${PROOF}`,
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
  ["nothing", ""],
  ["half of an answer", `vm\n\n${APART}12`],
  ["only marks, because libvirt is away", `${APART.repeat(2)}\n${APART}`],
  ["that it knows no such domain", `\n${APART}`.repeat(3)],
])("asks each alone if it is not proven that libvirt was there: virsh has printed %s", (_, printed) => {
  const { stdout, calls } = ask(
    printed,
    'ask_together "domname @" "domid @"',
    "if is_refused domid @; then echo refused; fi",
    "known domname @ >/dev/null",
    "known domid @",
  );
  expect(calls.slice(1)).toEqual(["domname", "domid"].map((command) => `${command} --domain ${UUID}`));
  expect(stdout).toBe(`alone: domid --domain ${UUID}\n`);
});

it("asks alone about a name that virsh would take for more than a word", () => {
  const { stdout, calls } = ask(
    `vm\n\n${APART}${PROOF}`,
    "target='vda; undefine vm'",
    'ask_together "domblkinfo @ --device $target" "domname @"',
    "known domname @",
    'known domblkinfo @ --device "$target"',
  );
  expect(calls).toEqual([
    `domname --domain ${UUID}; echo \x1e; ${PROVE}`,
    `domblkinfo --domain ${UUID} --device vda; undefine vm`,
  ]);
  expect(stdout).toContain("vm");
});

it("asks again for a base that libvirt has refused before it counts as gone", () => {
  const base = "nightly-20261205T010000Z";
  const { stdout, calls } = ask(
    `${`vm\n\n${APART}`.repeat(5)}\n${APART}${PROOF}`,
    `BASE[vda]=${base}`,
    "ask_of_domain",
    `know_checkpoint ${base}`,
    `printf '%s' "\${CHECKPOINT[${base}]}"`,
  );
  expect(calls).toHaveLength(2);
  expect(stdout).toMatch(/^alone: checkpoint-dumpxml --domain /);
});

it("asks for the versions again if one is missing", () => {
  const { status, calls } = ask(
    `Using library: libvirt 9.0.0\n\n${APART}${PROOF}`,
    'ask_together "version --daemon"',
    "await_libvirt() { :; }",
    "! read_versions",
  );
  expect([status, calls.at(-1)]).toEqual([0, "version --daemon"]);
});

it("asks anew of a stopped domain once it listens whether that is started", () => {
  const { stdout } = ask(
    `\n${APART}shut off\n\n${APART}${PROOF}`,
    'ask_together "dumpxml @" "domstate @"',
    "ANSWER[stopped]=offline-copy RUN[state]=new",
    `watch_stopped() { ${COUNT}; }`,
    "answer_stopped",
  );
  expect(stdout.trim().split("\n").at(-1)).toBe("0");
});

it("forgets the answers before they may have changed", () => {
  const printed = (questions: number) => `${`vm\n\n${APART}`.repeat(questions)}${PROOF}`;
  const stub = (...names: readonly string[]) => names.map((name) => `${name}() { :; }`);
  const checked = ask(
    printed(5),
    ...stub("fault", "answer_stopped", "find_drift", "answer_gone", "choose_bases", "answer_added"),
    ...stub("check_targets", "check_compression", "check_paths", "prove_disks", "check_reach", "check_space"),
    "is_refused() { :; }",
    "RUN[state]=new",
    "check_host",
    COUNT,
  );
  expect([checked.stderr.includes("error"), checked.stdout.trim().split("\n").at(-1)]).toEqual([false, "0"]);
  const made = ask(
    printed(3),
    ...stub("fault", "listen", "journal", "read_versions", "make_point_folder", "gather_evidence"),
    "RUN[state]=new",
    "create_images",
    COUNT,
  );
  expect(made.stdout.trim().split("\n").at(-1)).toBe("0");
  const retired = ask(
    printed(2),
    ...stub("fault", "damage_forbids"),
    "RUN[state]=sealed TABLE[retires]=yes KEEP=()",
    "is_running() { :; }",
    "is_owned() { return 1; }",
    "retire_checkpoints",
    COUNT,
  );
  expect(retired.stdout.trim().split("\n").at(-1)).toBe("0");
  const ended = ask(
    printed(1),
    ...stub("stop_listening", "end_copies", "stop_serving", "say_disturbed"),
    `report_end() { ${COUNT}; }`,
    'ask_together "domstate @"',
    "RUN[dry]=yes",
    "on_exit",
  );
  expect(ended.stdout.trim().split("\n").at(-1)).toBe("0");
});
