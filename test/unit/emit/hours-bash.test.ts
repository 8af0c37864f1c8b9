import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

const MIB = 2 ** 20;

/**
 * Runs lines with the machinery of the run scripts. Each part takes an hour, whose limits, in MiB a second, come one after the other.
 * A program that would copy is told of instead, with what it is given to read.
 */
function run(limits: readonly number[], ...lines: readonly string[]): string[] {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
bandwidth 0 1
bandwidth 60 2
DISKS=(vda) FORMAT=([vda]=raw) IMAGE=([vda]=/image) NEED=([vda]=1000) hours=(${limits.join(" ")}) hour=0
bandwidth_at() { REPLY=$((hours[hour] * ${MIB})); }
nbd_objects() { throttle_objects; }
start_copy() { echo "start \${*:3} <$(tr '\\n' ';' <"$2")>"; COPYING[$1]=1; }
await_copy() { echo "await from \${COPY_FROM[vda]}, \${COPY_LENGTH[vda]} long"; unset "COPYING[vda]"; COPIED+=1000; hour=$((hour + 1)); }
${lines.join("\n")}
echo "copied $COPIED"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: ROOT, encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

const rate = (mib: number) => `--object throttle-group,id=bandwidth,x-bps-total=${mib * MIB}`;

it.each([
  ["of ten seconds", 4, 40],
  ["of 32 MiB at least", 1, 32],
  ["of a GiB at most", 500, 1024],
  ["of a GiB without a limit", 0, 1024],
])("a part has the bytes %s", (_, limit, mib) =>
  expect(run([limit], 'next_part vda; echo "$((REPLY >> 20))"')[0]).toBe(String(mib)),
);

describe("a whole disk is copied in parts, each under the limit of its hour", () => {
  const window = (at: number, length: number) =>
    `{"driver":"raw","offset":${at * MIB},"size":${length * MIB},"file":`;

  it("and the last one is only begun", () => {
    const part = (limit: number, at: number, length: number) =>
      `start qemu-img convert ${rate(limit)} -p -n -f raw -O raw -- json:${window(at, length)}SOURCE} json:${window(at, length)}{"driver":"raw","file":{"driver":"file","filename":"/image"}}} <>`;
    const said = run([4, 0, 8, 1], `disk_size() { echo $((1164 * ${MIB})); }`, "copy_in_parts vda SOURCE");
    expect(said).toEqual([
      part(4, 0, 40),
      "await from 0, 343 long",
      part(0, 40, 1024),
      "await from 343, 8797 long",
      part(8, 1064, 80),
      "await from 9140, 687 long",
      part(1, 1144, 20),
      // What was copied is counted with the last part.
      "copied 0",
    ]);
  });
});

describe("changes are copied in parts", () => {
  const take = (limits: readonly number[], commands: number) =>
    run(
      limits,
      `for ((n = 0; n < ${commands}; n++)); do echo "read -q $((n * 16777216)) 16777216"; done >"$folder/commands"`,
      `COPY_PARTS[vda]=${commands}`,
      'take_in_parts vda "$folder/commands" NODE',
      `echo "now \${COPY_PARTS[vda]}"`,
    );
  const part = (limit: number, from: number, to: number) => {
    const all = Array.from({ length: to - from }, (_, n) => `read -q ${(from + n) * 16 * MIB} ${16 * MIB};`);
    return `start qemu-io ${rate(limit)} -C json:NODE <${all.join("")}>`;
  };

  it("of as many commands as the hour allows", () =>
    expect(take([4, 8, 1], 9)).toEqual([
      part(4, 0, 3),
      "await from 0, 3333 long",
      part(8, 3, 8),
      "await from 3333, 5555 long",
      part(1, 8, 9),
      "now 1",
      "copied 0",
    ]));

  it("and one part that does nothing, where nothing has changed", () =>
    expect(take([4], 0)).toEqual([part(4, 0, 0), "now 0", "copied 0"]));
});

it("how far a disk is that is copied in parts counts the parts before", () =>
  expect(
    run(
      [1],
      'COPIES=$folder COPY_FROM[vda]=2500 COPY_LENGTH[vda]=5000; echo "    (50.00/100%)" >"$COPIES/vda"; copied_part vda; echo',
    )[0],
  ).toBe("5000"));

it("only a bandwidth by hours makes parts, and not of a full that is compressed", () => {
  const asked = "copies_in_parts vda && echo parts || echo whole";
  expect(run([1], asked)[0]).toBe("parts");
  expect(run([1], "LIMIT=(5)", asked)[0]).toBe("whole");
  expect(run([1], "FORMAT[vda]=qcow2 COMPRESS[vda]=zstd DOMAIN[mode]=pull", asked)[0]).toBe("whole");
});
