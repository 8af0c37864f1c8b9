import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

/* The copies of what a running machine writes to at any moment are whole (lib/machine.bash). */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-machine-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const PREAMBLE = `set -euo pipefail
source templates/lib/guard.bash off
for module in messages state json manifest xml files checksum chain host evidence offline machine; do source "templates/lib/$module.bash"; done
`;

function bash(script: string, env: Record<string, string> = {}): string {
  const done = spawnSync("bash", ["-c", PREAMBLE + script], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  expect(done.stderr).toBe("");
  expect(done.status).toBe(0);
  return done.stdout;
}

/** Writes 40 parts of a file in place, one after the other, then waits, and so on with another byte. */
const IN_PLACE = `for ((round = 0; ; round++)); do
  printf -v byte '%d' $((round % 10))
  for ((part = 0; part < 40; part++)); do
    printf '%0100d' 0 | tr 0 "$byte" | dd of="$1" bs=100 seek=$part conv=notrunc status=none
    sleep 0.01
  done
  sleep 1.2
done`;

it("a file that is written in place is copied as it was between two writes", () => {
  const file = join(scratch, "nvram");
  writeFileSync(file, "x".repeat(4000));
  const writer = spawn("bash", ["-c", IN_PLACE, "-", file], { stdio: "ignore" });
  try {
    const copies = bash(
      'for copy in 1 2 3 4 5; do copy_settled "$FILE" "$FILE.$copy" && tr -s 0-9x <"$FILE.$copy" && printf "\\n"; sleep 0.3; done',
      { FILE: file },
    );
    // Each copy holds one byte, 4000 times.
    expect(copies.trim().split("\n")).toHaveLength(5);
    expect(copies).toMatch(/^(?:[0-9x]\n){5}$/);
    for (const copy of [1, 2, 3, 4, 5]) expect(statSync(`${file}.${copy}`).mode & 0o777).toBe(0o600);
  } finally {
    writer.kill();
  }
}, 60_000);

it("a file that is written all the time is not copied, and nothing is left of it", () => {
  const file = join(scratch, "busy");
  writeFileSync(file, "x".repeat(4000));
  const writer = spawn("bash", ["-c", IN_PLACE.replace("sleep 1.2", ":"), "-", file], { stdio: "ignore" });
  try {
    expect(bash('copy_settled "$FILE" "$FILE.copy" || printf none', { FILE: file })).toBe("none");
    expect(readdirSync(scratch)).not.toContain("busy.copy");
  } finally {
    writer.kill();
  }
}, 60_000);

it("a copy during which something was written is not taken", () => {
  const file = join(scratch, "grows");
  writeFileSync(file, "one");
  expect(
    bash(
      `declare -i copies=0
sleep 0.6
copy_secret() { cat "$1" >"$2"; ((copies++)) || printf ' two' >>"$1"; }
copy_settled "$FILE" "$FILE.copy" && cat "$FILE.copy"`,
      { FILE: file },
    ),
  ).toBe("one two");
});

const XML = (os: string, devices = "") =>
  `<domain type='kvm'><name>vm</name><os>${os}<type>hvm</type></os><devices>${devices}</devices></domain>`;

it.each([
  ["<nvram template='/usr/share/t.fd'>/srv/a b.fd</nvram>", "/srv/a b.fd raw "],
  ["<nvram format='qcow2' templateFormat='raw'>/srv/v.qcow2</nvram>", "/srv/v.qcow2 qcow2 "],
  ["<nvram type='file' format='qcow2'><source file='/srv/v.qcow2'/></nvram>", "/srv/v.qcow2 qcow2 "],
  ["<nvram type='block'><source dev='/dev/vg/nvram'/></nvram>", " raw it is not in a file"],
  ["<varstore template='/usr/share/t.json' path='/srv/v.json'/>", "/srv/v.json json "],
  ["<loader type='rom'>/usr/share/seabios.bin</loader>", "none"],
])("the variables of %s are found", (os, found) => {
  expect(
    bash(
      `xml_read "$XML"; if find_nvram; then printf "%s %s %s" "\${NVRAM[path]}" "\${NVRAM[format]}" "\${NVRAM[why]}"; else printf none; fi`,
      { XML: XML(os) },
    ),
  ).toBe(found);
});

it.each([
  ["<tpm><backend type='emulator' version='2.0'/></tpm>", "dir /var/lib/libvirt/swtpm/UUID/tpm2"],
  ["<tpm><backend type='emulator' version='1.2'/></tpm>", "dir /var/lib/libvirt/swtpm/UUID/tpm1.2"],
  ["<tpm><backend type='emulator'><source type='dir' path='/srv/tpm'/></backend></tpm>", "dir /srv/tpm"],
  [
    "<tpm><backend type='emulator'><source type='file' path='/srv/tpm.state'/></backend></tpm>",
    "file /srv/tpm.state",
  ],
  ["<tpm><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>", "none"],
])("the state of %s is found", (tpm, found) => {
  expect(
    bash(
      `DOMAIN[uuid]=UUID; xml_read "$XML"; if find_tpm; then printf "%s %s" "\${TPM[type]}" "\${TPM[path]}"; else printf none; fi`,
      { XML: XML("", tpm) },
    ),
  ).toBe(found);
});

it("the copied state is that of one moment, although it is renamed over all the time", () => {
  const folder = mkdtempSync(join(scratch, "tpm-"));
  writeFileSync(join(folder, "tpm2-00.permall"), "x".repeat(200_000));
  const writer = spawn(
    "bash",
    [
      "-c",
      'for ((i = 0; ; i++)); do printf "%0200000d" 0 | tr 0 $((i % 10)) >"$1/TMP2" && mv "$1/TMP2" "$1/tpm2-00.permall"; done',
      "-",
      folder,
    ],
    { stdio: "ignore" },
  );
  try {
    for (let time = 0; time < 20; time++) {
      bash('copy_secret "$FOLDER/tpm2-00.permall" "$FOLDER/copy"', { FOLDER: folder });
      expect(readFileSync(join(folder, "copy"), "utf8")).toMatch(/^(.)\1{199999}$/);
    }
  } finally {
    writer.kill();
  }
}, 60_000);
