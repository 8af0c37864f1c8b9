import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { Manifest } from "../../../src/inventory/manifest.js";
import { readManifest } from "../../../src/inventory/read-manifest.js";

/*
 * The reader of manifests in TypeScript beside the one in bash: of each file both say that it is whole, with the same values, or
 * both that it is damage.
 */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-manifests-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const POINT = "nightly-20261207T010000Z";
const BASE = "nightly-20261206T010000Z";
const UUID = "6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01";

const disk = (target: string, more: object = {}) => ({
  target,
  level: "incremental",
  base: BASE,
  bitmap: true,
  source: {
    type: "file",
    name: `/images/${target} "a" \\ é€😀.qcow2`,
    device: "64768",
    inode: "18446744073709551615",
    birth: 1_796_000_000,
    backing: ["/images/base.qcow2", "/images/older.raw"],
  },
  image: `${target}.qcow2`,
  format: "qcow2",
  virtualSize: 4_194_304,
  size: 196_624,
  sha256: "0123456789abcdef".repeat(4),
  ...more,
});

const plain = {
  formatVersion: "2.0",
  policy: "nightly",
  domain: "web-1",
  uuid: UUID,
  point: POINT,
  slot: "2026-12-07T01:00:00Z",
  level: "incremental",
  mode: "push",
  checkpoint: { creationTime: 1_796_605_201 },
  process: { boot: UUID, pid: 123, start: 456_789 },
  targets: ["vda", "vdb"],
  disks: [disk("vda"), disk("vdb", { level: "full", base: null })],
  plan: `sha256:${"0".repeat(64)}`,
  finished: "2026-12-07T01:00:03Z",
  tools: { libvirt: "9.0.0", qemu: "7.2.22" },
  domainXml: { file: "domain.xml", sha256: "f".repeat(64) },
} satisfies Omit<Manifest, "disks"> & { disks: object[] };

const written = {
  boot: UUID,
  files: [
    "64768 18446744073709551615 458784 1795781872.308235626 1795781872.308235626",
    "27 11 0 -1.000000000 0.000000000",
  ],
};

/** With all that may be absent, and none of what may be null. */
const rich = {
  ...plain,
  host: "kvm1",
  checkpoint: null,
  process: null,
  disks: ["vda", "vdb"].map((target) => ({
    ...disk(target, { bitmap: false }),
    ...(target === "vda" && { compression: { method: "zstd", data: 393_216 } }),
    source: {
      type: "volume",
      name: "pool/volume",
      device: null,
      inode: null,
      birth: null,
      backing: [],
      ...(target === "vda" && { written }),
    },
  })),
  stream: { receive: 'cat "$VAULT/$TIDEMARK_NAME"', delete: "rm -r \\ '$TIDEMARK_NAME'" },
  machine: [
    { file: "nvram.raw", size: 540_672, sha256: "1".repeat(64) },
    { file: "tpm2-00.permall", size: 6122, sha256: "2".repeat(64) },
    { file: "active.xml", size: 4096, sha256: "3".repeat(64) },
  ],
  deviation: "base missing: nightly-20261205T010000Z",
  planned: "incremental",
  frozen: false,
  onDemand: true,
  leftOut: ["vdc", "sda"],
  seconds: 12,
  pin: { reason: "before the upgrade" },
  consolidated: { at: "2026-12-08T01:00:03Z", of: [BASE, "nightly-20261205T010000Z"] },
};

