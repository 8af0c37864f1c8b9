import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkpointsOf, diskXml, type Guest, pointsOf, sh, startGuest, tidemark } from "./guest.js";
import { manifestOf, type Nights, type PolicyText, pullMode, underPolicy } from "./nights.js";
import { count } from "./tally.js";

/* A disk, a checkpoint and a job are taken for what they are by evidence, and never by their names. */
const DISKS = [
  { target: "vda", format: "qcow2", size: "8M" },
  { target: "vdb", format: "qcow2", size: "8M" },
] as const;

const DAILY = '[{ level: incremental, at: "0 1 * * *" }]';

const guests: Guest[] = [];
afterEach(() => {
  for (const guest of guests.splice(0)) guest.remove();
});

/** A guest with two nights behind it; what is on its disks differs from any other's. */
function begin(text: (folder: string) => PolicyText = () => ({}), name = "tmlive-evidence"): Nights {
  const host = startGuest(name, DISKS);
  guests.push(host);
  const nights = underPolicy(host, { schedule: DAILY, retention: "{ keepLast: 20 }", ...text(host.folder) });
  nights.compile();
  for (const [at, target] of ["vda", "vdb"].entries()) {
    host.write(target, `write -P ${10 + 20 * at + (name.length % 7)} 0 3M`, `write -P ${200 + at} 5M 1M`);
  }
  nights.run();
  nights.run();
  return nights;
}

/** The document of a job in pull mode that is none of the policy's. */
function otherJob(host: Guest): string {
  const xml = join(host.folder, "other.xml");
  writeFileSync(
    xml,
    `<domainbackup mode='pull'><server transport='unix' socket='${host.folder}/other'/><disks><disk name='vda' backup='yes' type='file'><scratch file='${host.folder}/other.scratch'/></disk><disk name='vdb' backup='no'/></disks></domainbackup>`,
  );
  return xml;
}

const stop = (host: Guest) => void sh("virsh", ["-c", "qemu:///system", "destroy", host.uuid]);

/** Does something to the domain while it is down. */
function whileDown(host: Guest, change: () => void): void {
  stop(host);
  change();
  host.virsh("start");
  count("faults");
}

/** Puts an image on top of the first disk's, which the guest has written to since the last night, and compiles again. */
function layer(nights: Nights): void {
  const host = nights.guest;
  const over = `${host.folder}/images/over.qcow2`;
  host.write("vda", "write -P 77 3M 64k");
  const disks = ["--diskspec", `vda,file=${over}`, "--diskspec", "vdb,snapshot=no"];
  host.virsh("snapshot-create-as", "--disk-only", "--no-metadata", ...disks, "s");
  nights.compile();
}

/** Puts each disk at the other's target, as when somebody changes the order of boot. */
function swapTargets(host: Guest): void {
  const xml = join(host.folder, "swapped.xml");
  const [vda, vdb] = [host.image("vda"), host.image("vdb")];
  const text = host.virsh("dumpxml", "--inactive");
  writeFileSync(xml, text.replaceAll(vda, "@").replaceAll(vdb, vda).replaceAll("@", vdb));
  sh("virsh", ["-c", "qemu:///system", "define", xml]);
}

function exchange(one: string, other: string): void {
  renameSync(one, `${one}.kept`);
  renameSync(other, one);
  renameSync(`${one}.kept`, other);
}

function levelsOf(nights: Nights, point: string): Record<string, string> {
  return Object.fromEntries(manifestOf(nights, point).disks.map(({ target, level }) => [target, level]));
}

