// @module-tag core

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { FEATURES, knows } from "../../src/libvirt/features.js";
import { installedLibvirt } from "../support/relaxng.js";
import { diskXml, type Guest, type GuestDisk, pointsOf, sh, startGuest } from "./guest.js";
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
] as const)("%s", (_, feature, disks) => {
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
