import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../../support/tidemark.js";

/* What a restore refuses, and what it leaves alone while libvirt does not answer. */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-guards-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const UUID = "00000000-0000-4000-8000-000000000001";
const COPY = "00000000-0000-4000-8000-000000000002";
const POINT = "nightly-20261206T010000Z";
const folder = join(scratch, "vm");
const state = join(folder, ".tidemark");
const to = join(scratch, "to");
const note = join(state, "instant");

beforeEach(() => {
  for (const each of [folder, to]) rmSync(each, { recursive: true, force: true });
  for (const each of [state, to]) mkdirSync(each, { recursive: true });
});

/** Calls functions of the machinery of a restore, over one restore point of the disk vda; `say` is what virsh does. */
function restore(lines: string, say = "return 1", user?: number) {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/restore.bash
DOMAIN=([name]=vm [uuid]=${UUID} [folder]='${folder}')
has_manifest() { :; }
is_damaged() { false; }
is_streamed() { [[ \${STREAMED:-} ]]; }
disk_targets() { echo vda; }
missing_parts() { printf '%s' "\${MISSING:-}"; }
check_domain_xml() { :; }
check_parts() { :; }
need_tools() { :; }
plan_machine() { :; }
refuse_known() { :; }
choose_checksum() { :; }
await_libvirt() { :; }
ask_libvirt() { ${say}; }
call() { restore_point vm ${UUID} '${folder}' ${POINT} "$@"; leave 0; }
${lines}`;
  const done = spawnSync("bash", ["-c", script], {
    cwd: ROOT,
    encoding: "utf8",
    ...(user !== undefined && { uid: user }),
  });
  const said = done.stdout + done.stderr;
  expect(said).not.toMatch(/unbound|syntax error|command not found/);
  return { status: done.status, said };
}

const noteOf = (where = to) => writeFileSync(note, `${POINT} ${COPY}\n${where}\nvm-copy\n`);
/** What a killed restore leaves in a folder: an image that has its name, and the domain that it may have defined. */
function leftover(): string {
  const [work, image] = [join(to, ".tidemark-restore.x"), join(to, "vda.qcow2")];
  mkdirSync(work);
  writeFileSync(image, "what the guest has written");
  writeFileSync(join(work, "process"), "4194305 1\n");
  writeFileSync(join(work, "made"), `${statSync(image).ino} ${image}\n`);
  writeFileSync(join(work, "domain"), `${COPY}\n`);
  return image;
}

describe("an instant restore is refused", () => {
  const begin = `DEFINE[uuid]=${COPY}; begin_instant ${POINT} '${to}' vm-copy`;

  it.each(["journal", "folding"])("while a run is interrupted (%s)", (file) => {
    writeFileSync(join(state, file), "");
    expect(restore(begin)).toMatchObject({
      status: 3,
      said: expect.stringMatching(/a run of vm was interrupted: let another run undo it first/),
    });
    expect(existsSync(note)).toBe(false);
    rmSync(join(state, file));
    expect(restore(begin).status).toBe(0);
    expect(readFileSync(note, "utf8")).toBe(`${POINT} ${COPY}\n${to}\nvm-copy\n`);
  });

  it("while another is not complete", () => {
    noteOf("/elsewhere");
    expect(restore(begin)).toMatchObject({
      status: 3,
      said: expect.stringContaining(
        `an instant restore is not complete: vm-copy at /elsewhere, from ${POINT}; call its restore again`,
      ),
    });
    expect(readFileSync(note, "utf8")).toContain("/elsewhere");
  });

  it.each(["", "/elsewhere"])("with --cancel where there is none to this folder: %s", (other) => {
    if (other !== "") noteOf(other);
    const said = `there is no instant restore to ${to} that could be given up`;
    expect(restore(`call --instant --define vm-copy --cancel --to '${to}'`)).toMatchObject({
      status: 3,
      said: expect.stringContaining(said),
    });
    expect(existsSync(note)).toBe(other !== "");
  });

  it.each([
    ["--instant --define vm-copy", "was streamed, so there is no image that a domain could start on"],
    ["--mount /nowhere", "was streamed, so there is no image to be mounted"],
    ["--replace", "was streamed: restore it with --to"],
  ])("from a stream: %s", (args, says) => {
    expect(restore(`STREAMED=yes; call ${args}`)).toMatchObject({
      status: 3,
      said: expect.stringContaining(says),
    });
  });

  it.each([
    "--instant",
    "--instant --define vm-copy --format raw",
    "--instant --define vm-copy --check-only",
    "--cancel --define vm-copy",
    "--mount /nowhere --define vm-copy",
    "--mount /nowhere --to /else",
  ])("with what does not go with it: %s", (args) => {
    expect(restore(`call ${args}`)).toMatchObject({ status: 2, said: expect.stringMatching(/ goes? with /) });
  });
});

it("only root mounts", () => {
  const user = process.getuid?.() === 0 ? 65_534 : undefined;
  expect(restore(`mount_point ${POINT} /nowhere vda`, undefined, user)).toMatchObject({
    status: 3,
    said: expect.stringContaining("only root may mount file systems"),
  });
});

describe("while libvirt does not answer, nothing of an instant restore is removed", () => {
  const GONE = `await_libvirt() { return 1; }`;
  const call = `call --instant --define vm-copy --to '${to}'`;

  it.each([
    ["a call that goes on", `${GONE}; ${call}`],
    ["one that gives it up", `${GONE}; ${call} --cancel`],
    ["a list of domains that fails", call],
    ["a restore of another kind to this folder", `${GONE}; rm '${note}'; clear_earlier '${to}'`],
  ])("%s", (title, lines) => {
    noteOf();
    const image = leftover();
    const done = restore(lines);
    expect(done.status).toBe(1);
    expect(done.said).toContain(`libvirt does not tell whether it knows the domain ${COPY}: call this again`);
    expect(readFileSync(image, "utf8")).toBe("what the guest has written");
    expect(existsSync(note)).toBe(!title.includes("another kind"));
  });

  it("one that gives it up, after the domain was started", () => {
    noteOf();
    expect(restore(`${GONE}; ${call} --cancel`).status).toBe(1);
    expect(existsSync(note)).toBe(true);
  });

  it("a daemon that is being restarted is waited for", () => {
    const image = leftover();
    const done = restore(`await_libvirt() { READY=yes; }; clear_earlier '${to}'`, "[[ -v READY ]] && echo");
    expect(done.status, done.said).toBe(0);
    expect(existsSync(image)).toBe(false);
  });

  it.each([
    ["whether the domain runs", "list", "libvirt does not tell whether vm-copy runs"],
    ["what disks it has", "list|domstate", "libvirt does not tell what disks vm-copy has"],
  ])("%s", (_, known, says) => {
    noteOf();
    const image = leftover();
    const virsh = `case $1 in ${known}) [[ $1 == list ]] && echo ${COPY} || echo running ;; *) return 1 ;; esac`;
    const done = restore(call, virsh);
    expect(done).toMatchObject({ status: 1, said: expect.stringContaining(says) });
    expect(existsSync(image)).toBe(true);
    expect(existsSync(note)).toBe(true);
  });
});

describe("a disk that is being pulled", () => {
  const pull = (layered: number) => `layers=${layered}; is_layered() { ((layers-- > 0)); }