describe("another file has taken a disk's place, with a bitmap of the same name: never an incremental", () => {
  it.each(["push", "pull"])("the files of two disks were exchanged behind unchanged XML (%s)", (mode) => {
    const nights = begin((folder) => (mode === "pull" ? { defaults: pullMode(folder) } : {}));
    const host = nights.guest;
    whileDown(host, () => exchange(host.image("vda"), host.image("vdb")));
    expect(nights.run().output).toMatch(/taking a full/);
    nights.run();
    nights.compareAll();
  });

  it("the disk was written over with a sibling's file, in place", () => {
    const sibling = begin(() => ({}), "tmlive-evidence-sibling");
    const nights = begin();
    const [host, other] = [nights.guest, sibling.guest];
    stop(other);
    whileDown(host, () => copyFileSync(other.image("vda"), host.image("vda")));
    const night = nights.run();
    expect(night.output).toMatch(/disk vda may not be the disk that .* is a backup of/);
    expect(levelsOf(nights, night.point)["vda"]).toBe("full");
    nights.run();
    nights.compareAll();
  });

  it("a snapshot's image is in its place, and the bitmap is gone in the one below it", () => {
    const nights = begin();
    layer(nights);
    const base = pointsOf(nights.folder).at(-1) ?? "";
    const below = nights.guest.image("vda");
    whileDown(nights.guest, () => sh("qemu-img", ["bitmap", "--remove", below, base]));
    const { point, output } = nights.run();
    expect(output).toMatch(/vda.qcow2, which is below it, has no whole bitmap of /);
    expect(levelsOf(nights, point)["vda"]).toBe("full");
  });

  it("two disks changed their targets: refused as drift, and full after the plan is compiled again", () => {
    const nights = begin();
    const host = nights.guest;
    whileDown(host, () => swapTargets(host));
    expect(nights.run({ status: 3 }).output).toMatch(/disk vda is /);
    expect(pointsOf(nights.folder)).toHaveLength(2);
    nights.compile();
    const night = nights.run();
    expect(levelsOf(nights, night.point)).toEqual({ vda: "full", vdb: "full" });
    nights.run();
  });

  it("a disk was unplugged while the domain runs, written over with another's file, and plugged in again", () => {
    const host = startGuest("tmlive-evidence", DISKS);
    guests.push(host);
    const plug = (device: string, xml: string) => {
      writeFileSync(join(host.folder, `${device}.xml`), xml);
      host.virsh("attach-device", "--file", join(host.folder, `${device}.xml`), "--live", "--config");
    };
    const disk = { target: "sda", format: "qcow2", size: "8M" } as const;
    const file = join(host.folder, "images/sda.qcow2");
    sh("qemu-img", ["create", "-q", "-f", "qcow2", file, disk.size]);
    plug("controller", "<controller type='scsi' model='virtio-scsi'/>");
    const sda = diskXml(disk, file).replace("bus='virtio'", "bus='scsi'");
    plug("sda", sda);
    host.disks.push(disk);
    const nights = underPolicy(host, { schedule: DAILY, retention: "{ keepLast: 20 }" });
    nights.compile();
    nights.run();
    const { point } = nights.run();
    host.virsh("detach-disk", "--target", "sda", "--live", "--config");
    sh("qemu-img", ["convert", "-U", "-O", "qcow2", host.image("vda"), file]);
    sh("qemu-img", ["bitmap", "--add", file, point]);
    count("faults");
    plug("sda", sda);
    const night = nights.run();
    expect(night.output).toMatch(/disk sda may not be the disk that .* is a backup of/);
    expect(levelsOf(nights, night.point)).toMatchObject({ sda: "full" });
    nights.run();
    nights.compareAll();
  });

  it("with onMissingBase: fail nothing is taken", () => {
    const nights = begin(() => ({ top: "onMissingBase: fail" }));
    const host = nights.guest;
    whileDown(host, () => exchange(host.image("vda"), host.image("vdb")));
    expect(nights.run({ status: 3 }).output).toMatch(/may not be the disk that/);
    expect(pointsOf(nights.folder)).toHaveLength(2);
  });
});

