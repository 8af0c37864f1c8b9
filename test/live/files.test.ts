import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/* The commands of docs/restore.md by which a single file comes back, as they are there. */

let guest: Guest;
let cleanUp = "";
afterEach(() => {
  sh("bash", ["-c", cleanUp], { status: "any" });
  guest.remove();
});

const SECTION = /^### By hand$([\s\S]*?)^## /m;

/** The blocks of commands: show the disk, mount, and clean up. */
function commands(): readonly string[] {
  const [, section = ""] = SECTION.exec(readFileSync("docs/restore.md", "utf8")) ?? [];
  return (section.match(/(?:^ {4}.*\n)+/gm) ?? []).map((block) => block.replaceAll(/^ {4}/gm, ""));
}

/** A guest with an ext4 in a partition, whose journal is unfinished; two restore points, the second of which builds on the first. */
function partitioned(): { nights: Nights; full: string; point: string } {
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
  return { nights, full, point };
}

it("a file of a restore point is read through the chain, of a dirty journal, and nothing is written to an image", () => {
  const { nights, full, point } = partitioned();
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

const FOLDER = "/run/tmlive-files.mounted";
const mountIt = ({ restoreScript }: Nights, point: string, options: Parameters<typeof sh>[2] = {}) =>
  sh("bash", [restoreScript, point, "--mount", FOLDER], options);

it("--mount shows the files of all partitions, and --unmount leaves nothing", () => {
  const { nights, full, point } = partitioned();
  const unmount = () => sh("bash", [nights.restoreScript, "--unmount", FOLDER]);
  cleanUp = `bash '${nights.restoreScript}' --unmount ${FOLDER}`;
  const images = [full, point].map((name) => join(nights.folder, name, "vda.qcow2"));
  const before = sh("sha256sum", images).stdout;
  // A folder that holds something is left alone.
  mkdirSync(FOLDER);
  writeFileSync(`${FOLDER}/mine`, "mine");
  expect(mountIt(nights, point, { status: 3 }).stderr).toContain("is not an empty folder");
  expect(readdirSync(FOLDER)).toEqual(["mine"]);
  rmSync(`${FOLDER}/mine`);
  const done = mountIt(nights, point);
  expect(done.stdout).toContain(`${FOLDER}/vda1 (ext4)`);
  expect(readFileSync(`${FOLDER}/vda1/first`, "utf8")).toBe("the first file\n");
  expect(sh("bash", ["-c", `echo x >${FOLDER}/vda1/first`], { status: "any" }).status).not.toBe(0);
  expect(mountIt(nights, point, { status: 3 }).stderr).toContain("is mounted at");
  // A run may delete the restore point meanwhile.
  renameSync(join(nights.folder, point), join(nights.folder, "away"));
  expect(readFileSync(`${FOLDER}/vda1/second`, "utf8")).toBe("x".repeat(2 << 20));
  renameSync(join(nights.folder, "away"), join(nights.folder, point));
  unmount();
  expect(existsSync(FOLDER)).toBe(false);
  expect(sh("sha256sum", images).stdout).toBe(before);
  for (const fault of ["mounting:fail", "shown:fail", "mounted:fail"]) {
    mountIt(nights, point, { env: { TIDEMARK_FAULT: fault }, status: 1 });
    expect(existsSync(FOLDER), fault).toBe(false);
  }
  for (const fault of ["mounting:kill", "shown:kill", "mounted:kill"]) {
    mountIt(nights, point, { env: { TIDEMARK_FAULT: fault }, status: "any" });
    unmount();
    expect(existsSync(FOLDER), fault).toBe(false);
  }
  // The daemon dies.
  mountIt(nights, point);
  sh("kill", ["-9", readFileSync(`${FOLDER}/.tidemark-mount/pid`, "utf8").trim()]);
  unmount();
  expect(existsSync(FOLDER)).toBe(false);
  expect(sh("losetup", ["-a"]).stdout).not.toContain(FOLDER);
});
