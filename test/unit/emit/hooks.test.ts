import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

const scratch = mkdtempSync(join(tmpdir(), "tidemark-hooks-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const [SUNDAY, MONDAY, TUESDAY] = [
  "nightly-20261206T010000Z",
  "nightly-20261207T010000Z",
  "nightly-20261208T010000Z",
];

const UUID = "00000000-0000-4000-8000-000000000001";

/** What a hook learns of level and bases, with the machinery of the run scripts in the state that the lines make. */
function told(...lines: readonly string[]): string {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
plan nightly sha256:0 2026-12-01T00:00:00Z 2027-01-01T00:00:00Z
domain 'a "b"' ${UUID} '${scratch}' push
TABLE[wanted]=20261208T010000Z
slot 2026-12-08T01:00:00Z incremental base=${MONDAY}
image vda path=/x/vda.qcow2
image vdb path=/x/vdb.qcow2
image vdc base= bitmap=no path=/x/vdc.qcow2
hook onSuccess 'printf "%s since [%s]" "$TIDEMARK_LEVEL" "$TIDEMARK_BASE"'
log() { :; }
${lines.join("\n")}
call_hook onSuccess`;
  const done = spawnSync("bash", ["-c", script], { cwd: ROOT, encoding: "utf8" });
  expect(done.stderr).toBe("");
  return done.stdout;
}

it("hooks are told which restore point a run builds on", () => {
  expect(told()).toBe(`incremental since [${MONDAY}]`);
  expect(told(`BASE[vdb]=${SUNDAY}`)).toBe(`incremental since [${MONDAY} ${SUNDAY}]`);
  expect(told("LEVEL=([vda]=full [vdb]=full [vdc]=full) BASE=([vda]= [vdb]= [vdc]=)")).toBe("full since []");
});

it("a call that only ends a run tells them what the manifest has, not the plan", () => {
  const disk = (target: string, level: string, base: string | null) => ({
    ...{ target, level, base, bitmap: true },
    source: { type: "file", name: `/x/${target}`, device: null, inode: null, birth: null, backing: [] },
    ...{ image: `${target}.qcow2`, format: "qcow2", virtualSize: 4096, size: 4096, sha256: "0".repeat(64) },
  });
  const manifest = (level: string, ...disks: readonly ReturnType<typeof disk>[]) => {
    mkdirSync(join(scratch, TUESDAY), { recursive: true });
    const whole = {
      ...{ formatVersion: "2.0", policy: "nightly", domain: 'a "b"', uuid: UUID, point: TUESDAY },
      ...{
        slot: "2026-12-08T01:00:00Z",
        level,
        mode: "push",
        checkpoint: { creationTime: 1 },
        process: null,
      },
      ...{ targets: disks.map(({ target }) => target), disks, plan: `sha256:${"0".repeat(64)}` },
      ...{ finished: "2026-12-08T01:00:03Z", tools: { libvirt: "9.0.0", qemu: "7.2.22" } },
      domainXml: { file: "domain.xml", sha256: "f".repeat(64) },
    };
    writeFileSync(join(scratch, TUESDAY, "manifest.json"), JSON.stringify(whole));
  };
  manifest("full", disk("vda", "full", null), disk("vdb", "full", null));
  expect(told()).toBe("full since []");
  manifest("incremental", disk("vda", "incremental", SUNDAY), disk("vdb", "incremental", SUNDAY));
  expect(told()).toBe(`incremental since [${SUNDAY}]`);
});
