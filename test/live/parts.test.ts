import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
import { manifestOf, type Nights, type PolicyText, pullMode, underPolicy } from "./nights.js";

/* A disk that the domain has and the plan does not know. The known disks are backed up in any case. */

const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "raw", size: "4M" },
] as const;

let guest: Guest;
let mounted: string | undefined;
afterEach(() => {
  if (mounted !== undefined) sh("umount", ["-l", mounted]);
  mounted = undefined;
  guest.remove();
});

interface Added {
  readonly format?: GuestDisk["format"];
  /** Such as `4M`; the disk is full of data. */
  readonly size?: string;
  /** Elements that it has besides the usual. */
  readonly marks?: string;
  /** Absent: there is as much space as the host has. */
  readonly space?: string;
}

/** Two nights; then the disk vdc is added. The hooks write what they are told. */
function begin(
  text: (folder: string) => PolicyText,
  { format = "qcow2", size = "4M", marks = "", space }: Added = {},
): Nights {
  guest = startGuest("tmlive-parts", DISKS);
  const told = join(guest.folder, "told");
  const hook = (name: string) =>
    `${name}: 'echo "${name} $TIDEMARK_STATUS $TIDEMARK_EXIT $TIDEMARK_LEFT_OUT" >>"${told}"'`;
  const { top = "", ...rest } = text(guest.folder);
  const nights = underPolicy(guest, {
    schedule: '[{ level: full, at: "0 1 * * sun" }, { level: incremental, at: "0 1 * * mon-sat" }]',
    top: `${top}\nhooks: { ${hook("onSuccess")}, ${hook("onFailure")} }`,
    ...rest,
  });
  if (space !== undefined) {
    mkdirSync(nights.repository);
    sh("mount", ["-t", "tmpfs", "-o", `size=${space}`, "tmpfs", nights.repository]);
    mounted = nights.repository;
  }
  nights.compile();
  nights.run();
  nights.run();
  const disk = { target: "vdc", format, size } as const;
  guest.disks.push(disk);
  sh("qemu-img", ["create", "-q", "-f", format, guest.image(disk), size]);
  sh("qemu-io", ["-f", format, "-c", `write -P 1 0 ${size}`, guest.image(disk)]);
  const xml = join(guest.folder, "disk.xml");
  writeFileSync(xml, diskXml(disk, guest.image(disk)).replace("</disk>", `${marks}</disk>`));
  guest.virsh("attach-device", "--file", xml, "--live", "--config");
  return nights;
}

const levelsOf = (nights: Nights, point: string) =>
  manifestOf(nights, point).disks.map(({ target, level, base, bitmap }) => ({
    target,
    level,
    isBased: base !== null,
    bitmap,
  }));
const lastTold = () => readFileSync(join(guest.folder, "told"), "utf8").trim().split("\n").at(-1);

const KNOWN = [
  { target: "vda", level: "incremental", isBased: true, bitmap: true },
  { target: "vdb", level: "full", isBased: false, bitmap: false },
];

