import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { diskXml, type Guest, type GuestDisk, pointsOf, sh, startGuest, tidemark } from "./guest.js";
import { manifestOf, type Nights, type PolicyText, underPolicy } from "./nights.js";
import { count } from "./tally.js";

/* Domains that do not run, and whose disks are copied as they lie (onStopped: offline-copy). */
const NAME = "tmlive-stopped";
const URI = "qemu:///system";
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "4M" },
] as const;
const MIXED = [DISKS[0], { target: "vdb", format: "raw", size: "4M" }] as const;
const DAILY = '[{ level: incremental, at: "0 1 * * *" }]';
const SUNDAY_MONDAY = '[{ level: full, at: "0 1 * * sun" }, { level: incremental, at: "0 1 * * mon" }]';

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

/** Two nights while it runs. */
function begin(text: PolicyText = {}, disks: readonly GuestDisk[] = DISKS): { host: Guest; nights: Nights } {
  const host = startGuest(NAME, disks);
  guest = host;
  const nights = underPolicy(host, { schedule: DAILY, top: "onStopped: offline-copy", ...text });
  nights.compile();
  nights.run();
  nights.run();
  return { host, nights };
}

/** The same, written to once more and stopped. */
function beginStopped(text: PolicyText = {}, disks: readonly GuestDisk[] = DISKS) {
  const begun = begin(text, disks);
  for (const { target } of begun.host.disks) begun.host.write(target, "write -P 99 1M 128k");
  begun.host.virsh("destroy");
  return begun;
}

/** The base of each disk of a restore point. */
function basesOf(nights: Nights, point: string): (string | null)[] {
  return manifestOf(nights, point).disks.map(({ base }) => base);
}

/** All is as it was, and the command that checks repositories says so. */
function expectWhole(nights: Nights): void {
  const points = nights.compareAll();
  expect(tidemark(nights.guest.folder, "verify", nights.repository)).toContain(
    `${points} of ${points} restore points can be restored`,
  );
}

