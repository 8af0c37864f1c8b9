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
  const { stdout, stderr } = script(["checksum"], lines, programs);
  expect(stderr).toBe("");
  expect(stdout.trim().split("\n")).toEqual(names.map((name) => sumOf(`content of ${name}`)));
});

it("a file that cannot be read, or whose program is killed, has no checksum, and the others have theirs", () => {
  for (const name of ["a", "killed", "z"]) writeFileSync(join(folder, name), name);
  const lines = `sum_files a nothing killed z; printf '%s\\n' "\${SUM[a]}" "\${SUM[nothing]}." "\${SUM[killed]}." "\${SUM[z]}"`;
  const { stdout } = script(["checksum"], lines, {
    sha256sum: `text=$(cat); [[ $text != killed ]] || kill -9 $$; printf %s "$text" | /usr/bin/sha256sum`,
  });
  expect(stdout.split("\n")).toEqual([sumOf("a"), ".", ".", sumOf("z"), ""]);
});

it("output that is no checksum is a failure", () => {
  const { stdout } = script(["checksum"], "checksum </dev/null || echo failed", { sha256sum: "echo abc -" });
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
