import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { nvramPath, settleFirmware, startedPaused, sumOf, tpmOf, writeVariable } from "./firmware.js";
import { contentOf, type Guest, type GuestDisk, sh, startGuest, tidemark, UEFI_AND_TPM } from "./guest.js";
import { manifestOf, type Nights, type PolicyText, pullMode, underPolicy } from "./nights.js";

/* A restore in place: the domain itself goes back, what it had is kept, and the nights after it are right. */
const NAME = "tmlive-replace";
const DISK = { target: "vda", format: "qcow2", size: "4M" } as const;
const RAW = { target: "vdb", format: "raw", size: "4M" } as const;
const DAILY = '[{ level: incremental, at: "0 1 * * *" }]';
const FIRST = "nightly-20261206T010000Z";

let guest: Guest | undefined;
const devices: { readonly loop: string; readonly file: string }[] = [];
afterEach(() => {
  // What libvirt does not know of, it does not remove with the domain.
  if (guest !== undefined) sh("bash", ["-c", 'rm -f -- "$1".before-*', "-", nvramPath(guest)]);
  guest?.remove();
  guest = undefined;
  for (const { loop, file } of devices.splice(0)) {
    sh("losetup", ["-d", loop]);
    rmSync(dirname(file), { recursive: true });
  }
});

/** Restores in place; the guest, which has no operating system, is switched off at once. */
function replaceIn(
  { restoreScript }: Nights,
  point: string,
  {
    fault,
    status = 0,
    args = ["--yes"],
  }: { fault?: string; status?: number | "any"; args?: readonly string[] } = {},
) {
  return sh(
    "bash",
    [restoreScript, point, "-c", "qemu:///system", "--replace", "--stop-within", "0", ...args],
    { env: fault === undefined ? {} : { TIDEMARK_FAULT: `${fault}:kill` }, status },
  );
}

/** A guest of two disks, of which one has no bitmaps, and its first night. */
function firstNight(text: PolicyText = {}, disks: readonly GuestDisk[] = [DISK, RAW]) {
  const host = startGuest(NAME, disks);
  guest = host;
  const nights = underPolicy(host, {
    schedule: DAILY,
    retention: "{ keepLast: 9 }",
    top: "onMissingBase: fail",
    ...text,
  });
  nights.compile();
  const { point } = nights.run();
  return { host, nights, point, was: [...host.truth()].join() };
}

/** Lets three more nights go by: a full, and then what the plan says, without a word of deviation. */
function threeNights(nights: Nights, restored: string): void {
  const first = nights.run();
  expect(first.output).toContain(`(restored in place: ${restored}`);
  expect(manifestOf(nights, first.point).disks.map(({ level }) => level)).not.toContain("incremental");
  for (let night = 0; night < 2; night++) {
    const { point } = nights.run();
    expect(manifestOf(nights, point).disks[0]?.level).toBe("incremental");
    expect(manifestOf(nights, point).deviation ?? "").not.toContain("restored in place");
  }
}

it("the domain is as it was with NVRAM and TPM, what it had is kept, and each later night is right", {
  tags: "core",
}, () => {
  const host = startGuest(NAME, [DISK], undefined, null, UEFI_AND_TPM);
  guest = host;
  settleFirmware(host);
  const nights = underPolicy(host, {
    schedule: DAILY,
    retention: "{ keepLast: 9 }",
    top: "onMissingBase: fail",
  });
  nights.compile();
  const points: string[] = [];
  for (const night of ["one", "two", "three"]) {
    writeVariable(host, `night ${night}`);
    points.push(nights.run().point);
  }
  const [, second = ""] = points;
  host.write("vda", "write -P 7 0 64k");
  // Its firmware writes when it starts. A stopped domain stays stopped, and is looked at before its firmware runs.
  host.virsh("destroy");
  writeFileSync(tpmOf(host), "another state");
  const before = { disk: host.truth().get("vda"), nvram: sumOf(nvramPath(host)) };
  replaceIn(nights, second);
  expect(host.virsh("domstate").trim()).toBe("shut off");
  expect(sumOf(`${nvramPath(host)}.before-${second}`)).toBe(before.nvram);
  expect(readFileSync(`${tpmOf(host)}.before-${second}`, "utf8")).toBe("another state");
  expect(contentOf(`${host.image("vda")}.before-${second}`, "qcow2")).toBe(before.disk);
  expect(host.truth().get("vda")).toBe(nights.truthOf(second).get("vda"));
  // The firmware writes again and again while it finds nothing to boot: the restore point tells what it held.
  const held = (file: string) => join(nights.folder, second, file);
  expect(readFileSync(held("nvram.raw"), "latin1")).toContain("night two");
  expect(startedPaused(NAME).sums).toEqual([sumOf(held("nvram.raw")), sumOf(held("tpm2-00.permall"))]);
  host.virsh("resume");
  settleFirmware(host);
  threeNights(nights, second);
  expect(nights.compareAll()).toBe(6);
});

