import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  checkpointsOf,
  diskXml,
  type Guest,
  type GuestDisk,
  pointsOf,
  sh,
  startGuest,
  tidemark,
} from "./guest.js";
import { type Nights, type PolicyText, pullMode, underPolicy } from "./nights.js";
import { count } from "./tally.js";

const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "4M" },
] as const;

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

function begin(text: PolicyText = {}, disks: readonly GuestDisk[] = DISKS): { host: Guest; nights: Nights } {
  const host = startGuest("tmlive-drift", disks);
  guest = host;
  const nights = underPolicy(host, text);
  nights.compile();
  nights.run();
  nights.run();
  return { host, nights };
}

/** What may happen to a host behind a plan's back, and the words by which a run names it. */
const CHANGES: readonly { what: string; change: (host: Guest) => void; says: RegExp; top?: string }[] = [
  {
    what: "QEMU was killed, so that bitmaps are lost",
    change: (host) => {
      sh("pkill", ["-9", "-f", `guest=${host.name},`]);
      while (!host.virsh("domstate").startsWith("shut off")) sh("sleep", ["0.1"]);
      host.virsh("start");
    },
    says: /the checkpoint nightly-20261207T010000Z, or its bitmap, is gone/,
  },
  {
    what: "the base checkpoint was deleted",
    change: (host) => void host.virsh("checkpoint-delete", "--checkpointname", "nightly-20261207T010000Z"),
    says: /the checkpoint nightly-20261207T010000Z, or its bitmap, is gone/,
  },
  {
    what: "a disk was added",
    change: (host) => {
      const disk = { target: "vdc", format: "qcow2", size: "4M" } as const;
      sh("qemu-img", [
        "create",
        "-q",
        "-f",
        "qcow2",
        host.image(disk).replace("undefined.undefined", "vdc.qcow2"),
        "4M",
      ]);
      attach(host, disk);
    },
    says: /disk vdc was added/,
    top: "onNewDisk: refuse",
  },
  {
    what: "an external snapshot was taken",
    change: (host) => {
      host.virsh(
        "snapshot-create-as",
        "--disk-only",
        "--no-metadata",
        "--diskspec",
        `vda,file=${host.folder}/images/over.qcow2`,
        "--diskspec",
        "vdb,snapshot=no",
        "s",
      );
    },
    says: /disk vda is .*over\.qcow2, not .*a snapshot was taken/,
  },
];

describe("a host that is not what the plan assumed", () => {
  it.each(CHANGES)("$what: the run refuses and touches nothing", ({ change, says, top = "" }) => {
    const { host, nights } = begin({ top });
    change(host);
    count("faults");
    const before = checkpointsOf(host);
    const { output } = nights.run({ status: 3 });
    expect(output).toMatch(says);
    expect(checkpointsOf(host)).toEqual(before);
    expect(pointsOf(nights.folder)).toHaveLength(2);
  });

  it.each(CHANGES.filter(({ what }) => !what.includes("snapshot")))(
    "$what: with onDrift: full a new chain begins, and the next night builds on it",
    ({ change, top = "" }) => {
      const { host, nights } = begin({ top: `onDrift: full\n${top}` });
      change(host);
      count("faults");
      const { output } = nights.run();
      expect(output).toMatch(/taking a full/);
      nights.compareAll();
      // The reviewed way on: facts captured again, the plan compiled again.
      nights.compile();
      nights.run();
      nights.compareAll();
    },
  );

  it.each(CHANGES.filter(({ what }) => /QEMU was killed|base checkpoint/.test(what)))(
    "$what: the plan that is compiled over the host as it is now begins a new chain, whenever it begins",
    ({ change }) => {
      const { host, nights } = begin();
      change(host);
      nights.run({ status: 3 });
      nights.compile();
      tidemark(host.folder, "compile", "policy.yaml", "-o", "plan", "--from", "2026-12-09");
      expect(nights.run().output).not.toMatch(/warning|full instead/);
      nights.run();
      nights.compareRestored();
    },
  );

  it("a renamed domain is refused", () => {
    const { host, nights } = begin();
    sh("virsh", ["-c", "qemu:///system", "destroy", host.uuid]);
    // libvirt renames no domain that has checkpoints; whoever wants to drops their metadata first.
    for (const name of checkpointsOf(host)) {
      host.virsh("checkpoint-delete", "--metadata", "--checkpointname", name);
    }
    sh("virsh", ["-c", "qemu:///system", "domrename", host.uuid, "tmlive-renamed"]);
    host.virsh("start");
    expect(nights.run({ status: 3 }).output).toMatch(/is now named "tmlive-renamed"/);
  });

  it("a disk that grew is still backed up incrementally", () => {
    const { host, nights } = begin();
    host.virsh("blockresize", "--path", "vda", "--size", "6M");
    host.write("vda", "write -P 77 5M 512k");
    nights.run();
    nights.run();
    nights.compareAll();
  });
});

