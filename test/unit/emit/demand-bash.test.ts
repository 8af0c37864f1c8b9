import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

/* How `lib/demand.bash` names a restore point on demand and its files. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tidemark-demand-"));
  mkdirSync(join(folder, "p-20261201T120001Z"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The clock of the shell tells these times, one after the other. */
function named(times: readonly string[]): string[] {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/messages.bash
source templates/lib/demand.bash
times=(${times.join(" ")})
sleep() { :; }
printf() {
  if [[ $1 == -v && $2 == now ]]; then now=\${times[0]} times=("\${times[@]:1}"); else builtin printf "$@"; fi
}
declare -A RUN=() PLAN=([policy]=p) DOMAIN=([folder]="$FOLDER")
declare -A POINT=([name]=p-20261209T010000Z [slot]="")
declare -a DISKS=(vda vdb)
declare -A IMAGE=([vda]="$FOLDER/p-20261209T010000Z/vda.qcow2" [vdb]=/dev/vg/20261209T010000Z-vdb) SCRATCH=([vda]=/s/p-20261209T010000Z [vdb]="")
name_demanded
builtin printf '%s\\n' "\${POINT[name]}" "\${POINT[slot]}" "\${IMAGE[vda]#"$FOLDER"}" "\${IMAGE[vdb]}" "\${SCRATCH[vda]}" "\${SCRATCH[vdb]}"`;
  const done = spawnSync("bash", ["-c", script], {
    encoding: "utf8",
    env: { ...process.env, FOLDER: folder },
  });
  expect(done.stderr).toBe("");
  return done.stdout.trimEnd().split("\n");
}

it("after a second that no slot has, and for which there is no restore point", () => {
  expect(named(["20261201T120000Z", "20261201T120001Z", "20261201T120002Z"])).toEqual([
    "p-20261201T120002Z",
    "2026-12-01T12:00:02Z",
    "/p-20261201T120002Z/vda.qcow2",
    "/dev/vg/20261201T120002Z-vdb",
    "/s/p-20261201T120002Z",
  ]);
});

it("leaves the name of the domain's folder alone", () => {
  const parent = folder;
  folder = join(parent, "20261209T010000Z");
  mkdirSync(folder);
  expect(named(["20261201T120001Z"])[2]).toBe("/p-20261201T120001Z/vda.qcow2");
  folder = parent;
});