describe("a disk that the plan does not know", () => {
  it.each([
    ["push mode", () => ({})],
    ["pull mode", (folder: string) => ({ defaults: pullMode(folder) })],
  ] as const)("the known disks are backed up, and everybody is told: %s", (_, text) => {
    const nights = begin(text);
    const { output, point } = nights.run({ status: 6 });
    expect(output).toMatch(/warning: disk vdc was added after the plan was compiled, and is not backed up/);
    expect(output).toMatch(/not backed up, because the plan does not know them: vdc/);
    expect(lastTold()).toBe("onFailure partial 6 vdc");
    const manifest = manifestOf(nights, point);
    expect(levelsOf(nights, point)).toEqual(KNOWN);
    expect(manifest.leftOut).toEqual(["vdc"]);
    expect(manifest.deviation).toBe("disk vdc was added and is not backed up");
    // What is done is not tried again, and says the same.
    const slot = point.slice(-16);
    expect(sh("bash", [nights.script, slot, "-c", "qemu:///system"], { status: 6 }).stdout).toMatch(
      /done already/,
    );
    const status = tidemark(guest.folder, "status", nights.repository, "--at", "2026-12-08T02:00:00Z");
    expect(status).toMatch(/not as planned: disk vdc was added and is not backed up/);
    nights.run({ status: 6 });
    nights.compareAll();
    nights.compile();
    const after = nights.run();
    expect(levelsOf(nights, after.point)).toEqual([
      ...KNOWN,
      { target: "vdc", level: "full", isBased: false, bitmap: true },
    ]);
    expect(manifestOf(nights, after.point).leftOut).toBeUndefined();
    expect(lastTold()).toBe("onSuccess done 0");
    nights.run();
    nights.compareAll();
  });

  it.each([
    ["push", "qcow2"],
    ["push", "raw"],
    ["pull", "qcow2"],
    ["pull", "raw"],
  ] as const)("onNewDisk: full backs it up, and nothing builds on that: %s, %s", (mode, format) => {
    const nights = begin(
      (folder) => ({ top: "onNewDisk: full", ...(mode === "pull" && { defaults: pullMode(folder) }) }),
      { format },
    );
    const [first, second] = [nights.run(), nights.run()];
    const extra = { target: "vdc", level: "full", isBased: false, bitmap: false };
    for (const { point, output } of [first, second]) {
      expect(output).toMatch(
        /warning: disk vdc was added after the plan was compiled, and is backed up as a full/,
      );
      expect(levelsOf(nights, point)).toEqual([...KNOWN, extra]);
      expect(manifestOf(nights, point).deviation).toBe("disk vdc was added and is backed up as a full");
    }
    expect(lastTold()).toBe("onSuccess done 0");
    const checkpoint = guest.virsh(
      "checkpoint-dumpxml",
      "--checkpointname",
      checkpointsOf(guest).at(-1) ?? "",
      "--no-domain",
    );
    expect(checkpoint).not.toMatch(/name='vdc' checkpoint='bitmap'/);
    nights.compareAll();
    nights.compile();
    const [after, last] = [nights.run(), nights.run()];
    expect(levelsOf(nights, after.point).at(-1)).toMatchObject({ target: "vdc", level: "full" });
    expect(levelsOf(nights, last.point).at(-1)?.isBased).toBe(format === "qcow2");
    nights.compareAll();
  });

  it("a full of it for which there is no space is left out, and the known disks are backed up", () => {
    const nights = begin(() => ({ top: "onNewDisk: full\nspaceMargin: 1MiB" }), {
      format: "raw",
      size: "60M",
      space: "64m",
    });
    const { output, point } = nights.run({ status: 6 });
    expect(output).toMatch(/not backed up \(there is no space for a full of it\)/);
    expect(levelsOf(nights, point)).toEqual(KNOWN);
  });

  it("a drive with a medium that nobody writes needs no backup", () => {
    const nights = begin(() => ({}), { marks: "<readonly/>" });
    guest.disks.pop();
    const { output, point } = nights.run();
    expect(output).toMatch(/note: disk vdc was added .* it needs no backup: it is read-only/);
    expect(manifestOf(nights, point).leftOut).toBeUndefined();
  });

  it("a run that is killed after its manifest is completed by the next, which is told as well", () => {
    const nights = begin(() => ({}));
    const { point } = nights.run({ fault: "sealed:kill", status: "signal" });
    const slot = point.slice(-16);
    expect(pointsOf(nights.folder)).toContain(point);
    sh("bash", [nights.script, slot, "-c", "qemu:///system"], { status: 6 });
    expect(lastTold()).toBe("onFailure partial 6 vdc");
  });
});

/* A disk of the plan that the domain no longer has. */

/** Nights under a plan of three disks, of which vdb is taken away. */
function losing(text: (folder: string) => PolicyText = () => ({})): { nights: Nights; disk: GuestDisk } {
  guest = startGuest("tmlive-parts", [
    { target: "vda", format: "qcow2", size: "4M" },
    { target: "vdb", format: "qcow2", size: "4M" },
    { target: "vdc", format: "raw", size: "4M" },
  ]);
  const told = join(guest.folder, "told");
  const hook = (name: string) =>
    `${name}: 'echo "${name} $TIDEMARK_STATUS $TIDEMARK_EXIT $TIDEMARK_LEFT_OUT" >>"${told}"'`;
  const { top = "", ...rest } = text(guest.folder);
  const nights = underPolicy(guest, {
    schedule: '[{ level: full, at: "0 1 * * sun" }, { level: incremental, at: "0 1 * * mon-sat" }]',
    retention: "{ keepLast: 3 }",
    top: `${top}\nhooks: { ${hook("onSuccess")}, ${hook("onFailure")} }`,
    ...rest,
  });
  nights.compile();
  nights.run();
  nights.run();
  const [disk] = guest.disks.splice(1, 1);
  takeAway("vdb");
  return { nights, disk: disk as GuestDisk };
}