describe("the disk is the same after all: incrementals go on", () => {
  const incremental = (nights: Nights) => {
    const night = nights.run();
    expect(levelsOf(nights, night.point), night.output).toEqual({ vda: "incremental", vdb: "incremental" });
    return night;
  };

  it.each(["push", "pull"])("the domain was stopped and started again (%s)", (mode) => {
    const nights = begin((folder) => (mode === "pull" ? { defaults: pullMode(folder) } : {}));
    whileDown(nights.guest, () => {});
    incremental(nights);
    nights.compareAll();
  });

  it("the image was converted with its bitmaps, back to its old path", () => {
    const nights = begin();
    const host = nights.guest;
    whileDown(host, () => {
      const [image, copy] = [host.image("vda"), `${host.image("vda")}.copy`];
      sh("qemu-img", ["convert", "--bitmaps", "-f", "qcow2", "-O", "qcow2", image, copy]);
      renameSync(copy, image);
    });
    incremental(nights);
    nights.compareAll();
  });

  it.each([
    [
      "an external snapshot",
      (host: Guest) =>
        host.virsh(
          "snapshot-create-as",
          "--disk-only",
          "--no-metadata",
          "--diskspec",
          `vda,file=${host.folder}/images/over.qcow2`,
          "--diskspec",
          "vdb,snapshot=no",
          "s",
        ),
    ],
    [
      "blockcopy and its pivot",
      (host: Guest) =>
        host.virsh(
          "blockcopy",
          "--path",
          "vda",
          "--dest",
          `${host.folder}/images/copy.qcow2`,
          "--wait",
          "--pivot",
          "--transient-job",
        ),
    ],
  ] as const)("%s, and the plan compiled again", (_, change) => {
    const nights = begin();
    change(nights.guest);
    nights.compile();
    const night = nights.run();
    expect(levelsOf(nights, night.point), night.output).toEqual({ vda: "incremental", vdb: "incremental" });
  });

  it("a snapshot's image is in its place, and the bitmap in the one below it is whole", () => {
    const nights = begin();
    layer(nights);
    whileDown(nights.guest, () => {});
    const { point, output } = nights.run();
    expect(levelsOf(nights, point), output).toEqual({ vda: "incremental", vdb: "incremental" });
  });

  it("a snapshot and the blockcommit that ends it", () => {
    const nights = begin();
    const host = nights.guest;
    const over = `${host.folder}/images/over.qcow2`;
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
    host.virsh("blockcommit", "--path", "vda", "--active", "--wait", "--pivot");
    incremental(nights);
    nights.compareAll();
  });
});

describe("a checkpoint is this run's, or it is not touched", () => {
  const foreign = (host: Guest, name: string) => {
    const xml = join(host.folder, "checkpoint.xml");
    const disks = DISKS.map(({ target }) => `<disk name='${target}' checkpoint='bitmap'/>`).join("");
    writeFileSync(xml, `<domaincheckpoint><name>${name}</name><disks>${disks}</disks></domaincheckpoint>`);
    host.virsh("checkpoint-create", "--xmlfile", xml);
    count("faults");
  };

  it("one of the run's name that somebody else made: the run refuses, and the checkpoint stays", () => {
    const nights = begin();
    foreign(nights.guest, "nightly-20261208T010000Z");
    expect(nights.run({ status: 3 }).output).toMatch(/a checkpoint nightly-20261208T010000Z exists/);
    expect(checkpointsOf(nights.guest)).toContain("nightly-20261208T010000Z");
  });

  it("one that somebody else makes right before the begin: libvirt refuses, and undoing leaves it alone", () => {
    const nights = begin();
    const point = "nightly-20261208T010000Z";
    const { output } = nights.run({
      status: 1,
      fault: "job:stop",
      whileStopped: () => foreign(nights.guest, point),
    });
    count("faults");
    expect(output).toMatch(new RegExp(`the checkpoint ${point} was not made by this run`));
    expect(checkpointsOf(nights.guest)).toContain(point);
    nights.guest.virsh("checkpoint-delete", "--checkpointname", point);
    nights.run();
    nights.compareAll();
  });

  it("one of the base's name that was made anew is no base", () => {
    const nights = begin();
    const host = nights.guest;
    const base = "nightly-20261207T010000Z";
    host.virsh("checkpoint-delete", "--checkpointname", base);
    sh("sleep", ["1"]);
    foreign(host, base);
    expect(nights.run().output).toMatch(/taking a full/);
    nights.compareRestored();
    // It is not this repository's, so nothing here deletes it.
    expect(checkpointsOf(host)).toContain(base);
  });
});