it.each(["push", "pull"])(
  "%s: the next run takes a full, also a differential of an older base is right",
  (mode) => {
    const host = startGuest(NAME, [DISK, RAW]);
    guest = host;
    const nights = underPolicy(host, {
      schedule: `
  - { level: full, at: "0 1 * * sun" }
  - { level: differential, at: "0 1 * * wed,thu" }
  - { level: incremental, at: "0 1 * * mon,tue" }`,
      retention: "{ keepLast: 9 }",
      top: "onMissingBase: fail",
      defaults: mode === "pull" ? pullMode(host.folder) : "{ mode: push }",
    });
    nights.compile();
    nights.run();
    const was = [...host.truth()].join();
    nights.run();
    expect(replaceIn(nights, FIRST).stdout).toContain("is stopped meanwhile, and started again");
    expect(host.virsh("domstate").trim()).toBe("running");
    expect([...host.truth()].join()).toBe(was);
    const tuesday = nights.run();
    expect(tuesday.output).toContain(`(restored in place: ${FIRST})`);
    for (let night = 0; night < 2; night++) {
      const differential = nights.run();
      expect(differential.output).toContain("is older than the restore in place");
      expect(manifestOf(nights, differential.point).disks[0]).toMatchObject({ level: "differential" });
    }
    expect(nights.compareAll()).toBe(5);
  },
);

it.each(["copy", "copied", "stopped", "kept"])(
  "killed at %s, nothing is replaced, and it can be called again",
  (fault) => {
    killedAt(fault, false);
  },
);

it.each(["swap", "aside", "swapped", "checkpoints", "exchanged", "started"])(
  "killed at %s, it is completed",
  (fault) => {
    killedAt(fault, true);
  },
);

function killedAt(fault: string, isReplaced: boolean): void {
  const { host, nights, was } = firstNight();
  nights.run();
  const now = [...host.truth()].join();
  replaceIn(nights, FIRST, { fault, status: "any" });
  // A night in between changes nothing, as it does not know what the disks are.
  const refused = sh("bash", [nights.script, nights.left()[0] ?? "", "-c", "qemu:///system"], { status: 3 });
  expect(refused.stderr).toContain(`a restore in place of ${NAME} did not end`);
  if (!isReplaced) expect([...host.truth()].join()).toBe(now);
  replaceIn(nights, FIRST);
  expect([...host.truth()].join()).toBe(was);
  expect(host.virsh("domstate").trim()).toBe("running");
  threeNights(nights, FIRST);
  expect(nights.compareAll()).toBe(5);
  const left = readdirSync(join(host.folder, "images")).sort();
  expect(left).toEqual(["vda.qcow2", `vda.qcow2.before-${FIRST}`, "vdb.raw", `vdb.raw.before-${FIRST}`]);
}

it("a kill between the two names of a file leaves no second name of the live disk", () => {
  const { host, nights, was } = firstNight();
  replaceIn(nights, FIRST, { fault: "swap", status: "any" });
  const [vda, vdb] = [host.image("vda"), host.image("vdb")];
  sh("ln", [vda, `${vda}.before-${FIRST}`]);
  sh("bash", ["-c", 'mv "$1" "$1.before-$2" && ln "$1.tidemark-new" "$1"', "-", vdb, FIRST]);
  replaceIn(nights, FIRST);
  expect([...host.truth()].join()).toBe(was);
  const left = readdirSync(join(host.folder, "images")).sort();
  expect(left).toEqual(["vda.qcow2", `vda.qcow2.before-${FIRST}`, "vdb.raw", `vdb.raw.before-${FIRST}`]);
  for (const path of [vda, vdb]) expect(sh("stat", ["-c", "%h", path]).stdout.trim()).toBe("1");
});