/** Runs a night with a program of the host in whose place `first` comes before what it is for. */
function withProgram<T>(host: Guest, program: string, first: string, act: () => T): T {
  const bin = join(host.folder, "bin");
  mkdirSync(bin);
  const real = sh("bash", ["-c", 'command -v "$1"', "-", program]).stdout.trim();
  writeFileSync(join(bin, program), `#!/bin/bash\n${first}\nexec ${real} "$@"\n`, { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}:${path}`;
  try {
    return act();
  } finally {
    process.env["PATH"] = path;
    rmSync(bin, { recursive: true });
  }
}

const FIRST = "nightly-20261206T010000Z";
const SECOND = "nightly-20261207T010000Z";

describe("what is copied of a stopped domain", () => {
  it("what changed since the last checkpoint, then nothing, and the chain goes on when it runs again", () => {
    const { host, nights } = beginStopped({ retention: "{ keepLast: 20 }" });
    const third = nights.run();
    expect(third.output).toMatch(
      /disk vda: its own bitmap tells what was written since nightly-20261207T010000Z/,
    );
    expect(third.output).not.toMatch(/copied whole|taking a full/);
    expect(manifestOf(nights, third.point)).toMatchObject({
      level: "incremental",
      checkpoint: null,
      deviation: "offline copy",
    });
    expect(basesOf(nights, third.point)).toEqual([SECOND, SECOND]);
    for (let night = 0; night < 3; night++) {
      const next = nights.run();
      expect(next.output).toMatch(new RegExp(`disk vdb: nothing was written since ${third.point}`));
      // On the one that holds something, so that the chain does not grow each night.
      expect(basesOf(nights, next.point)).toEqual([third.point, third.point]);
      expect(statSync(join(nights.folder, next.point, "vda.qcow2")).size).toBeLessThan(300_000);
    }
    expectWhole(nights);
    host.virsh("start");
    const online = nights.run();
    expect(online.output).toMatch(new RegExp(`reading changes since ${SECOND}, the last verified run`));
    expect(basesOf(nights, online.point)).toEqual([SECOND, SECOND]);
    nights.run();
    nights.compile();
    expect(nights.run().output).not.toMatch(/warning/);
    expectWhole(nights);
  });

  it("no full where one is planned, unless something has changed", () => {
    const { host, nights } = begin({ schedule: SUNDAY_MONDAY, days: 28, retention: "{ keepLast: 20 }" });
    host.virsh("destroy");
    const sunday = nights.run();
    expect(basesOf(nights, sunday.point)).toEqual([SECOND, SECOND]);
    expect(manifestOf(nights, sunday.point).level).toBe("incremental");
    nights.run();
    host.virsh("start");
    for (const target of ["vda", "vdb"]) host.write(target, "write -P 7 2M 64k");
    host.virsh("destroy");
    const changed = nights.run();
    expect(basesOf(nights, changed.point)).toEqual([null, null]);
    expect(basesOf(nights, nights.run().point)).toEqual([changed.point, changed.point]);
    expectWhole(nights);
  });

  it("a raw disk whole, with the reason, and then nothing as long as nobody writes to it", () => {
    const { host, nights } = beginStopped({}, MIXED);
    const third = nights.run();
    // No incremental was planned of it, so there is nothing to give a reason for.
    expect(basesOf(nights, third.point)).toEqual([SECOND, null]);
    const fourth = nights.run();
    expect(basesOf(nights, fourth.point)).toEqual([third.point, third.point]);
    sh("qemu-io", ["-f", "raw", "-c", "write -P 5 0 64k", host.image("vdb")]);
    const fifth = nights.run();
    expect(basesOf(nights, fifth.point)).toEqual([third.point, null]);
    host.virsh("start");
    nights.run();
    expectWhole(nights);
  });

  it.each([
    ["", /has no bitmap in the file of the disk/],
    [" after it was started again", /has a bitmap that was not written to its end/],
  ])("the whole, with the reason, where QEMU crashed%s; and then nothing", (restarted, says) => {
    const { host, nights } = begin();
    if (restarted !== "") {
      host.virsh("destroy");
      host.virsh("start");
    }
    sh("pkill", ["-9", "-f", `guest=${NAME},`]);
    while (!nights.guest.virsh("domstate").startsWith("shut off")) sh("sleep", ["0.1"]);
    count("faults");
    const third = nights.run();
    expect(third.output).toMatch(/disk vda is copied whole: nightly-20261207T010000Z has/);
    expect(third.output).toMatch(says);
    expect(basesOf(nights, third.point)).toEqual([null, null]);
    expect(basesOf(nights, nights.run().point)).toEqual([third.point, third.point]);
    expectWhole(nights);
  });

  it.each(["qemu-nbd", "nbdinfo"])("the whole, with the reason, where there is no %s", (tool) => {
    const { host, nights } = beginStopped();
    const path = process.env["PATH"];
    const bin = join(host.folder, "few");
    mkdirSync(bin);
    for (const folder of ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]) {
      sh("bash", [
        "-c",
        'for f in "$1"/*; do ln -sn "$f" "$2/"; done 2>/dev/null; rm -f "$2/$3"',
        "-",
        folder,
        bin,
        tool,
      ]);
    }
    process.env["PATH"] = bin;
    try {
      expect(nights.run().output).toMatch(
        new RegExp(`copied whole: ${tool}, which reads bitmaps, is not installed`),
      );
    } finally {
      process.env["PATH"] = path;
    }
    expectWhole(nights);
  });

  it("what a file's times do not say is not believed", () => {
    const { host, nights } = beginStopped();
    const third = nights.run();
    // Written to where it holds something already, and its time of writing put back.
    const before = join(host.folder, "before");
    sh("touch", ["-r", host.image("vda"), before]);
    sh("qemu-io", ["-f", "qcow2", "-c", "write -P 55 1M 64k", host.image("vda")]);
    sh("touch", ["-r", before, host.image("vda")]);
    const fourth = nights.run();
    expect(basesOf(nights, fourth.point)).toEqual([SECOND, third.point]);
    // The times of another boot may have been lost in a crash.
    for (const point of [third.point, fourth.point]) {
      const file = join(nights.folder, point, "manifest.json");
      writeFileSync(
        file,
        readFileSync(file, "utf8").replaceAll(/("written":\{"boot":")[0-9a-f]{8}/g, "$100000000"),
      );
    }
    expect(basesOf(nights, nights.run().point)).toEqual([SECOND, SECOND]);
    expectWhole(nights);
  });

  it("retention and folding keep what stopped nights build on", () => {
    const { host, nights } = beginStopped({
      retention: "{ keepLast: 3 }",
      top: "onStopped: offline-copy\nconsolidate: true",
    });
    for (let night = 0; night < 5; night++) nights.run();
    expectWhole(nights);
    host.virsh("start");
    for (let night = 0; night < 2; night++) nights.run();
    expectWhole(nights);
    nights.compile();
    host.write("vda", "write -P 3 0 64k");
    host.virsh("destroy");
    for (let night = 0; night < 2; night++) nights.run();
    nights.compile();
    nights.run();
    expectWhole(nights);
  });
});

describe("a disk of a stopped domain that is not the one that was backed up", () => {
  /** What may happen to it, and the words by which a run refuses. */
  const CHANGES: readonly { what: string; change: (host: Guest) => void; says: RegExp }[] = [
    {
      what: "was added",
      change: (host) => {
        const file = join(host.folder, "images/vdc.qcow2");
        sh("qemu-img", ["create", "-q", "-f", "qcow2", file, "4M"]);
        sh("virsh", ["-c", URI, "attach-disk", host.uuid, file, "vdc", "--config", "--subdriver", "qcow2"]);
      },
      says: /disk vdc was added/,
    },
    {
      what: "lies elsewhere",
      change: (host) => {
        const disk = { target: "vdb", format: "qcow2", size: "4M" } as const;
        const other = join(host.folder, "images/other.qcow2");
        cpSync(host.image(disk), other);
        sh("virsh", ["-c", URI, "detach-disk", host.uuid, "vdb", "--config"]);
        writeFileSync(join(host.folder, "disk.xml"), diskXml(disk, other));
        sh("virsh", ["-c", URI, "attach-device", host.uuid, join(host.folder, "disk.xml"), "--config"]);
      },
      says: /disk vdb is .*other\.qcow2, not .*vdb\.qcow2/,
    },
    {
      what: "has another format",
      change: (host) => {
        const raw = { target: "vdb", format: "raw", size: "4M" } as const;
        sh("qemu-img", ["convert", "-O", "raw", host.image("vdb"), host.image(raw)]);
        sh("virsh", ["-c", URI, "detach-disk", host.uuid, "vdb", "--config"]);
        writeFileSync(join(host.folder, "disk.xml"), diskXml(raw, host.image(raw)));
        sh("virsh", ["-c", URI, "attach-device", host.uuid, join(host.folder, "disk.xml"), "--config"]);
        host.disks.splice(1, 1, raw);
      },
      says: /disk vdb has format raw, not qcow2/,
    },
  ];

  it.each(CHANGES)("it $what: the run refuses, or by onDrift takes a full", ({ change, says }) => {
    const { host, nights } = beginStopped({ top: "onStopped: offline-copy\nonNewDisk: refuse" });
    change(host);
    count("faults");
    expect(nights.run({ status: 3 }).output).toMatch(says);
    expect(pointsOf(nights.folder)).toHaveLength(2);
    const policy = join(host.folder, "policy.yaml");
    writeFileSync(policy, `${readFileSync(policy, "utf8")}\nonDrift: full\n`);
    tidemark(host.folder, "compile", "policy.yaml", "-o", "plan");
    const { output, point } = nights.run();
    expect(output).toMatch(says);
    expect(new Set(basesOf(nights, point))).toEqual(new Set([null]));
    nights.compareRestored();
  });

  it("one that is gone is left out, and the other is copied", () => {
    const { host, nights } = beginStopped({ top: "onStopped: offline-copy" });
    sh("virsh", ["-c", URI, "detach-disk", host.uuid, "vdb", "--config"]);
    host.disks.splice(1, 1);
    count("faults");
    const { output, point } = nights.run({ status: 6 });
    expect(output).toMatch(/disk vdb is in the plan, and the domain no longer has it/);
    expect(basesOf(nights, point)).toHaveLength(1);
    nights.compareRestored();
  });

  it("a file that was exchanged in its place, with a bitmap of the same name, is copied whole", () => {
    const { host, nights } = begin();
    host.write("vda", "write -P 11 0 2M");
    host.write("vdb", "write -P 12 0 2M");
    nights.run();
    host.virsh("destroy");
    // Keeps the inode.
    sh("cp", [host.image("vdb"), host.image("vda")]);
    count("faults");
    const { output, point } = nights.run();
    expect(output).toMatch(/disk vda may not be the disk that nightly-20261208T010000Z is a backup of/);
    expect(basesOf(nights, point)).toEqual([null, null]);
    expectWhole(nights);
  });

  it.each([
    ["is gone", "has lost its checkpoint"],
    ["was made again by somebody", "has a checkpoint that was made by somebody else"],
  ])("a disk whose checkpoint %s is copied whole", (what, says) => {
    const { host, nights } = begin();
    host.virsh("checkpoint-delete", "--checkpointname", SECOND);
    if (what !== "is gone") {
      // libvirt notes the second.
      sh("sleep", ["1.1"]);
      const file = join(host.folder, "checkpoint.xml");
      writeFileSync(file, `<domaincheckpoint><name>${SECOND}</name></domaincheckpoint>`);
      host.virsh("checkpoint-create", file);
    }
    host.write("vda", "write -P 7 0 64k");
    host.virsh("destroy");
    const { output, point } = nights.run();
    expect(output).toContain(`disk vda is copied whole: ${SECOND} ${says}`);
    expect(basesOf(nights, point)).toEqual([null, null]);
    nights.compareRestored();
  });

  it("a snapshot's image, whose bitmap of the same name began anew, is copied whole", () => {
    const { host, nights } = begin();
    host.write("vda", "write -P 77 0 64k");
    const over = join(host.folder, "images/over.qcow2");
    host.virsh(
      "snapshot-create-as",
      "--disk-only",
      "--no-metadata",
      "--diskspec",
      `vda,file=${over}`,
      "--diskspec",
      "vdb,snapshot=no",
      "s",
    );
    nights.compile();
    host.virsh("destroy");
    const { output, point } = nights.run();
    expect(output).toMatch(/disk vda is copied whole: nightly-20261207T010000Z was made of another file/);
    expect(basesOf(nights, point)).toEqual([null, SECOND]);
    const { point: next } = nights.run();
    expect(basesOf(nights, next)).toEqual([point, point]);
    // Somebody writes to what lies below.
    sh("qemu-io", ["-f", "qcow2", "-c", "write -P 8 3M 64k", host.image("vda")]);
    const { point: last } = nights.run();
    expect(basesOf(nights, last)).toEqual([null, point]);
    const to = join(host.folder, "restored");
    mkdirSync(to);
    sh("bash", [nights.restoreScript, last, "--to", to, "--format", "raw"]);
    sh("qemu-img", ["compare", "-f", "raw", "-F", "qcow2", join(to, "vda.raw"), over]);
  });

  it("a disk that grew meanwhile is as long as it is now", () => {
    const { host, nights } = beginStopped();
    sh("qemu-img", ["resize", "-q", "-f", "qcow2", host.image("vda"), "6M"]);
    sh("qemu-io", ["-f", "qcow2", "-c", "write -P 4 5M 64k", host.image("vda")]);
    const { point } = nights.run();
    expect(basesOf(nights, point)).toEqual([SECOND, SECOND]);
    expect(manifestOf(nights, point).disks[0]?.virtualSize).toBe(6 << 20);
    expectWhole(nights);
  });

  it("an encrypted disk, or one that is not on the host, is refused", () => {
    const { host, nights } = beginStopped();
    const file = join(host.folder, "other.xml");
    const xml = host.virsh("dumpxml", "--inactive");
    const define = (changed: string) => {
      expect(changed).not.toBe(xml);
      writeFileSync(file, changed);
      sh("virsh", ["-c", URI, "define", file]);
    };
    const secret =
      "<encryption format='luks'><secret type='passphrase' uuid='6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1c01'/></encryption>";
    define(xml.replace("<target dev='vda'", `${secret}<target dev='vda'`));
    expect(nights.run({ status: 3 }).output).toMatch(/disk vda is encrypted, and only QEMU has the key/);
    writeFileSync(file, xml);
    sh("virsh", ["-c", URI, "define", file]);
    rmSync(host.image("vdb"));
    const slot = nights.left()[0] ?? "";
    const { stderr } = sh("bash", [nights.script, slot, "-c", URI], { status: 3 });
    expect(stderr).toMatch(/disk vdb \(file .*\) is no file or block device that is here/);
    expect(pointsOf(nights.folder)).toHaveLength(2);
  });
});

describe("a domain that is not let alone while it is copied", () => {
  const start = (host: Guest) => void host.virsh("start");
  const startAndStop = (host: Guest) => {
    host.virsh("start");
    host.virsh("destroy");
  };

  it.each([
    ["is started", DISKS, start, /was started while it was copied/],
    ["is started and stopped", DISKS, startAndStop, /was started, and stopped again, while it was copied/],
    // Nothing is written, so that its file does not show it.
    [
      "is started and stopped, with a raw disk",
      MIXED,
      startAndStop,
      /was started, and stopped again, while it was copied/,
    ],
    [
      "is written to by somebody else",
      MIXED,
      (host: Guest) => void sh("qemu-io", ["-f", "raw", "-c", "write 0 512", host.image("vdb")]),
      /somebody wrote to the disk vdb while it was copied/,
    ],
    [
      "may have been started while nobody heard it",
      DISKS,
      (_: Guest, pid: number) => void sh("pkill", ["-P", String(pid), "virsh"]),
      /libvirt's events were cut off/,
    ],
  ] as const)("%s: nothing is sealed, and the next run is whole", (_, disks, disturb, says) => {
    const { host, nights } = beginStopped({}, disks);
    count("faults");
    const night = nights.run({
      fault: "copied vda offline:stop",
      status: "any",
      whileStopped: (pid) => disturb(host, pid),
    });
    expect(night.status).toBe(1);
    expect(night.output).toMatch(says);
    expect(pointsOf(nights.folder)).toEqual([FIRST, SECOND]);
    expect(readdirSync(nights.folder).sort()).toEqual([".tidemark", FIRST, SECOND]);
    nights.run();
    expectWhole(nights);
  });

  it("is not kept from starting while a disk of it is read", () => {
    const { host, nights } = beginStopped();
    const slot = nights.left()[0] ?? "";
    const start = `[[ -e '${host.folder}/tried' ]] || { : >'${host.folder}/tried'; virsh -c ${URI} start ${host.uuid} >&2; }`;
    const { stderr } = withProgram(host, "qemu-io", start, () =>
      sh("bash", [nights.script, slot, "-c", URI], { status: 1 }),
    );
    expect(stderr).toMatch(/was started while it was copied/);
    expect(host.virsh("domstate")).toMatch(/^running/);
    nights.run();
    expectWhole(nights);
  });

  it("one that neither runs nor is shut off is left for later; one on another host is refused", () => {
    const { host, nights } = beginStopped();
    const says = (words: string, answer: string) =>
      `case " $* " in *" ${words} "*) echo "${answer}"; exit 0 ;; esac`;
    const slot = nights.left()[0] ?? "";
    const run = (status: number) => sh("bash", [nights.script, slot, "-c", URI], { status }).stderr;
    expect(withProgram(host, "virsh", says("domstate", "in shutdown"), () => run(4))).toMatch(
      /neither runs nor is shut off \(in shutdown\)/,
    );
    expect(withProgram(host, "virsh", says("uri", "qemu+ssh://elsewhere/system"), () => run(3))).toMatch(
      /connection qemu\+ssh:\/\/elsewhere\/system is to another host/,
    );
    nights.run();
    expectWhole(nights);
  });
});

describe("a disk that is a volume of a storage pool", () => {
  const POOL = "tmlive-stopped-pool";
  const pool = (...args: readonly string[]) => sh("virsh", ["-c", URI, ...args], { status: "any" });
  afterEach(() => {
    pool("pool-destroy", POOL);
    pool("pool-undefine", POOL);
  });

  it("is captured, backed up while it runs, and copied while it is stopped", () => {
    const host = startGuest(NAME, DISKS);
    guest = host;
    pool("pool-destroy", POOL);
    pool("pool-undefine", POOL);
    sh("virsh", ["-c", URI, "pool-define-as", POOL, "dir", "--target", join(host.folder, "images")]);
    sh("virsh", ["-c", URI, "pool-start", POOL]);
    host.virsh("destroy");
    const file = join(host.folder, "volume.xml");
    writeFileSync(
      file,
      host
        .virsh("dumpxml", "--inactive")
        .replace(
          /<disk type='file'([^>]*>\s*<driver[^>]*>\s*)<source file='[^']*vda.qcow2'/,
          `<disk type='volume'$1<source pool='${POOL}' volume='vda.qcow2'`,
        ),
    );
    sh("virsh", ["-c", URI, "define", file]);
    host.virsh("start");
    const nights = underPolicy(host, { schedule: DAILY, top: "onStopped: offline-copy" });
    nights.compile();
    const evidence = JSON.parse(readFileSync(join(host.folder, "inventory/domains", `${NAME}.json`), "utf8"));
    expect(Object.keys(evidence.files)).toEqual(["vda", "vdb"]);
    nights.run();
    nights.run();
    host.write("vda", "write -P 99 1M 128k");
    host.virsh("destroy");
    const { point } = nights.run();
    expect(basesOf(nights, point)).toEqual([SECOND, SECOND]);
    expect(manifestOf(nights, point).disks[0]?.source).toMatchObject({
      type: "volume",
      name: `${POOL}/vda.qcow2`,
      inode: `${statSync(host.image("vda"), { bigint: true }).ino}`,
    });
    nights.run();
    expectWhole(nights);
    cpSync(host.image("vda"), join(host.folder, "images/other.qcow2"));
    sh("virsh", ["-c", URI, "pool-refresh", POOL]);
    const xml = readFileSync(file, "utf8");
    writeFileSync(file, xml.replace("volume='vda.qcow2'", "volume='other.qcow2'"));
    sh("virsh", ["-c", URI, "define", file]);
    expect(nights.run({ status: 3 }).output).toMatch(/disk vda is tmlive-stopped-pool\/other\.qcow2, not/);
    writeFileSync(file, xml);
    sh("virsh", ["-c", URI, "define", file]);
    sh("virsh", ["-c", URI, "pool-destroy", POOL]);
    expect(nights.run({ status: 3 }).output).toMatch(
      /disk vda \(volume tmlive-stopped-pool\/vda\.qcow2\) is no file or block device that is here/,
    );
  });
});
