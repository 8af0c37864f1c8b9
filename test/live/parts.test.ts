import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/inventory/manifest.js";
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

const manifestOf = (nights: Nights, point: string): Manifest =>
  JSON.parse(readFileSync(join(nights.folder, point, "manifest.json"), "utf8"));
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
    [
      "pull mode, where a full of it has no scratch file",
      (folder: string) => ({ defaults: pullMode(folder), top: "onNewDisk: full" }),
    ],
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

  it.each(["qcow2", "raw"] as const)(
    "onNewDisk: full backs it up, and nothing builds on that: %s",
    (format) => {
      const nights = begin(() => ({ top: "onNewDisk: full" }), { format });
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
    },
  );

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