describe("a domain that does not run", () => {
  const stop = (host: Guest) => void sh("virsh", ["-c", "qemu:///system", "destroy", host.uuid]);

  it("is skipped, by default", () => {
    const { host, nights } = begin();
    stop(host);
    expect(nights.run().output).toMatch(/skipped/);
    expect(pointsOf(nights.folder)).toHaveLength(2);
    host.virsh("start");
    nights.run();
    nights.compareAll();
  });

  it("fails the run with onStopped: fail", () => {
    const { host, nights } = begin({ top: "onStopped: fail" });
    stop(host);
    nights.run({ status: 3 });
  });

  it("is copied offline with onStopped: offline-copy, and the chain goes on when it runs again", () => {
    const { host, nights } = begin({ top: "onStopped: offline-copy" });
    stop(host);
    nights.run();
    expect(pointsOf(nights.folder)).toHaveLength(3);
    host.virsh("start");
    nights.run();
    nights.run();
    nights.compareAll();
  });
});

describe("a base that was never completed", () => {
  it.each([
    ["last-verified", 0, /the last verified run/],
    ["full", 0, /taking a full/],
    ["fail", 3, /was never completed/],
  ] as const)("onMissingBase: %s", (answer, status, says) => {
    const { nights } = begin({
      top: `onMissingBase: ${answer}`,
      schedule: '[{ level: full, at: "0 1 * * sun" }, { level: incremental, at: "0 1 * * mon-sat" }]',
    });
    nights.run({ fault: "verify the images:fail", status: 1 });
    count("faults");
    expect(nights.run({ status }).output).toMatch(says);
    nights.compareAll();
  });
});

describe("a job that fails or is held up", () => {
  function beginPull(): { host: Guest; nights: Nights } {
    const host = startGuest("tmlive-drift", DISKS);
    guest = host;
    const nights = underPolicy(host, { defaults: pullMode(host.folder) });
    nights.compile();
    nights.run();
    return { host, nights };
  }

  it("the job is aborted by somebody else", () => {
    const { host, nights } = beginPull();
    count("faults");
    nights.run({
      fault: "copied vda:stop",
      status: "any",
      whileStopped: () => void host.virsh("domjobabort"),
    });
    nights.run();
    nights.compareAll();
  });

  it("QEMU dies while a job runs", () => {
    const { host, nights } = beginPull();
    count("faults");
    nights.run({
      fault: "copied vda:stop",
      status: "any",
      whileStopped: () => void sh("virsh", ["-c", "qemu:///system", "destroy", host.uuid]),
    });
    host.virsh("start");
    nights.run();
    nights.compareAll();
  });

  it("there is no space for the images: refused before, or undone after the job has begun", () => {
    const host = startGuest("tmlive-drift", DISKS);
    guest = host;
    const nights = underPolicy(host, {}, "small");
    mkdirSync(nights.repository);
    sh("mount", ["-t", "tmpfs", "-o", "size=40m", "tmpfs", nights.repository]);
    try {
      nights.compile();
      nights.run();
      const filler = join(nights.repository, "filler");
      sh("fallocate", ["-l", "30M", filler]);
      count("faults");
      expect(nights.run({ status: 3 }).output).toMatch(/free, and this run may need/);
      sh("rm", [filler]);
      for (const target of ["vda", "vdb"]) host.write(target, "write -P 9 0 4M");
      count("faults");
      const { output } = nights.run({
        fault: "job:stop",
        status: 1,
        whileStopped: () => void sh("bash", ["-c", `cat /dev/zero > '${filler}'`], { status: "any" }),
      });
      expect(output).toMatch(/undone/);
      sh("rm", [filler]);
      nights.run();
      nights.compareAll();
    } finally {
      sh("umount", ["-l", nights.repository]);
    }
  });

  it("two runs at once: the second says so and leaves the first alone", () => {
    const { nights } = beginPull();
    const [slot = ""] = nights.left();
    nights.run({
      fault: "copied vda:stop",
      whileStopped: () => {
        const second = sh("bash", [nights.script, slot, "-c", "qemu:///system"], {
          env: { TIDEMARK_LOCK_WAIT: "1" },
          status: 4,
        });
        expect(second.stderr).toMatch(/another run/);
      },
    });
    nights.compareAll();
  });

  it("the same slot twice does nothing the second time", () => {
    const { host, nights } = begin();
    const [slot = ""] = nights.left();
    nights.run();
    const before = checkpointsOf(host);
    const again = sh("bash", [nights.script, slot, "-c", "qemu:///system"]);
    expect(again.stdout).toMatch(/this run is done already/);
    expect(checkpointsOf(host)).toEqual(before);
  });
});

function attach(host: Guest, disk: GuestDisk): void {
  host.disks.push(disk);
  const xml = join(host.folder, "disk.xml");
  writeFileSync(xml, diskXml(disk, host.image(disk)));
  host.virsh("attach-device", "--file", xml, "--live", "--config");
}
