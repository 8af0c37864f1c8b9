import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { underPolicy } from "./nights.js";

/* The commands of docs/restore.md by which a single file comes back, as they are there. */

let guest: Guest;
let cleanUp = "";
afterEach(() => {
  sh("bash", ["-c", cleanUp], { status: "any" });
  guest.remove();
});

const SECTION = /^## A single file$([\s\S]*?)^## /m;

/** The blocks of commands: show the disk, mount, and clean up. */
function commands(): readonly string[] {
  const [, section = ""] = SECTION.exec(readFileSync("docs/restore.md", "utf8")) ?? [];
  return (section.match(/(?:^ {4}.*\n)+/gm) ?? []).map((block) => block.replaceAll(/^ {4}/gm, ""));
}

it("a file of a restore point is read through the chain, of a dirty journal, and nothing is written to an image", () => {
  guest = startGuest("tmlive-files", [{ target: "vda", format: "qcow2", size: "40M" }]);
  const [raw, source] = [join(guest.folder, "disk.raw"), join(guest.folder, "source")];
  mkdirSync(source);
  writeFileSync(join(source, "first"), "the first file\n");
  writeFileSync(join(source, "second"), "x".repeat(2 << 20));
  sh("truncate", ["-s", "40M", raw]);
  sh("sfdisk", ["-q", raw], { input: "label: gpt\nstart=16384, size=49152\n" });
  sh("mke2fs", ["-q", "-t", "ext4", "-d", source, "-E", `offset=${16384 * 512}`, raw, "24M"]);
  sh("debugfs", ["-w", "-R", "feature needs_recovery", `${raw}?offset=${16384 * 512}`]);
  guest.virsh("destroy");
  sh("qemu-img", ["convert", "-n", "-f", "raw", "-O", "qcow2", raw, guest.image("vda")]);
  guest.virsh("start");
  const nights = underPolicy(guest);
  nights.compile();
  for (const slot of nights.left().slice(0, 2)) {
    sh("bash", [nights.script, slot, "-c", "qemu:///system"]);
    guest.write("vda", "write -P 7 36M 1M");
  }
  const [full = "", point = ""] = pointsOf(nights.folder);
  const images = [full, point].map((name) => join(nights.folder, name, "vda.qcow2"));
  const before = sh("sha256sum", images).stdout;
  const here = (text: string) =>
    text
      .replaceAll("/var/backup/libvirt/web-1", `'${nights.folder}'`)
      .replaceAll("nightly-20261207T010000Z", point)
      .replaceAll("/run/web-1", "/run/tmlive-files")
      .replaceAll("/mnt/web-1", "/run/tmlive-files.mounted");
  const [show = "", mount = "", end = ""] = commands().map(here);
  expect(end).toContain("umount");
  cleanUp = end;
  const printed = sh("bash", ["-ec", show]).stdout;
  expect(printed).toMatch(/^ *1 +16384 +49152$/m);
  // Without its option, the journal would have to be written.
  expect(sh("bash", ["-ec", mount.replace("noload,", "")], { status: "any" }).status).not.toBe(0);
  sh("bash", ["-ec", mount]);
  expect(readFileSync("/run/tmlive-files.mounted/first", "utf8")).toBe("the first file\n");
  expect(sh("bash", ["-c", "echo x >/run/tmlive-files.mounted/first"], { status: "any" }).status).not.toBe(0);
  expect(sh("sha256sum", images).stdout).toBe(before);
  // A run may delete the restore point meanwhile.
  rmSync(nights.folder, { recursive: true });
  expect(readFileSync("/run/tmlive-files.mounted/second", "utf8")).toBe("x".repeat(2 << 20));
  sh("bash", ["-ec", end]);
  expect(existsSync("/run/tmlive-files.vda")).toBe(false);
  rmSync("/run/tmlive-files.mounted", { recursive: true });
});
