import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import type { Manifest } from "../../../src/inventory/manifest.js";
import { ROOT } from "../../support/tidemark.js";

/*
 * What a run deletes after its manifest, with a virsh that says what a test wants: nothing while a manifest is damaged,
 * and nothing that a manifest or an image's header names.
 */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-deletions-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const UUID = "00000000-0000-4000-8000-000000000001";
const slotOf = (day: number) => `2026120${day}T010000Z`;
const pointOf = (day: number) => `nightly-${slotOf(day)}`;
const folderOf = (day: number) => join(scratch, "vm", pointOf(day));

/** The header of a qcow2 image (docs/interop/qcow2.txt of QEMU) whose backing file has this name, behind the header. */
function headerOf(backing: string): Buffer {
  const header = Buffer.alloc(104);
  header.writeUInt32BE(0x514649fb, 0);
  header.writeUInt32BE(3, 4);
  header.writeBigUInt64BE(backing === "" ? 0n : 104n, 8);
  header.writeUInt32BE(backing.length, 16);
  header.writeUInt32BE(104, 100);
  return Buffer.concat([header, Buffer.from(backing)]);
}

/** A restore point of one disk whose image is a header that names this file. */
function store(
  day: number,
  base: number | null,
  header: string | null = base === null ? null : `../${pointOf(base)}/vda.qcow2`,
) {
  mkdirSync(folderOf(day), { recursive: true });
  const image = headerOf(header ?? "");
  writeFileSync(join(folderOf(day), "vda.qcow2"), image);
  const manifest: Manifest = {
    formatVersion: "2.0",
    policy: "nightly",
    domain: "vm",
    uuid: UUID,
    point: pointOf(day),
    slot: `2026-12-0${day}T01:00:00Z`,
    level: base === null ? "full" : "incremental",
    mode: "push",
    checkpoint: { creationTime: day },
    process: null,
    targets: ["vda"],
    disks: [
      {
        target: "vda",
        level: base === null ? "full" : "incremental",
        base: base === null ? null : pointOf(base),
        bitmap: true,
        source: { type: "file", name: "/images/vda", device: null, inode: null, birth: null, backing: [] },
        image: "vda.qcow2",
        format: "qcow2",
        virtualSize: 4096,
        size: image.length,
        sha256: "0".repeat(64),
      },
    ],
    plan: `sha256:${"0".repeat(64)}`,
    finished: `2026-12-0${day}T01:00:03Z`,
    tools: { libvirt: "9.0.0", qemu: "7.2.22" },
    domainXml: { file: "domain.xml", sha256: "0".repeat(64) },
  };
  writeFileSync(join(folderOf(day), "manifest.json"), JSON.stringify(manifest, null, 2));
}