it("nobody is asked without a terminal; a disk that stays keeps no bitmaps of checkpoints that are gone", () => {
  const { host, nights } = firstNight({}, [DISK, { ...DISK, target: "vdb" }]);
  const vdb = host.truth().get("vdb");
  const asked = replaceIn(nights, FIRST, { args: ["--disk", "vda"], status: 3 });
  expect(asked.stderr).toContain("nobody is there to agree");
  expect(host.virsh("domstate").trim()).toBe("running");
  host.write("vdb", "write -P 7 0 64k");
  const changed = host.truth().get("vdb");
  expect(changed).not.toBe(vdb);
  const done = replaceIn(nights, FIRST, { args: ["--disk", "vda", "--yes"] });
  expect(done.stderr).toMatch(/the disk vdb \(.*\) STAYS AS IT IS/);
  expect(host.truth().get("vdb")).toBe(changed);
  expect(sh("qemu-img", ["info", "-U", host.image("vdb")]).stdout).not.toContain(FIRST);
  threeNights(nights, FIRST);
  expect(nights.compareAll()).toBe(4);
});

it("from the repository alone; a stopped domain's copy and a restore point on demand are right after it, too", () => {
  // A restore point on demand has the present second, so the slots are in the past.
  const { host, nights, point, was } = firstNight({
    from: "2026-11-01",
    top: "onMissingBase: fail\nonStopped: offline-copy",
  });
  host.virsh("destroy");
  nights.run();
  const args = ["--at", point, "--connect", "qemu:///system", "--replace", "--yes"];
  tidemark(host.folder, "restore", nights.repository, ...args);
  expect([...host.truth()].join()).toBe(was);
  const stopped = nights.run();
  expect(manifestOf(nights, stopped.point).disks.map(({ level }) => level)).toEqual(["full", "full"]);
  host.virsh("start");
  expect(nights.run().output).toContain(`(restored in place: ${point})`);
  replaceIn(nights, point);
  const demanded = nights.demand();
  expect(manifestOf(nights, demanded.point).disks.map(({ level }) => level)).toEqual(["full", "full"]);
  expect(nights.compareRestored()).toHaveLength(5);
});

it.each(["in shutdown", ""])('a domain that is said to be "%s" is not taken for a stopped one', (said) => {
  const { host, nights, point } = firstNight();
  host.write("vda", "write -P 7 0 64k");
  const now = [...host.truth()].join();
  const tools = join(host.folder, "tools");
  mkdirSync(tools);
  const virsh = sh("bash", ["-c", "command -v virsh"]).stdout.trim();
  // What libvirt says of the state, and that it cannot end the domain.
  const played = `case " $* " in *" domstate "*) ${said === "" ? "exit 1" : `echo "${said}"; exit`} ;; *" shutdown "* | *" destroy "*) exit ;; esac`;
  writeFileSync(join(tools, "virsh"), `#!/bin/bash\n${played}\nexec ${virsh} "$@"\n`, { mode: 0o755 });
  const script = [
    nights.restoreScript,
    point,
    "-c",
    "qemu:///system",
    "--replace",
    "--yes",
    "--stop-within",
    "0",
  ];
  const env = { PATH: `${tools}:${process.env["PATH"]}` };
  expect(sh("bash", script, { env, status: 1 }).stderr).toContain("could not be stopped");
  expect(host.virsh("domstate").trim()).toBe("running");
  expect([...host.truth()].join()).toBe(now);
  expect(readdirSync(join(host.folder, "images")).sort()).toEqual(["vda.qcow2", "vdb.raw"]);
});

it("what would mix old and new disks, or lose the domain, is refused", () => {
  const { host, nights } = firstNight();
  const virsh = (...args: readonly string[]) => sh("virsh", ["-c", "qemu:///system", ...args]);
  const refusal = () => replaceIn(nights, FIRST, { status: 3 }).stderr;
  const now = [...host.truth()].join();
  // libvirt would put what is restored on top of the images that its XML names.
  const overlay = join(host.folder, "images", "overlay.qcow2");
  const spec = ["--diskspec", `vda,file=${overlay}`, "--diskspec", "vdb,snapshot=no"];
  host.virsh("snapshot-create-as", "--name", "s", "--disk-only", "--no-metadata", ...spec);
  expect(refusal()).toContain("the disk vda consists of several images by the XML of the domain");
  host.virsh("blockcommit", "--path", "vda", "--active", "--pivot", "--wait");
  expect([...host.truth()].join()).toBe(now);
  // A disk that is another one after the next start.
  const xml = host.virsh("dumpxml", "--inactive");
  writeFileSync(
    join(host.folder, "other.xml"),
    xml.replace(host.image("vdb"), join(host.folder, "other.raw")),
  );
  virsh("define", join(host.folder, "other.xml"));
  expect(refusal()).toContain("other.raw after the next start: make both alike first");
  writeFileSync(join(host.folder, "same.xml"), xml);
  virsh("define", join(host.folder, "same.xml"));
  host.virsh("managedsave");
  expect(refusal()).toContain("has a saved state");
  host.virsh("managedsave-remove");
  host.virsh("start");
  host.virsh("undefine", "--checkpoints-metadata");
  expect(refusal()).toContain("is transient");
  expect(existsSync(join(nights.folder, ".tidemark", "replace"))).toBe(false);
  expect([...host.truth()].join()).toBe(now);
});

