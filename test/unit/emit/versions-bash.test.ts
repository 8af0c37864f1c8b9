import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

/* What a run does with a libvirt that is older than virsh, that is away for a moment, or that has lost the domain. */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-versions-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const UUID = "00000000-0000-4000-8000-000000000001";
const POINT = "nightly-20261206T010000Z";

function run(...lines: readonly string[]): { status: number | null; stdout: string } {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
plan nightly sha256:0 2026-12-01T00:00:00Z 2027-01-01T00:00:00Z
domain vm ${UUID} '${scratch}' push
answers last-verified fail skip 3600 nightly continue
POINT[name]=${POINT} RUN[state]=new
fault() { :; }
journal() { :; }
await_libvirt() { :; }
${lines.join("\n")}`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: ROOT, encoding: "utf8" });
  expect(stderr).not.toMatch(/unbound|syntax error|command not found/);
  return { status, stdout };
}

it.each([
  ["11.10.0", "11.10.0", true],
  ["11.10.0", "11.9.0", false],
  ["11.9.0", "12.1.0", false],
])(
  "asks that a guest is kept that shuts down where virsh %s and the daemon %s know that: %s",
  (virsh, daemon, kept) => {
    const { stdout } = run(
      `VERSION=([virsh]=${virsh} [daemon]=${daemon} [qemu]=10.0.0)`,
      "prepare_documents() { :; }",
      "makes_scratch() { return 1; }",
      "makes_checkpoint() { return 1; }",
      'v() { echo "asked: $*"; return 1; }',
      "(begin_backup) 2>&1 || true",
    );
    expect(stdout).toContain("asked: backup-begin");
    expect(stdout.includes("--preserve-domain-on-shutdown")).toBe(kept);
  },
);

it("notes when its checkpoint was made also if libvirt is away at first, and fails if there is none", () => {
  const made = (time: string) =>
    run(
      "VERSION=([virsh]=9.0.0 [daemon]=9.0.0 [qemu]=7.2.22)",
      `mkdir -p '${scratch}/${POINT}'`,
      `echo '<domain/>' >'${scratch}/${POINT}/domain.xml'`,
      "makes_checkpoint() { :; }",
      `checkpoint_time() { [[ -e '${scratch}/away' ]] && printf '%s' '${time}'; }`,
      `await_libvirt() { : >'${scratch}/away'; }`,
      "set_run",
      `echo "made: \${MANIFEST["${POINT} checkpoint.creationTime"]}"`,
    );
  expect(made("1796605201").stdout).toContain("made: 1796605201");
  rmSync(join(scratch, "away"));
  expect(made("").status).toBe(1);
});

it.each([
  ["libvirt lists it", "v() { echo other; echo a; }", true],
  ["libvirt lists others", "v() { echo b; }", false],
  ["libvirt knows the domain, and does not list", `v() { return 1; }; ask_libvirt() { echo ${UUID}; }`, true],
  ["libvirt is away", "v() { return 1; }; ask_libvirt() { return 1; }", true],
  ["the domain is gone", "v() { return 1; }; ask_libvirt() { echo another; }", false],
])("takes a checkpoint for one that may be there: %s", (_, asked, there) => {
  expect(run(asked, "if may_have_checkpoint a; then echo there; fi").stdout.includes("there")).toBe(there);
});