/** Calls a step of the run of the sixth day with the machinery's state as it is after the manifest. */
function after(...lines: readonly string[]): { status: number | null; said: string; calls: string } {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
plan nightly sha256:0 2026-12-01T00:00:00Z 2027-01-01T00:00:00Z
domain vm ${UUID} '${join(scratch, "vm")}' push
answers last-verified fail skip 3600 nightly continue
TABLE[wanted]=${slotOf(6)}
slot 2026-12-06T01:00:00Z full
RUN[state]=sealed
TABLE[retires]=yes
mkdir -p "$(state_folder)"
v() { echo "v $*" >>"$CALLS"; [[ $1 != checkpoint-list ]] || printf '%s\\n' ${pointOf(1)} ${pointOf(2)} ${pointOf(6)}; }
# What is asked together is not answered, but for a line of a test.
ask_libvirt() { printf '%s' "\${TOGETHER:-}"; }
# Made at the second that is the day, as the manifests say.
checkpoint_time() { [[ $1 =~ -2026120([0-9])T ]] && printf '%s' "\${BASH_REMATCH[1]}"; }
is_running() { :; }
${lines.join("\n")}`;
  const calls = join(scratch, "calls");
  writeFileSync(calls, "");
  const done = spawnSync("bash", ["-c", script], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, CALLS: calls },
  });
  expect(done.stderr).not.toMatch(/unbound|syntax error|command not found/);
  return { status: done.status, said: `${done.stdout}${done.stderr}`, calls: readFileSync(calls, "utf8") };
}

const left = () =>
  readdirSync(join(scratch, "vm"))
    .filter((name) => name.startsWith("nightly-"))
    .map((name) => Number(name.slice(15, 16)))
    .sort();

/** Has the restore point of a day say that a disk was left out. */
function lacks(day: number, target: string): void {
  const file = join(folderOf(day), "manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...manifest, leftOut: [target] }, null, 2));
}

/** Deletes the first two days, because of the fourth and sixth. */
const prune = () =>
  after(`PRUNE=("${pointOf(4)} ${pointOf(6)}" ${pointOf(2)} ${pointOf(1)})`, "prune_points");

beforeEach(() => {
  rmSync(join(scratch, "vm"), { recursive: true, force: true });
  store(1, null);
  store(2, 1);
  store(4, null);
  store(5, 4);
  store(6, null);
});

it("goes through restore points in the order of their slots, whatever their policies are called", () => {
  for (const name of [`early-${slotOf(7)}`, `weekly-${slotOf(3)}`, "notes", `other-${slotOf(6)}`]) {
    mkdirSync(join(scratch, "vm", name));
    writeFileSync(join(scratch, "vm", name, "manifest.json"), "");
  }
  mkdirSync(join(scratch, "vm", `nightly-${slotOf(8)}`));
  expect(after("points").said.split("\n").slice(0, -1)).toEqual([
    "notes",
    ...[1, 2].map(pointOf),
    `weekly-${slotOf(3)}`,
    ...[4, 5, 6].map(pointOf),
    `other-${slotOf(6)}`,
    `early-${slotOf(7)}`,
  ]);
});

it("deletes what is due, newest first", () => {
  expect(prune().said).not.toContain("warning");
  expect(left()).toEqual([4, 5, 6]);
  expect(existsSync(join(scratch, "vm/.tidemark/pruned"))).toBe(false);
});

it.each([
  ["vdb", "nothing is pruned: the domain no longer has vdb, and older restore points hold it"],
  ["vdz", undefined],
])(
  "deletes and folds nothing if this run lacks a disk of the plan, but not for one that was added: %s",
  (target, says) => {
    lacks(6, target);
    const gone = ["EXPECTED=(vda vdb)", "fold_point() { echo it is folded; }"];
    const folded = after(...gone, `consolidate "${pointOf(6)}" ${pointOf(5)} ${pointOf(4)}`).said;
    expect(folded.includes("it is folded")).toBe(says === undefined);
    expect(folded.includes("nothing is folded: the domain no longer has vdb")).toBe(says !== undefined);
    const { said } = after(
      ...gone,
      `PRUNE=("${pointOf(4)} ${pointOf(6)}" ${pointOf(2)} ${pointOf(1)})`,
      "prune_points",
    );
    expect(said).toContain(says ?? "prune");
    expect(left()).toEqual(says === undefined ? [4, 5, 6] : [1, 2, 4, 5, 6]);
  },
);

it("leaves a checkpoint of what it deletes to a coming run, and asks about all of these together", () => {
  const pending = join(scratch, "vm/.tidemark/pending");
  // libvirt has no checkpoint of the second day, and one of the first, which its run made.
  const { said } = after(
    "TOGETHER=$'\\n\\x1e\\n<creationTime>1</creationTime>\\n\\x1e\\nvm\\n\\x1e\\n'",
    'checkpoint_time() { echo "asked about $1" >&2; echo 1; }',
    `PRUNE=("${pointOf(4)} ${pointOf(6)}" ${pointOf(2)} ${pointOf(1)})`,
    "prune_points",
    `echo "\${#ANSWERED[@]} answers are kept"`,
  );
  expect(readFileSync(pending, "utf8")).toBe(`${pointOf(1)} 1\n`);
  expect(said.match(/asked about \S+/g)).toEqual([`asked about ${pointOf(1)}`]);
  expect(said).toContain("0 answers are kept");
});

it("deletes nothing while a manifest is damaged, and names its file", () => {
  writeFileSync(join(folderOf(5), "manifest.json"), "");
  const { said } = prune();
  expect(said).toContain(`nothing is pruned: ${folderOf(5)}/manifest.json is empty; bring this file back`);
  expect(left()).toEqual([1, 2, 4, 5, 6]);
});

it("keeps what another restore point builds on by its manifest", () => {
  store(5, 2, "");
  expect(prune().said).toContain(`${pointOf(2)} is kept, because ${pointOf(5)} builds on it`);
  expect(left()).toEqual([1, 2, 4, 5, 6]);
});

it.each([
  ["by a relative name", `../${pointOf(2)}/vda.qcow2`],
  ["by its whole path", join(scratch, "vm", pointOf(2), "vda.qcow2")],
  ["in another notation", `json:{'file':{'filename':'/x/${pointOf(2)}/vda.qcow2'}}`],
])("keeps what an image names in its header, %s, whatever its manifest says", (_, header) => {
  store(5, 4, header);
  expect(prune().said).toContain(`${pointOf(2)} is kept, because ${pointOf(5)} builds on it`);
  expect(left()).toEqual([1, 2, 4, 5, 6]);
});

it.each([
  ["through a link", ""],
  ["before a NUL, at which QEMU ends the name", "\0x"],
])("keeps what an image names %s", (_, behind) => {
  spawnSync("ln", ["-sfn", folderOf(2), join(scratch, "elsewhere")]);
  store(5, 4, `../../elsewhere/vda.qcow2${behind}`);
  expect(prune().said).toContain(`${pointOf(2)} is kept, because ${pointOf(5)} builds on it`);
});

it("deletes nothing where a header cannot be read", () => {
  store(5, 4);
  const image = join(folderOf(5), "vda.qcow2");
  const cut = readFileSync(image).subarray(0, 90);
  writeFileSync(image, cut);
  expect(prune().said).toContain(`what this image builds on: ${image} is no qcow2 image`);
  // Within the name.
  store(5, 4);
  writeFileSync(image, readFileSync(image).subarray(0, 110));
  expect(prune().said).toContain(`the name of the backing file in ${image} cannot be read`);
  // Longer than QEMU takes a name to be.
  store(5, 4, `/${"x".repeat(1023)}`);
  expect(prune().said).toContain(`the name of the backing file in ${image} cannot be read`);
  expect(left()).toEqual([1, 2, 4, 5, 6]);
});

it.each<readonly [string, () => void, string]>([
  ["is gone", () => rmSync(folderOf(4), { recursive: true }), `${pointOf(4)} is missing`],
  ["has lost its image", () => rmSync(join(folderOf(4), "vda.qcow2")), `${folderOf(4)}/vda.qcow2 is missing`],
  [
    "has an image of another length",
    () => writeFileSync(join(folderOf(4), "vda.qcow2"), "x"),
    `${folderOf(4)}/vda.qcow2 has 1 bytes, but its manifest says 104`,
  ],
])("deletes nothing because of a restore point that %s", (_, harm, says) => {
  store(5, null);
  harm();
  expect(prune().said).toContain(says);
  expect(left()).toEqual(existsSync(folderOf(4)) ? [1, 2, 4, 5, 6] : [1, 2, 5, 6]);
});

it("deletes nothing because of a restore point that builds on an image that is cut short", () => {
  writeFileSync(join(folderOf(4), "vda.qcow2"), "x");
  const { said } = after(`PRUNE=("${pointOf(5)} ${pointOf(6)}" ${pointOf(2)} ${pointOf(1)})`, "prune_points");
  expect(said).toContain(`${pointOf(5)} cannot be restored (${folderOf(4)}/vda.qcow2 has 1 bytes`);
  expect(left()).toEqual([1, 2, 4, 5, 6]);
});

it("retires no checkpoint, folds nothing and ends no deletion while a manifest is damaged", () => {
  const retired = () => after(`KEEP=(${pointOf(6)})`, "retire_checkpoints");
  expect(retired().calls.match(/v checkpoint-delete --checkpointname \S+/g)).toEqual(
    [1, 2].map((day) => `v checkpoint-delete --checkpointname ${pointOf(day)}`),
  );
  const pruned = join(scratch, "vm/.tidemark/pruned", pointOf(3));
  mkdirSync(pruned, { recursive: true });
  writeFileSync(join(folderOf(5), "manifest.json"), "{}");
  const { calls, said } = retired();
  expect(calls).not.toContain("checkpoint-delete");
  expect(said).toContain("no checkpoint is retired: ");
  expect(after(`consolidate "${pointOf(6)}" ${pointOf(2)} ${pointOf(1)}`).said).toContain(
    `nothing is folded: ${folderOf(5)}/manifest.json`,
  );
  expect(after("finish_pruning").said).toContain("restore points in .tidemark/pruned are not deleted: ");
  expect(existsSync(pruned)).toBe(true);
});

it("refuses a folder with restore points of another domain, and builds on no damaged manifest", () => {
  const { status, said } = after(
    `DOMAIN[uuid]=${UUID.replace("1", "2")}`,
    "RUN[state]=new",
    "refuse_strangers",
  );
  expect(status).toBe(3);
  expect(said).toContain("two domains cannot share the folder");
  writeFileSync(join(folderOf(5), "manifest.json"), "");
  const based = after(
    "bitmap_size() { echo 1; }",
    `if has_manifest ${pointOf(5)}; then echo BASE; fi`,
    "last_verified vda",
  );
  expect(based.said).not.toContain("BASE");
  expect(based.said).toContain(pointOf(4));
  expect(based.said).not.toContain(pointOf(5));
});
