import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { FEATURES, knows } from "../../src/libvirt/features.js";
import { installedLibvirt } from "../support/relaxng.js";
import { checkpointsOf, diskXml, type Guest, type GuestDisk, pointsOf, sh, startGuest } from "./guest.js";
import { pullMode, underPolicy } from "./nights.js";

/* What only newer releases of libvirt have, and that older ones refuse it, as `FEATURES` says. */
const LIBVIRT = installedLibvirt();

let guest: Guest | undefined;
afterEach(() => guest?.remove());

const NVME: readonly GuestDisk[] = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "nvme0n1", format: "qcow2", size: "8M", bus: "nvme" },
];
const STORE: readonly GuestDisk[] = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "8M", dataStore: true },
];

describe.each([
  ["a disk on NVMe", FEATURES.nvmeBus, NVME],
  ["an image with a raw data file", FEATURES.dataStore, STORE],
] as const)("%s", { tags: "core" }, (_, feature, disks) => {
  if (!knows(LIBVIRT, feature)) {
    it("is refused by a libvirt that is older", () => {
      const folder = mkdtempSync("/dev/shm/tidemark live ");
      const file = join(folder, "domain.xml");
      const devices = disks.map((disk) => diskXml(disk, join(folder, disk.target))).join("");
      writeFileSync(
        file,
        `<domain type='qemu'><name>tmlive-newer</name><memory unit='MiB'>64</memory><os><type arch='x86_64'>hvm</type></os><devices>${devices}</devices></domain>`,
      );
      const define = () =>
        sh("virsh", ["-c", "qemu:///system", "define", "--validate", file], { status: "any" });
      try {
        expect(define().stderr).toMatch(/XML document failed to validate against schema/);
        writeFileSync(
          file,
          readFileSync(file, "utf8").replace(/<disk (?:(?!<\/disk>).)*(?:nvme|dataStore).*?<\/disk>/s, ""),
        );
        expect(define().status).toBe(0);
      } finally {
        sh("virsh", ["-c", "qemu:///system", "undefine", "tmlive-newer"], { status: "any" });
        rmSync(folder, { recursive: true });
      }
    });
    return;
  }
  it.each(["push", "pull"] as const)(
    "comes back from each night in %s mode, and a domain is defined on it",
    (mode) => {
      guest = startGuest("tmlive-newer", disks);
      const nights = underPolicy(guest, { ...(mode === "pull" && { defaults: pullMode(guest.folder) }) });
      nights.compile();
      for (let night = 0; night < 5; night++) nights.run();
      expect(nights.compareAll()).toBe(5);
      const [point = ""] = pointsOf(nights.folder);
      const name = "tmlive-newer-restored";
      const virsh = (...args: readonly string[]) => sh("virsh", ["-c", "qemu:///system", ...args]).stdout;
      try {
        const to = join(guest.folder, "restored");
        sh("bash", [nights.restoreScript, point, "--to", to, "--define", name, "-c", "qemu:///system"]);
        const defined = virsh("dumpxml", name);
        for (const { target } of disks) expect(defined).toContain(`<source file='${to}/${target}.qcow2'`);
        expect(defined).not.toContain(`${guest.folder}/images`);
      } finally {
        sh("virsh", ["-c", "qemu:///system", "undefine", name], { status: "any" });
      }
    },
  );
});

/** Waits for a key, and then turns its machine off as a guest does: by ACPI, whose port SeaBIOS has put at 0x600 on q35. */
const SWITCHES_OFF = Buffer.from("30e4cd16ba0406b80020efebfe", "hex");

/** A guest that turns itself off, with so much to copy that a night in push mode takes seconds. */
function startShutting(mebibytes: number): Guest {
  const content = join(mkdtempSync("/dev/shm/tidemark live "), "boot");
  const sector = Buffer.alloc(2 ** 20);
  SWITCHES_OFF.copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  writeFileSync(content, sector);
  const host = startGuest(
    "tmlive-newer",
    [
      { target: "vda", format: "raw", size: "1M", content },
      { target: "vdb", format: "qcow2", size: "1G" },
    ],
    undefined,
    undefined,
    { os: "<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>" },
  );
  rmSync(content.replace(/\/boot$/, ""), { recursive: true });
  for (let at = 0; at < mebibytes; at += 100) host.write("vdb", `write -P 7 ${at}M 100M`);
  return host;
}

// A job in pull mode waits for the run. One in push mode may be over before QEMU hears of its bandwidth, so it is not asked of each host.
describe("a guest that shuts down while it is backed up in pull mode", { tags: "core" }, () =>
  shutsDown(pullMode, 100),
);
describe("a guest that shuts down while it is backed up in push mode", () =>
  shutsDown(() => "{ mode: push, bandwidth: 16MiB/s }", 1000));

function shutsDown(defaults: (folder: string) => string, mebibytes: number): void {
  const kept = knows(LIBVIRT, FEATURES.preserveOnShutdown);
  const shutDown = () => {
    guest?.virsh("send-key", "KEY_ENTER");
    const state = () => guest?.virsh("domstate", "--reason").trim() ?? "";
    for (let tries = 0; /^(?:running|in shutdown)/.test(state()) && tries < 100; tries += 1)
      sh("sleep", ["0.1"]);
    return state();
  };

  it(kept ? "is kept until its disks are copied" : "fails the night, and the next one goes on", () => {
    guest = startShutting(mebibytes);
    const nights = underPolicy(guest, {
      defaults: defaults(guest.folder),
      domain: "{ disks: { exclude: [vda] } }",
      schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    });
    nights.compile();
    let state = "";
    const { output } = nights.run({
      fault: "begun:stop",
      status: kept ? 0 : 1,
      whileStopped: () => {
        state = shutDown();
      },
    });
    expect(state).toBe(kept ? "paused (shutting down)" : "shut off (shutdown)");
    expect(guest.virsh("domstate").trim()).toBe("shut off");
    expect(output).toMatch(kept ? /done: / : /undone: /);
    expect(pointsOf(nights.folder)).toHaveLength(kept ? 1 : 0);
    guest.virsh("start");
    const { point } = nights.run();
    const manifest = readFileSync(join(nights.folder, point, "manifest.json"), "utf8");
    expect(manifest).toContain(`"target":"vdb","level":"${kept ? "incremental" : "full"}"`);
    expect(nights.compareAll()).toBe(kept ? 2 : 1);
    expect(checkpointsOf(guest)).toEqual(pointsOf(nights.folder).slice(-1));
  });
}