/** A block device of that size, which is gone after the test. */
function device(size: string): string {
  const file = join(mkdtempSync("/dev/shm/tidemark-device-"), "file");
  sh("truncate", ["-s", size, file]);
  const loop = sh("losetup", ["--show", "-f", file]).stdout.trim();
  devices.push({ loop, file });
  return loop;
}

/** The same on block devices, and with a folder for what they hold. */
function onDevices(text: PolicyText = {}) {
  const begun = firstNight(text, [
    { ...DISK, device: device("8M") },
    { ...RAW, device: device("4M") },
  ]);
  const aside = join(begun.host.folder, "kept");
  mkdirSync(aside);
  return { ...begun, aside, held: () => [...begun.host.truth()].join() };
}

it("block devices: what they hold is kept in a folder or given up by a word, and each later night is right", {
  tags: "core",
}, () => {
  const { nights, was, aside, held } = onDevices();
  nights.run();
  const now = held();
  const unasked = replaceIn(nights, FIRST, { status: 3 });
  expect(unasked.stderr).toMatch(/is the block device .*, beside which nothing can be kept: --aside FOLDER/);
  expect(held()).toBe(now);
  replaceIn(nights, FIRST, { args: ["--yes", "--aside", aside] });
  expect(held()).toBe(was);
  const kept = ["vda", "vdb"].map((target) => [
    target,
    contentOf(join(aside, `${target}.before-${FIRST}.qcow2`), "qcow2"),
  ]);
  expect(kept.join()).toBe(now);
  threeNights(nights, FIRST);
  replaceIn(nights, FIRST, { args: ["--yes", "--aside", "none"] });
  expect(held()).toBe(was);
  expect(readdirSync(aside)).toHaveLength(2);
  threeNights(nights, FIRST);
  expect(nights.compareAll()).toBe(8);
});

it.each(["kept", "device", "written", "checkpoints"])(
  "block devices: killed at %s, it ends right",
  (fault) => {
    const { host, nights, was, aside, held } = onDevices();
    nights.run();
    const now = held();
    const args = ["--yes", "--aside", aside];
    replaceIn(nights, FIRST, { args, fault, status: "any" });
    if (fault === "kept") expect(held()).toBe(now);
    replaceIn(nights, FIRST, { args });
    expect(held()).toBe(was);
    expect(host.virsh("domstate").trim()).toBe("running");
    const kept = ["vda", "vdb"].map((target) => [
      target,
      contentOf(join(aside, `${target}.before-${FIRST}.qcow2`), "qcow2"),
    ]);
    expect(kept.join()).toBe(now);
    expect(readdirSync(aside)).toHaveLength(2);
    threeNights(nights, FIRST);
    expect(nights.compareAll()).toBe(5);
  },
);

it("block devices: what goes on is checked as well, when another restore point is asked for", () => {
  const { nights, aside, was, held } = onDevices({ schedule: '[{ level: full, at: "0 1 * * *" }]' });
  const { point } = nights.run();
  const args = ["--yes", "--aside", aside];
  replaceIn(nights, FIRST, { args, fault: "device", status: "any" });
  const now = held();
  const image = join(nights.folder, FIRST, "vdb.qcow2");
  sh("truncate", ["-s", "+1", image]);
  const refused = replaceIn(nights, point, { args, status: 3 });
  expect(refused.stdout).toContain("it is completed now");
  expect(refused.stderr).toContain(`${image} is not what was backed up`);
  expect(held()).toBe(now);
  sh("truncate", ["-s", "-1", image]);
  replaceIn(nights, FIRST, { args });
  expect(held()).toBe(was);
});