/** The guest has no operating system that would let go of a disk while it runs. */
function takeAway(...targets: readonly string[]): void {
  guest.virsh("destroy");
  for (const target of targets) guest.virsh("detach-disk", "--target", target, "--config");
  guest.virsh("start");
}

function giveBack(disk: GuestDisk): void {
  const xml = join(guest.folder, "disk.xml");
  writeFileSync(xml, diskXml(disk, join(guest.folder, "images", `${disk.target}.${disk.format}`)));
  guest.virsh("attach-device", "--file", xml, "--live", "--config");
  guest.disks.splice(1, 0, disk);
}

const WITHOUT_VDB = [
  { target: "vda", level: "incremental", isBased: true, bitmap: true },
  { target: "vdc", level: "full", isBased: false, bitmap: false },
];

describe("a disk that is gone", () => {
  it.each([
    ["push mode", () => ({})],
    ["pull mode", (folder: string) => ({ defaults: pullMode(folder) })],
    ["with onDrift: full, because it is no drift", () => ({ top: "onDrift: full" })],
  ] as const)("the others are backed up, and everybody is told: %s", (_, text) => {
    const { nights } = losing(text);
    const before = pointsOf(nights.folder);
    for (let night = 0; night < 2; night++) {
      const { output, point } = nights.run({ status: 6 });
      expect(output).toMatch(/warning: disk vdb is in the plan, and the domain no longer has it/);
      expect(output).toMatch(/error: not backed up, because the domain no longer has them: vdb/);
      expect(lastTold()).toBe("onFailure partial 6 vdb");
      expect(levelsOf(nights, point)).toEqual(WITHOUT_VDB);
      expect(manifestOf(nights, point)).toMatchObject({ leftOut: ["vdb"], deviation: "disk vdb is gone" });
    }
    const points = pointsOf(nights.folder);
    const [point = ""] = points.slice(-1);
    const restored = sh("bash", [nights.restoreScript, point, "--check-only"]);
    expect(restored.stdout + restored.stderr).toMatch(
      new RegExp(`${point} lacks the disk vdb, .* that holds it is ${before.at(-1)}`),
    );
    nights.compareAll();
    nights.compile();
    nights.run();
    expect(lastTold()).toBe("onSuccess done 0");
    nights.run();
    nights.compareAll();
  });

  it("the restore points that hold it stay, until the policy is compiled without it", () => {
    const { nights } = losing(() => ({
      schedule: '[{ level: full, at: "0 1 * * *" }]',
      retention: "{ keepLast: 2 }",
    }));
    const before = pointsOf(nights.folder);
    for (let night = 0; night < 2; night++)
      expect(nights.run({ status: 6 }).output).toMatch(
        /nothing is pruned: the domain no longer has vdb, and older restore points hold it/,
      );
    expect(pointsOf(nights.folder)).toEqual(expect.arrayContaining(before));
    nights.compareAll();
    nights.compile();
    nights.run();
    expect(pointsOf(nights.folder)).not.toContain(before[0]);
    nights.compareAll();
  });

  it("folds wait as well", () => {
    const { nights } = losing(() => ({ top: "consolidate: true" }));
    let said = "";
    for (let night = 0; night < 3; night++) said += nights.run({ status: 6 }).output;
    expect(said).toMatch(/nothing is folded: the domain no longer has vdb/);
    nights.compareAll();
  });

  it.each(["last-verified", "full"])(
    "it comes back, written to meanwhile, and the next run has it as it is: onMissingBase: %s",
    (answer) => {
      const { nights, disk } = losing(() => ({ top: `onMissingBase: ${answer}` }));
      nights.run({ status: 6 });
      const image = join(guest.folder, "images/vdb.qcow2");
      sh("qemu-io", ["-f", "qcow2", "-c", "write -P 77 1M 1M", image]);
      giveBack(disk);
      const { point } = nights.run();
      expect(levelsOf(nights, point).map(({ target }) => target)).toEqual(["vda", "vdb", "vdc"]);
      expect(manifestOf(nights, point).leftOut).toBeUndefined();
      nights.run();
      nights.compareAll();
    },
  );

  it("a run without any of the planned disks is refused", () => {
    const { nights } = losing();
    takeAway("vda", "vdc");
    guest.disks.splice(0);
    expect(nights.run({ status: 3 }).output).toMatch(/the domain has none of the planned disks any more/);
  });
});