describe("a job is this run's, by its targets and by what is heard of its end", () => {
  it("somebody reads the statistics of the job before the run does", () => {
    const nights = begin();
    const host = nights.guest;
    nights.run({
      fault: "wait:stop",
      whileStopped: () => {
        while (host.virsh("domjobinfo").includes("Backup")) sh("sleep", ["0.05"]);
        host.virsh("domjobinfo", "--completed");
      },
    });
    count("faults");
    nights.compareAll();
  });

  it("another's job that is at work while this run is undone is left alone", () => {
    const nights = begin();
    const host = nights.guest;
    nights.run({
      status: 1,
      fault: "waited:stop,verify the images:fail",
      whileStopped: () => host.virsh("backup-begin", "--backupxml", otherJob(host)),
    });
    count("faults");
    expect(host.virsh("domjobinfo")).toMatch(/Backup/);
    host.virsh("domjobabort");
    nights.run();
    nights.compareAll();
  });

  it("another's job begins as soon as this run's has ended", () => {
    const nights = begin();
    const host = nights.guest;
    const xml = otherJob(host);
    nights.run({
      fault: "wait:stop",
      whileStopped: () => {
        while (host.virsh("domjobinfo").includes("Backup")) sh("sleep", ["0.05"]);
        host.virsh("backup-begin", "--backupxml", xml);
      },
    });
    count("faults");
    expect(host.virsh("domjobinfo")).toMatch(/Backup/);
    host.virsh("domjobabort");
    nights.compareAll();
  });

  it("this run's job is aborted and another's completed before it looks: nothing is kept of it", () => {
    const host = startGuest("tmlive-evidence", [{ target: "vda", format: "qcow2", size: "1G" }]);
    guests.push(host);
    const nights = underPolicy(host, { schedule: DAILY, retention: "{ keepLast: 20 }" });
    nights.compile();
    nights.run();
    // In memory, a job of 256 MiB ends before it can be aborted.
    host.write("vda", "write -P 99 0 1G");
    const xml = join(host.folder, "other.xml");
    writeFileSync(
      xml,
      `<domainbackup mode='push'><disks><disk name='vda' backup='yes' type='file'><target file='${host.folder}/other.qcow2'/></disk></disks></domainbackup>`,
    );
    const night = nights.run({
      fault: "begun:stop",
      status: 1,
      whileStopped: () => {
        host.virsh("domjobabort");
        while (host.virsh("domjobinfo").includes("Backup")) sh("sleep", ["0.05"]);
        host.virsh("backup-begin", "--backupxml", xml);
        while (host.virsh("domjobinfo").includes("Backup")) sh("sleep", ["0.05"]);
      },
    });
    count("faults");
    expect(night.output).toMatch(/the backup job failed/);
    expect(pointsOf(nights.folder)).toHaveLength(1);
    nights.run();
    nights.compareAll();
  });
});

