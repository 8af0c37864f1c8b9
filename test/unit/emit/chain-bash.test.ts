import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { faultOfFacts, faultOfFile, faultOfHeader } from "../../../src/repository/header.js";

/*
 * An image's file and header against its manifest, by the scripts (lib/chain.bash) and by `tidemark verify` (header.ts), on the
 * same files: both refuse the same, and neither has qemu-img open what a header names. qemu-img is one that says what it is told.
 */

const UPPER = "nightly-20261207T010000Z";
const LOWER = "nightly-20261206T010000Z";
const NAME = `../${LOWER}/vda.qcow2`;

let folder: string;
let domain: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidemark-chain-"));
  domain = join(folder, "web");
  for (const point of [LOWER, UPPER]) {
    mkdirSync(join(domain, point), { recursive: true });
    writeFileSync(join(domain, point, "vda.qcow2"), header());
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A qcow2 header's first bytes; what is not set is zero (docs/interop/qcow2.txt of QEMU). */
function header(fields: Readonly<Record<number, number>> = {}, length = 104): Buffer {
  const bytes = Buffer.alloc(104);
  bytes.writeUInt32BE(0x514649fb, 0);
  bytes.writeUInt32BE(3, 4);
  for (const [at, value] of Object.entries(fields)) bytes.writeUInt32BE(value, Number(at));
  return bytes.subarray(0, length);
}

const PLAIN = {
  "virtual-size": 65536,
  format: "qcow2",
  "backing-filename": NAME,
  "backing-filename-format": "qcow2",
};

interface Checked {
  readonly bash: string;
  readonly verify: string;
  /** What qemu-img was asked, a call a line. */
  readonly calls: string;
}

/** Checks the upper image, of which qemu-img says `facts`, both ways; what is found is the same in both, or nothing. */
async function check(facts: Record<string, unknown> = PLAIN): Promise<Checked> {
  const script = `set -euo pipefail
source templates/lib/guard.bash off; source templates/lib/restore.bash
DOMAIN[folder]=$1
declare -A FIELDS=([image]=vda.qcow2 [format]=qcow2 [virtualSize]=65536 [base]=${LOWER})
disk_field() { [[ $1/$3 == ${LOWER}/base ]] || printf '%s' "\${FIELDS[$3]}"; }
${STUBS}
qemu-img() { printf '%s\\n' "$*" >>"$CALLS"; printf '%s' "$FACTS"; }
check_image ${UPPER} vda || echo "$IMAGE_FAULT"`;
  const calls = join(folder, "calls");
  const done = spawnSync("bash", ["-c", script, "-", domain], {
    encoding: "utf8",
    env: { ...process.env, CALLS: calls, FACTS: JSON.stringify(facts) },
  });
  expect(done.stderr).toBe("");
  const image = join(domain, UPPER, "vda.qcow2");
  const disk = { base: LOWER, image: "vda.qcow2", format: "qcow2", virtualSize: 65536 } as Parameters<
    typeof faultOfFacts
  >[1];
  const predecessor = { image: join(domain, LOWER, "vda.qcow2"), format: "qcow2" } as const;
  const found =
    (await faultOfFile(image, domain)) ??
    (await faultOfHeader(image)) ??
    Object.values(faultOfFacts(JSON.stringify(facts), disk, image, predecessor)).join("");
  expect(found === "", `bash: ${done.stdout}; verify: ${found}`).toBe(done.stdout === "");
  return { bash: done.stdout, verify: found, calls: existsSync(calls) ? readFileSync(calls, "utf8") : "" };
}

it("takes an image that is as its manifest says, and opens it alone", async () => {
  const { bash, calls } = await check();
  expect(bash).toBe("");
  const [, node = ""] = /json:(.*)/.exec(calls) ?? [];
  expect(JSON.parse(node)).toEqual({
    driver: "qcow2",
    file: { driver: "file", filename: join(domain, UPPER, "vda.qcow2") },
    backing: null,
  });
});

it.each([
  [
    "another file",
    { ...PLAIN, "backing-filename": "/etc/shadow" },
    /(?:builds on|its image is) \/etc\/shadow/,
  ],
  [
    "a folder that is named as qemu-img prints",
    { ...PLAIN, "backing-filename": `${NAME} (actual path: x)/../../secret` },
    /actual path/,
  ],
  [
    "the same file by another name",
    { ...PLAIN, "backing-filename": `.././${LOWER}/vda.qcow2` },
    /builds on|its image is/,
  ],
  [
    "a name with another line",
    { ...PLAIN, "backing-filename": `${NAME}\n/etc/shadow` },
    /builds on|its image is/,
  ],
  ["the name and a line end", { ...PLAIN, "backing-filename": `${NAME}\n` }, /builds on|its image is/],
  ["a server", { ...PLAIN, "backing-filename": "nbd://192.0.2.1/x" }, /nbd:/],
  ["a file by protocol", { ...PLAIN, "backing-filename": `file:${NAME}` }, /file:/],
  ["options of QEMU", { ...PLAIN, "backing-filename": 'json:{"driver":"null-co"}' }, /json:/],
  ["nothing", { ...PLAIN, "backing-filename": undefined }, /builds on nothing|its image is none/],
  ["a format that is guessed", { ...PLAIN, "backing-filename-format": undefined }, /guess/],
  ["another format", { ...PLAIN, "backing-filename-format": "raw" }, /the format raw/],
  ["a descriptor's format", { ...PLAIN, "backing-filename-format": "vmdk" }, /the format vmdk/],
  ["another size", { ...PLAIN, "virtual-size": 131072 }, /131072 bytes/],
])("refuses a header that names %s", async (_, facts, says) => {
  const { bash, verify } = await check(facts);
  expect(bash).toMatch(says);
  expect(verify).toMatch(says);
});

it.each([
  ["its data in another file", header({ 76: 4 }), /data in another file/],
  ["its data in another file, and other features", header({ 76: 12 }), /data in another file/],
  ["encryption", header({ 32: 2 }), /encrypted/],
  ["internal snapshots", header({ 60: 1 }), /internal snapshots/],
  ["the mark of damage", header({ 76: 2 }), /marked as damaged/],
  ["another version", header({ 4: 4 }), /no qcow2 image/],
  ["too few bytes", header({}, 103), /no qcow2 image/],
  ["no header", Buffer.from("KDMV".padEnd(200, "\0")), /no qcow2 image/],
  [
    "a descriptor's text",
    Buffer.from(`# Disk DescriptorFile\nRW 8 FLAT "/etc/shadow" 0\n${" ".repeat(200)}`),
    /no qcow2 image/,
  ],
  ["nothing in it", Buffer.alloc(0), /no qcow2 image/],
])("refuses an image with %s, without asking qemu-img", async (_, bytes, says) => {
  writeFileSync(join(domain, UPPER, "vda.qcow2"), bytes);
  const { bash, verify, calls } = await check();
  expect(bash).toMatch(says);
  expect(verify).toMatch(says);
  expect(calls).toBe("");
});

it.each([
  [
    "an image that is a link",
    () => {
      rmSync(join(domain, UPPER, "vda.qcow2"));
      writeFileSync(join(folder, "elsewhere"), header());
      symlinkSync(join(folder, "elsewhere"), join(domain, UPPER, "vda.qcow2"));
    },
    /has a link in it/,
  ],
  [
    "a folder that is a link",
    () => {
      rmSync(join(domain, UPPER), { recursive: true });
      mkdirSync(join(folder, "elsewhere"));
      writeFileSync(join(folder, "elsewhere/vda.qcow2"), header());
      symlinkSync(join(folder, "elsewhere"), join(domain, UPPER));
    },
    /has a link in it/,
  ],
  ["an image that is missing", () => rmSync(join(domain, UPPER, "vda.qcow2")), /missing/],
  [
    "a folder in place of an image",
    () => {
      rmSync(join(domain, UPPER, "vda.qcow2"));
      mkdirSync(join(domain, UPPER, "vda.qcow2"));
    },
    /neither a file nor a block device/,
  ],
])("refuses %s", async (_, harm, says) => {
  harm();
  const { bash, verify, calls } = await check();
  expect(bash).toMatch(says);
  expect(verify).toMatch(says);
  expect(calls).toBe("");
});

it("takes a domain's folder that is itself has a link in it", async () => {
  symlinkSync(domain, join(folder, "link"));
  domain = join(folder, "link");
  expect((await check()).bash).toBe("");
});

const STUBS = `is_damaged() { return 1; }
is_streamed() { return 1; }
image_path() { printf '%s' "\${DOMAIN[folder]}/$1/$(disk_field "$1" "$2" image)"; }`;

/** Runs a few lines of bash after the machinery of a restore; disks are told by `disk_field` of the lines themselves. */
function bash(lines: string): string {
  const script = `set -euo pipefail\nsource templates/lib/guard.bash off; source templates/lib/restore.bash\nDOMAIN[folder]=$1\n${STUBS}\n${lines}`;
  const done = spawnSync("bash", ["-c", script, "-", domain], { encoding: "utf8", timeout: 20_000 });
  return done.stdout + done.stderr;
}

it("names every layer to QEMU, the lowest without a backing node", () => {
  const said = bash(`has_manifest() { :; }
disk_field() { case $1/$3 in ${LOWER}/format) echo raw ;; */format) echo qcow2 ;; ${UPPER}/base) echo ${LOWER} ;; */image) echo 'a"b\\c' ;; esac; }
chain_node ${UPPER} vda`);
  const file = (point: string) => ({ driver: "file", filename: join(domain, point, 'a"b\\c') });
  expect(JSON.parse(said)).toEqual({
    driver: "qcow2",
    file: file(UPPER),
    backing: { driver: "raw", file: file(LOWER) },
  });
});

it("ends where manifests name each other in a circle, or one that is missing", () => {
  const circle = `has_manifest() { :; }
disk_field() { case $1/$3 in ${UPPER}/base) echo ${LOWER} ;; ${LOWER}/base) echo ${UPPER} ;; *) echo x ;; esac; }
chain_of ${UPPER} vda || echo "$CHAIN_FAULT"`;
  expect(bash(circle)).toMatch(/vda of nightly-20261207T010000Z builds on itself/);
  expect(bash(circle.replace("{ :; }", `{ [[ $1 == ${UPPER} ]]; }`))).toMatch(
    /nightly-20261206T010000Z is missing, and the disk vda builds on it/,
  );
});

it("reads what it has checked, also where the name is given to another file", () => {
  const image = join(domain, UPPER, "vda.qcow2");
  const said = bash(`image=${image}
printf checked >"$image"
hold "$image"
rm -- "$image"
ln -s /etc/shadow "$image"
cat -- "$(held_path "$image")"
RUN[dry]=yes
held_path "$image"`);
  expect(said).toBe(`checked${image}`);
});

it("makes files under names that can be foreseen, but never through what is there", () => {
  writeFileSync(join(folder, "precious"), "precious");
  const names = ["file", "link", "dangling", "fifo", "folder"];
  writeFileSync(join(domain, "file"), "old");
  symlinkSync(join(folder, "precious"), join(domain, "link"));
  symlinkSync(join(folder, "nothing"), join(domain, "dangling"));
  spawnSync("mkfifo", [join(domain, "fifo")]);
  mkdirSync(join(domain, "folder"));
  const said =
    bash(`for name in ${names.join(" ")} new; do if claim "$1/$name"; then echo "made $name"; fi; done
for name in file link dangling fifo; do claim_anew "$1/$name" && echo "made $name anew"; done
echo whole >"$1/part"
rename_new "$1/part" "$1/folder" || echo taken
ln -s "${folder}/precious" "$1/target"
rename_new "$1/part" "$1/target" || echo taken
rename_new "$1/part" "$1/placed" && cat "$1/placed" && [[ ! -e $1/part ]] && echo moved`);
  expect(said.trim().split("\n")).toEqual([
    "made new",
    "made file anew",
    "made link anew",
    "made dangling anew",
    "made fifo anew",
    "taken",
    "taken",
    "whole",
    "moved",
  ]);
  expect(readFileSync(join(folder, "precious"), "utf8")).toBe("precious");
  expect(existsSync(join(folder, "nothing"))).toBe(false);
});

it("keeps no state has a link in it", () => {
  mkdirSync(join(domain, ".tidemark"));
  const script = "refuse_linked_state; echo fine";
  expect(bash(script)).toBe("fine\n");
  symlinkSync("/etc/cron.d/x", join(domain, ".tidemark/journal"));
  expect(bash(script)).toMatch(/\.tidemark\/journal is a link/);
  rmSync(join(domain, ".tidemark"), { recursive: true });
  symlinkSync(folder, join(domain, ".tidemark"));
  expect(bash(script)).toMatch(/\.tidemark is a link/);
});
