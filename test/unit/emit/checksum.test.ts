import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidemark-checksum-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs lines of bash after modules of templates/lib, with programs of the test's own first on the PATH. */
function script(modules: readonly string[], lines: string, programs: Readonly<Record<string, string>> = {}) {
  for (const [name, text] of Object.entries(programs))
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  const sources = modules.map((name) => `source '${ROOT}/templates/lib/${name}.bash'`).join("\n");
  const before = `set -euo pipefail\nloaded() { :; }\nclose_locks() { :; }\ndeclare -A RUN=([dry]="")\n${sources}`;
  return spawnSync("bash", ["-c", `${before}\n${lines}`], {
    encoding: "utf8",
    cwd: folder,
    env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}` },
  });
}

const sumOf = (text: string) => createHash("sha256").update(text).digest("hex");
const WRONG = `cat >/dev/null; printf '%064d *stdin\\n' 0`;

it.each([
  ["openssl of the host", {}],
  ["an openssl that gives another checksum", { openssl: WRONG }],
  ["an openssl that refuses", { openssl: "exit 1" }],
])("with %s, checksums of many files are sha256", (_, programs) => {
  const names = ["a", "b b", "'c]", "d", "e"];
  for (const name of names) writeFileSync(join(folder, name), `content of ${name}`);
  const lines = `choose_checksum; sum_files "a" "b b" "'c]" d e; for each in "a" "b b" "'c]" d e; do echo "\${SUM["$each"]}"; done`;
  const { stdout, stderr } = script(["messages", "checksum"], lines, programs);
  expect(stderr).toBe("");
  expect(stdout.trim().split("\n")).toEqual(names.map((name) => sumOf(`content of ${name}`)));
});

it("a file that cannot be read, or whose program is killed, has no checksum, and the others have theirs", () => {
  for (const name of ["a", "killed", "z"]) writeFileSync(join(folder, name), name);
  const lines = `sum_files a nothing killed z; printf '%s\\n' "\${SUM[a]}" "\${SUM[nothing]}." "\${SUM[killed]}." "\${SUM[z]}"`;
  const { stdout } = script(["messages", "checksum"], lines, {
    sha256sum: `text=$(cat); [[ $text != killed ]] || kill -9 $$; printf %s "$text" | /usr/bin/sha256sum`,
  });
  expect(stdout.split("\n")).toEqual([sumOf("a"), ".", ".", sumOf("z"), ""]);
});

it("output that is no checksum is a failure", () => {
  const { stdout } = script(["messages", "checksum"], "checksum </dev/null || echo failed", {
    sha256sum: "echo abc -",
  });
  expect(stdout).toBe("failed\n");
});

it("an image that QEMU has not let go of yet is checked again, and a damaged one is not", () => {
  const busy = `echo x >>asked; (($(wc -l <asked) < 3)) || exit 0
echo 'qemu-img: Failed to get shared "write" lock' >&2; exit 1`;
  const lines = `block_node() { echo node; }; check_structure image && echo sound; cat asked`;
  expect(script(["images"], lines, { "qemu-img": busy }).stdout).toBe("sound\nx\nx\nx\n");
  rmSync(join(folder, "asked"));
  const damaged = "echo x >>asked; echo 'ERROR cluster 1 refcount=0' >&2; exit 2";
  const { stdout, stderr } = script(["images"], lines.replace("&&", "||").replace("sound", "damaged"), {
    "qemu-img": damaged,
  });
  expect(stdout).toBe("damaged\nx\n");
  expect(stderr).toMatch(/ERROR cluster 1/);
});

/** `sha256sum`, which rests for a while after the first hundred bytes of each file. */
const RESTS = (seconds: number) => `{ head -c 100; sleep ${seconds}; cat; } | /usr/bin/sha256sum`;

it("while checksums take their time, a line says how far all of them are together", () => {
  for (const name of ["a", "b"]) writeFileSync(join(folder, name), name.repeat(1000));
  const lines = `progress() { echo "progress $*"; }
exec <&-
sum_files a nothing b
echo "\${SUM[a]}" "\${SUM[b]}" "\${SUM[nothing]}."
ls /proc/self/fd | wc -l`;
  const quick = script(["messages", "checksum"], lines);
  const { stdout, stderr } = script(["messages", "checksum"], lines, { sha256sum: RESTS(1.5) });
  expect(stderr).toBe("");
  const sums = `${sumOf("a".repeat(1000))} ${sumOf("b".repeat(1000))} .`;
  expect(stdout).toMatch(new RegExp(`^(progress 200 2000 \\d+ checksums\n)+${sums}\n`));
  expect(quick.stdout).toMatch(new RegExp(`^${sums}\n`));
  // No file is left open.
  const open = (text: string) => text.trim().split("\n").at(-1);
  expect(open(stdout)).toBe(open(script(["messages"], "exec <&-; ls /proc/self/fd | wc -l").stdout));
});

it("what computes checksums is ended with all that it has started, and what has no work is not", () => {
  for (const name of ["a", "b"]) writeFileSync(join(folder, name), name);
  const programs = { sha256sum: "echo $$ >>running; sleep 60" };
  const lines = `stop_sums
begin_sums a b
until [[ -f running && $(wc -l <running) == $(($(nproc) > 1 ? 2 : 1)) ]]; do sleep 0.01; done
stop_sums
for each in $(<running); do for ((tries = 0; tries < 200; tries++)); do kill -0 "$each" 2>/dev/null || break; sleep 0.01; done; echo "$tries"; done`;
  const { stdout, stderr } = script(["messages", "checksum"], lines, programs);
  expect(stderr).toBe("");
  expect(stdout.trim().split("\n").map(Number)).not.toContain(200);
  rmSync(join(folder, "sha256sum"));
  const after = script(["messages", "checksum"], `sum_files a; kill() { echo "killed $*"; }; stop_sums`);
  expect(after).toMatchObject({ stdout: "", stderr: "" });
});

it("a checksum of which only a half came within a second is read whole", () => {
  const sum = sumOf("a");
  const lines = `progress() { :; }
print_sums() { printf '0 ${sum.slice(0, 30)}'; sleep 1.5; printf '${sum.slice(30)}\\n'; }
sum_files /dev/null; echo "\${SUM[/dev/null]}"`;
  expect(script(["messages", "checksum"], lines).stdout).toBe(`${sum}\n`);
});

it("in a log, no line is about what takes less than ten seconds, and the next line comes ten seconds later", () => {
  const lines = `SECONDS=0
for SECONDS in 0 5 9 10 12 19 20 21 29 31; do progress "$SECONDS" 40 0 "checksums"; done
for SECONDS in 101 105 109; do progress 1 40 100; done
end_progress; echo end`;
  const { stdout } = script(["messages"], lines);
  const said = stdout
    .trim()
    .split("\n")
    .map((line) => line.replace(/^\S+ {4}/, ""));
  const line = (seconds: number) =>
    `checksums: ${seconds * 2.5} % of 40 B, 1 B/s, about ${40 - seconds} s left`;
  expect(said.slice(0, 2)).toEqual([line(10), line(20)]);
  expect(said.slice(2)).toEqual([expect.stringMatching(/^checksums: 77 %/), "end"]);
});

it("while restore points are deleted, a line says how much of them is gone, unless that takes no time", () => {
  const points = ["p-1", "p-2", "p-3"];
  const lines = `mkdir -p pruned/{${points.join(",")}}
for each in pruned/*; do head -c 1M /dev/zero >"$each/vda.qcow2"; done
state_folder() { echo "$PWD"; }
damage_forbids() { return 1; }
read_manifest() { return 1; }
forget_manifest() { :; }
progress() { echo "$(($1 >> 20)) $(($2 >> 20)) $4"; }
finish_pruning
ls`;
  const slow = `[[ $1 != -rf ]] || /usr/bin/sleep 1; exec /usr/bin/rm "$@"`;
  const { stdout, stderr } = script(["messages", "prune"], lines, { rm: slow });
  expect(stderr).toBe("");
  expect(stdout).toBe("1 3 deleted\n2 3 deleted\n3 3 deleted\nrm\n");
  rmSync(join(folder, "rm"));
  expect(script(["messages", "prune"], lines).stdout).toBe("");
});