describe("two plans of one domain", () => {
  /** A second policy beside the first, compiled to `plan-b`; runs and restores by its scripts. */
  function second(nights: Nights, name: string): { run: string; restore: string; folder: string } {
    const host = nights.guest;
    const repository = join(host.folder, "elsewhere");
    const policy = readFileSync(join(host.folder, "policy.yaml"), "utf8")
      .replace("name: nightly", `name: ${name}`)
      .replace(JSON.stringify(nights.repository), JSON.stringify(repository));
    writeFileSync(join(host.folder, "second.yaml"), policy);
    tidemark(
      host.folder,
      "inventory",
      "-c",
      "qemu:///system",
      "-o",
      "inventory-b",
      "--repository",
      repository,
      "--",
      host.name,
    );
    tidemark(host.folder, "compile", "second.yaml", "-o", "plan-b", "--inventory", "inventory-b");
    const plan = join(host.folder, "plan-b", host.name);
    return {
      run: join(plan, "run.sh"),
      restore: join(plan, "restore.sh"),
      folder: join(repository, host.name),
    };
  }

  it("with names of their own the one waits for the other", () => {
    const nights = begin();
    const offsite = second(nights, "offsite");
    const log = join(nights.guest.folder, "offsite.log");
    nights.run({
      fault: "begun:stop",
      whileStopped: () => {
        // It comes to its turn when this night goes on.
        sh("bash", [
          "-c",
          `bash "$0" -c qemu:///system "$1" >"$2" 2>&1 &`,
          offsite.run,
          "20261208T010000Z",
          log,
        ]);
        const says = () => existsSync(log) && /waits/.test(readFileSync(log, "utf8"));
        for (let tries = 0; tries < 200 && !says(); tries++) sh("sleep", ["0.05"]);
        expect(says(), "the other run waits").toBe(true);
      },
    });
    for (let tries = 0; tries < 300 && !/Z +done:|error:/.test(readFileSync(log, "utf8")); tries++)
      sh("sleep", ["0.1"]);
    expect(readFileSync(log, "utf8")).toMatch(/Z +done:/);
    nights.compareRestored();
  });

  it("with names of their own they may fire at the same instant, and each keeps what is right", () => {
    const nights = begin();
    const host = nights.guest;
    const offsite = second(nights, "offsite");
    const own = join(host.folder, "plan", host.name, "run.sh");
    for (const slot of ["20261208T010000Z", "20261209T010000Z", "20261210T010000Z"]) {
      host.write("vda", `write -P ${Number(slot.slice(6, 8)) + 100} 1M 4M`);
      const truth = host.truth();
      sh("bash", [
        "-c",
        `bash "$0" -c qemu:///system "$2" & one=$!; bash "$1" -c qemu:///system "$2" & wait $one && wait $!`,
        own,
        offsite.run,
        slot,
      ]);
      for (const [script, point] of [
        [join(host.folder, "plan", host.name, "restore.sh"), `nightly-${slot}`],
        [offsite.restore, `offsite-${slot}`],
      ] as const) {
        const to = join(host.folder, "restored");
        mkdirSync(to);
        sh("bash", [script, "--to", to, "--format", "raw", point]);
        for (const [target, sum] of truth) {
          expect(
            sh("sha256sum", ["-b", "--", join(to, `${target}.raw`)])
              .stdout.replace(/^\\/, "")
              .slice(0, 64),
            `${point} ${target}`,
          ).toBe(sum);
        }
        count("compared");
        rmSync(to, { recursive: true });
      }
    }
    expect(checkpointsOf(host).sort()).toEqual(["nightly-20261210T010000Z", "offsite-20261210T010000Z"]);
  });

  it("of one name, in two repositories: the second refuses, and takes nothing from the first", () => {
    const host = startGuest("tmlive-evidence", DISKS);
    guests.push(host);
    const nights = underPolicy(host, { schedule: DAILY, retention: "{ keepLast: 20 }" });
    nights.compile();
    // Compiled before the first night: later the compiler sees the other's checkpoints.
    const other = second(nights, "nightly");
    host.write("vda", "write -P 77 0 3M");
    nights.run();
    nights.run();
    const before = checkpointsOf(host);
    count("faults");
    for (let round = 0; round < 2; round++) {
      const refused = sh("bash", [other.run, "-c", "qemu:///system", before[0]?.slice(-16) ?? ""], {
        status: 3,
      });
      expect(refused.stderr).toMatch(/a checkpoint nightly-\S+ exists/);
    }
    // A slot that the first plan has not come to is the second's, and the first's base stays.
    sh("bash", [other.run, "-c", "qemu:///system", "20261209T010000Z"]);
    expect(checkpointsOf(host)).toEqual(expect.arrayContaining(before));
    expect(nights.run().output).not.toMatch(/full instead/);
    nights.compareRestored();
  });
});