sleep() { :; }
VIRSH=(echo asked)
pull_domain`;
  const virsh = (job: string) =>
    `case $1 in list) echo ${COPY} ;; domstate) echo running ;; domblklist) echo " file disk vda ${to}/vda.qcow2" ;; blockjob) ${job} ;; esac`;

  it("is left to the job of an earlier call for as long as it takes", () => {
    noteOf();
    const done = restore(pull(100), virsh('[[ " $* " != *" --raw "* ]] || echo " type=Block Pull"'));
    expect(done).toMatchObject({
      status: 0,
      said: expect.stringContaining("is independent of the repository"),
    });
    expect(done.said).not.toContain("asked");
    expect(existsSync(note)).toBe(false);
  });

  it("is asked for a minute, and stays one that is not complete where that does not help", () => {
    noteOf();
    const done = restore(pull(100), virsh(":"));
    expect(done).toMatchObject({
      status: 1,
      said: expect.stringContaining("the disk vda still builds on the repository: call this again to go on"),
    });
    expect(done.said.match(/asked blockpull/g)).toHaveLength(60);
    expect(existsSync(note)).toBe(true);
    expect(restore(pull(3), virsh(":")).status).toBe(0);
  });
});

describe("an instant restore that fails before its domain is started", () => {
  const failing = `DEFINE[uuid]=${COPY} INSTANT[begun]=yes WORK='${to}/.tidemark-restore.x'; trap end_restore EXIT; die failed`;

  it("removes what it has made where libvirt does not know the domain", () => {
    noteOf();
    const image = leftover();
    expect(restore(failing, "echo").status).toBe(1);
    expect(existsSync(image)).toBe(false);
    expect(existsSync(note)).toBe(false);
  });

  it.each([
    ["libvirt knows the domain", `echo ${COPY}`, ""],
    ["libvirt does not answer", "return 1", "await_libvirt() { return 1; }; "],
  ])("leaves all to the next call where %s", (_, say, first) => {
    noteOf();
    const image = leftover();
    expect(restore(first + failing, say).status).toBe(1);
    expect(existsSync(image)).toBe(true);
    expect(existsSync(join(to, ".tidemark-restore.x/made"))).toBe(true);
    expect(existsSync(note)).toBe(true);
  });
});

it("a restore names the disks that its restore point lacks, and the newest older one that holds each", () => {
  const stores = `points() { printf '%s\\n' nightly-20261204T010000Z nightly-20261205T010000Z ${POINT} nightly-20261207T010000Z; }