const SCRIPT = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/messages.bash
source templates/lib/json.bash
source templates/lib/manifest.bash
declare -A ANSWER=([owners]="") DOMAIN=([folder]="" [uuid]=$UUID)
for folder in "$FOLDERS"/*/; do
  DOMAIN[folder]=\${folder%/}
  if read_manifest "$POINT"; then
    for key in "\${!MANIFEST[@]}"; do
      [[ ! \${MANIFEST[$key]} ]] || printf '%s=%s\\0' "$key" "\${MANIFEST[$key]}"
    done
    printf 'whole\\0'
  else
    printf 'damage %s\\0' "$MANIFEST_FAULT"
  fi
  forget_manifest "$POINT"
done`;

type Read = Readonly<Record<string, string>> | string;

/** What the reader in bash says of each: the values, or "damage" and why. */
function readInBash(texts: readonly (string | Uint8Array)[], uuid = ""): Read[] {
  const folders = mkdtempSync(join(scratch, "run-"));
  for (const [index, text] of texts.entries()) {
    const folder = join(folders, `${index}`.padStart(6, "0"), POINT);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "manifest.json"), text);
  }
  const done = spawnSync("bash", ["-c", SCRIPT], {
    env: { ...process.env, FOLDERS: folders, POINT, UUID: uuid },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  rmSync(folders, { recursive: true });
  expect(done.stderr).toBe("");
  expect(done.status).toBe(0);
  const read: Read[] = [];
  let values: Record<string, string> = {};
  for (const record of done.stdout.split("\0").slice(0, -1)) {
    if (record.startsWith("damage ")) {
      expect(record).toContain("/manifest.json ");
      read.push("damage");
    } else if (record === "whole") {
      read.push(values);
      values = {};
    } else {
      const at = record.indexOf("=");
      values[record.slice(0, at)] = record.slice(at + 1);
    }
  }
  expect(read).toHaveLength(texts.length);
  return read;
}

/** The same of the reader in TypeScript. */
function readHere(text: string | Uint8Array): Read {
  const read = readManifest(Buffer.from(text), POINT);
  if ("fault" in read) return "damage";
  const values: Record<string, string> = {};
  const put = (path: string, value: unknown): void => {
    const key = `${POINT} ${path || "."}`;
    if (Array.isArray(value)) {
      values[key] = `${value.length}`;
      for (const [index, each] of value.entries()) put(`${path}.${index}`, each);
    } else if (typeof value === "object" && value !== null) {
      values[key] = `${Object.keys(value).length}`;
      for (const [name, each] of Object.entries(value)) put(path === "" ? name : `${path}.${name}`, each);
    } else if (value !== null) {
      values[key] = `${value}`;
    }
  };
  put("", read.manifest);
  for (const [index, { target }] of read.manifest.disks.entries()) values[`${POINT} @${target}`] = `${index}`;
  return values;
}

function agree(texts: readonly (string | Uint8Array)[]): Read[] {
  const inBash = readInBash(texts);
  for (const [index, text] of texts.entries()) {
    const here = readManifest(Buffer.from(text), POINT);
    const shown = Buffer.from(text).toString("latin1").slice(0, 4000);
    expect(inBash[index], `${"fault" in here ? here.fault : "whole"}\n${shown}`).toEqual(readHere(text));
  }
  return inBash;
}

const asLines = (manifest: object) =>
  `{\n${Object.entries(manifest)
    .map(([key, value]) =>
      key === "disks"
        ? `  "disks": [\n${(value as object[]).map((each) => `    ${JSON.stringify(each)}`).join(",\n")}\n  ]`
        : `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    )
    .join(",\n")}\n}\n`;

/** As `python3 -m json.tool` prints it. */
const inAscii = (text: string) =>
  text.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const turned = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(turned)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, each]) => [key, turned(each)]),
        )
      : value;

it("a manifest is the same in every layout", () => {
  const layouts = [plain, rich].flatMap((manifest) => [
    asLines(manifest),
    JSON.stringify(manifest),
    JSON.stringify(manifest, null, 2),
    JSON.stringify(manifest, null, "\t").replaceAll("\n", "\r\n"),
    JSON.stringify(turned(manifest), null, 4),
    inAscii(JSON.stringify(manifest)),
    JSON.stringify(manifest).replaceAll("/", "\\/"),
    `\n \t${JSON.stringify(manifest)}\n\n`,
    JSON.stringify(manifest).replaceAll('"target"', '"\\u0074arget"'),
  ]);
  for (const read of agree(layouts)) expect(read).toBeTypeOf("object");
});

/** The text of a manifest with a change to the value. */
const changed = (change: (manifest: Record<string, unknown> & typeof plain) => void) => {
  const manifest = structuredClone(plain) as Record<string, unknown> & typeof plain;
  change(manifest);
  return JSON.stringify(manifest);
};
const without = (key: string) => changed((manifest) => delete manifest[key]);
const withDisk = (more: object) => changed((manifest) => Object.assign(manifest.disks[0] as object, more));
const withSource = (more: object) =>
  changed((manifest) => Object.assign(manifest.disks[0]?.source as object, more));
const text = JSON.stringify(plain);

const DAMAGE: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
  empty: ["", " ", "\n", "null", "{}", "[]", '""'],
  "cut short at each line": asLines(plain)
    .split("\n")
    .slice(0, -2)
    .map((_, index, lines) => lines.slice(0, index + 1).join("\n")),
  "more behind it": [`${text}}`, `${text},`, `${text}${text}`, `${text} x`],
  "of another point, policy or slot": [
    changed((manifest) => Object.assign(manifest, { point: BASE, slot: "2026-12-06T01:00:00Z" })),
    changed((manifest) => Object.assign(manifest, { point: BASE })),
    changed((manifest) => Object.assign(manifest, { policy: "weekly" })),
    changed((manifest) => Object.assign(manifest, { slot: "2026-12-07T02:00:00Z" })),
    changed((manifest) => Object.assign(manifest, { slot: "2026-13-07T01:00:00Z" })),
  ],
  "of another format": [
    changed((manifest) => Object.assign(manifest, { formatVersion: "1.0" })),
    changed((manifest) => Object.assign(manifest, { formatVersion: "2.1" })),
    changed((manifest) => Object.assign(manifest, { formatVersion: 2 })),
    changed((manifest) => Object.assign(manifest, { checkpoint: true })),
    changed((manifest) => Object.assign(manifest, { domainXml: "domain.xml" })),
  ],
  "a disk is missing, twice, or another": [
    changed((manifest) => manifest.disks.pop()),
    changed((manifest) => manifest.targets.pop()),
    changed((manifest) => manifest.disks.reverse()),
    changed((manifest) => Object.assign(manifest, { disks: [], targets: [] })),
    changed((manifest) =>
      Object.assign(manifest, { targets: ["vda", "vda"], disks: [disk("vda"), disk("vda")] }),
    ),
  ],
  "lacks a key": [
    ...Object.keys(plain).map(without),
    ...Object.keys(disk("vda")).map((key) => changed((manifest) => delete (manifest.disks[0] as never)[key])),
    ...Object.keys(disk("vda").source).map((key) =>
      changed(({ disks }) => delete (disks[0] as (typeof disks)[0] & { source: never }).source[key]),
    ),
    ...(["checkpoint", "process", "tools", "domainXml"] as const).flatMap((key) =>
      Object.keys(plain[key]).map((inner) => changed((manifest) => delete (manifest[key] as never)[inner])),
    ),
    changed((manifest) => Object.assign(manifest, { stream: { delete: "true" } })),
  ],
  "an unknown key": [
    changed((manifest) => Object.assign(manifest, { more: 1 })),
    changed((manifest) => Object.assign(manifest, { sha256: "0".repeat(64) })),
    changed((manifest) => Object.assign(manifest.tools, { bash: "5" })),
    changed((manifest) => Object.assign(manifest, { tools: { libvirt: "9", "2qemu": "7" } })),
    withDisk({ more: null }),
    withSource({ more: null }),
    text.replace('"policy"', '"__proto__":1,"policy"'),
    text.replace('"policy"', '"":1,"policy"'),
    text.replace('"pid"', '"p.id"'),
  ],
  "when a disk was written last, not as it is told": [
    null,
    {},
    { boot: UUID },
    { files: written.files },
    { ...written, more: 1 },
    { ...written, boot: "" },
    { ...written, files: [] },
    { ...written, files: written.files[0] },
    ...[
      "",
      "1 2 3 4 5",
      "1 2 3 4.000000000",
      ` ${written.files[0]}`,
      written.files[0]?.replace(" ", "  "),
    ].map((file) => ({ ...written, files: [written.files[0], file] })),
  ].map((each) => withSource({ written: each })),
  "how an image is compressed, not as it is told": [
    ...[
      null,
      {},
      { method: "zstd" },
      { data: 1 },
      { method: "zlib", data: 1 },
      { method: "zstd", data: "1" },
      { method: "zstd", data: -1 },
      { method: "zstd", data: 1, more: 1 },
    ].map((compression) => withDisk({ compression })),
    // The number of keys is that of a disk without compression.
    changed(({ disks }) => {
      Object.assign(disks[0] as object, { compression: { method: "zstd", data: 1 } });
      delete (disks[0] as never)["image"];
    }),
  ],
  "files of the machine, not as they are told": [
    null,
    {},
    [null],
    [{}],
    ...[
      {},
      { file: "../nvram.raw" },
      { file: "nvram.vmdk" },
      { file: "nvram.raw\n" },
      { file: "tpm3-00.permall" },
      { size: "4" },
      { size: -1 },
      { sha256: "1" },
      { more: 1 },
      { file: "active.xml" },
    ].map((more, index) => [
      { file: "nvram.raw", size: 4, sha256: "1".repeat(64), ...(index === 0 && { more }), ...more },
      { file: "active.xml", size: 4, sha256: "1".repeat(64) },
    ]),
  ].map((machine) => changed((manifest) => Object.assign(manifest, { machine }))),
  "a key twice": [
    text.replace('"mode"', '"level":"incremental","mode"'),
    text.replace('"mode"', '"\\u006cevel":"incremental","mode"'),
    text.replace('"bitmap":true', '"bitmap":true,"bitmap":true'),
    text.replace('"uuid"', '"mode":"pull","uuid"'),
  ],
  "a number that is text, or not a whole one": [
    ...[
      "196624.0",
      "1e3",
      "-0",
      "-1",
      "01",
      "+1",
      "1E2",
      "9007199254740993",
      "1".repeat(400),
      "0x10",
      "NaN",
      "1 2",
    ].map((number) => text.replace('"size":196624', `"size":${number}`)),
    withDisk({ size: "196624" }),
    withDisk({ virtualSize: null }),
    withSource({ birth: "1796000000" }),
    withSource({ inode: 1234 }),
    withSource({ inode: "0123" }),
    withSource({ device: "1".repeat(21) }),
    changed((manifest) => Object.assign(manifest.checkpoint, { creationTime: "1796605201" })),
  ],
  "control characters and other text that is none": [
    ...["\0", "\n", "\t", "\u001b", "\u007f"].map((control) => text.replace("web-1", `web${control}1`)),
    ...[
      "\\u0000",
      "\\n",
      "\\t",
      "\\u001b",
      "\\u007f",
      "\\u0085",
      "\\ud800",
      "\\udc00\\ud800",
      "\\x41",
      "\\u12",
      "\u0085",
    ].map((written) => text.replace("web-1", `web${written}1`)),
    ...[[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc2]].map((bytes) =>
      Buffer.concat([
        Buffer.from(text.slice(0, text.indexOf("web-1"))),
        Buffer.from(bytes),
        Buffer.from(text.slice(text.indexOf("web-1"))),
      ]),
    ),
    `\ufeff${text}`,
    Buffer.from(text, "utf16le"),
    changed((manifest) => Object.assign(manifest, { domain: "" })),
  ],
  "a base that cannot be": [
    withDisk({ base: POINT }),
    withDisk({ base: "nightly-20261208T010000Z" }),
    withDisk({ base: null }),
    withDisk({ base: "../other" }),
    withDisk({ base: "" }),
    withDisk({ level: "full" }),
    withDisk({ level: "copy" }),
    changed((manifest) => Object.assign(manifest, { checkpoint: null })),
  ],
  "values of other forms": [
    withDisk({ target: "../x" }),
    withDisk({ format: "vmdk" }),
    withDisk({ bitmap: "true" }),
    withDisk({ sha256: "0".repeat(63) }),
    withDisk({ sha256: "A".repeat(64) }),
    withDisk({ image: ["vda.qcow2"] }),
    withSource({ backing: "x" }),
    withSource({ backing: [1] }),
    withSource({ backing: [[]] }),
    withSource({ type: "File" }),
    withSource({ name: "" }),
    changed((manifest) => Object.assign(manifest, { uuid: UUID.toUpperCase() })),
    changed((manifest) =>
      Object.assign(manifest, { domainXml: { file: "../domain.xml", sha256: "f".repeat(64) } }),
    ),
    changed((manifest) => Object.assign(manifest, { plan: "sha256:0" })),
    changed((manifest) => Object.assign(manifest, { process: [] })),
    changed((manifest) => Object.assign(manifest, { targets: { 0: "vda", 1: "vdb" } })),
    changed((manifest) => Object.assign(manifest, { consolidated: { at: "now", of: [] } })),
    changed((manifest) => Object.assign(manifest, { consolidated: { at: plain.slot, of: ["x"] } })),
  ],
  "too large": [`${text}${" ".repeat(1 << 20)}`, '"'.repeat(1 << 20), "[".repeat(1 << 20), "[".repeat(1000)],
};

it.each(Object.entries(DAMAGE))("%s is damage", (_, texts) => {
  for (const [index, read] of agree(texts).entries())
    expect(read, `${texts[index]}`.slice(0, 2000)).toBe("damage");
});

it("a large one is read as well", () => {
  const targets = Array.from({ length: 120 }, (_, index) => `vd${index}`);
  const [read] = agree([asLines({ ...plain, targets, disks: targets.map((target) => disk(target)) })]);
  expect(read).toMatchObject({ [`${POINT} disks`]: "120" });
});

it("one of another domain is damage where the domain is known", () => {
  expect(readInBash([text], UUID)[0]).toBeTypeOf("object");
  expect(readInBash([text], UUID.replace("6", "7"))).toEqual(["damage"]);
});

it("both say the same of what was changed at random", () => {
  const parts = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    " ",
    "\n",
    "0",
    "1",
    "-",
    "e",
    "null",
    "true",
    '"x"',
    "\\u0041",
    "é",
  ];
  const mutation = fc.record({
    of: fc.constantFrom(...[plain, rich].flatMap((each) => [JSON.stringify(each), asLines(each)])),
    at: fc.nat(),
    cut: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 300 })),
    put: fc.oneof(fc.constant(""), fc.constantFrom(...parts), fc.string({ unit: "binary", maxLength: 3 })),
    from: fc.nat(),
    copied: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 80 })),
  });
  const texts = fc
    .sample(mutation, {
      numRuns: 150,
      ...(process.env["TIDEMARK_FUZZ_SEED"] === undefined ? { seed: 17 } : {}),
    })
    .map(({ of, at, cut, put, from, copied }) => {
      const start = at % of.length;
      const other = from % of.length;
      return `${of.slice(0, start)}${put}${of.slice(other, other + copied)}${of.slice(start + cut)}`;
    });
  const verdicts = agree(texts);
  // Changes in the midst of names leave some whole.
  expect(verdicts.filter((each) => each !== "damage").length).toBeGreaterThan(5);
  expect(verdicts.filter((each) => each === "damage").length).toBeGreaterThan(50);
});