disk_targets() { case $1 in *05T*|*07T*) printf '%s\\n' vda vdb ;; *) echo vda ;; esac; }`;
  const said = restore(`${stores}; MISSING='vdb vdc'; say_left_out ${POINT}`).said;
  expect(said).toContain(
    `${POINT} lacks the disk vdb, which was not backed up; the newest restore point before it that holds it is nightly-20261205T010000Z`,
  );
  expect(said).toMatch(/lacks the disk vdc, which was not backed up$/m);
});

it.each(["--check-only", "--replace", `--to '${to}'`])(
  "what computes checksums is ended with a restore that ends meanwhile: %s",
  (args) => {
    const played = `stop_sums() { echo stopped; }
begin_check() { die ended; }
check_sizes() { :; }`;
    const done = restore(`${played}; call ${args}`);
    expect(done).toMatchObject({ status: 1, said: expect.stringMatching(/^stopped\n.* error: ended$/m) });
  },
);

it("compares the images that were opened, also if a run has folded the restore point since", () => {
  const opened = (sum: string) =>
    restore(`OPENED=("${POINT} vda") OPENED_PATH=(/repository/vda.qcow2) OPENED_SUM=(${"a".repeat(64)})
HELD[/repository/vda.qcow2]=/dev/fd/9
end_sums() { SUM[/dev/fd/9]=${sum}; }
find_field() { VALUE=""; }
disk_field() { :; }
compare_sums
leave 0`);
  expect(opened("a".repeat(64)).status).toBe(0);
  expect(opened("b".repeat(64))).toMatchObject({
    status: 3,
    said: expect.stringContaining("/repository/vda.qcow2 is not what was backed up"),
  });
  expect(opened("").said).toContain("/repository/vda.qcow2 could not be read to its end");
});
