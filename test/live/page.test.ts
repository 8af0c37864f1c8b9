import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TIDEMARK } from "../support/tidemark.js";
import { contentOf, discard, type Guest, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/*
 * docs/restore.md: what it says to type in each case is run as it stands, by bash, with other paths and another name of the machine.
 * Where a command begins with the plan's script, it is also run as the page says that tidemark does the same.
 */
const NAME = "tmlive-page";
const POINT = "nightly-20261207T010000Z";
const PAGE = readFileSync("docs/restore.md", "utf8");

/** The blocks of commands below a heading, up to the next heading; those in numbered lists as well. */
function blocksOf(heading: string): readonly string[] {
  const [, section = ""] = PAGE.split(new RegExp(`^##+ ${heading}$`, "m"));
  const own = section.split(/^##/m)[0] ?? "";
  return (own.match(/(?:^ {4}.*\n)+/gm) ?? []).map((block) =>
    block.replaceAll(new RegExp(`^${/^ +/.exec(block)?.[0]}`, "gm"), "").trim(),
  );
}

let guest: Guest;
let nights: Nights;
let device = "";
const at = (name: string) => join(guest.folder, name);
const truth = new Map<string, string>();

const here = (text: string) =>
  text
    .replaceAll(/\/var\/backup\/libvirt|\/mnt\/repository/g, nights.repository)
    .replaceAll("/var/lib/libvirt/images", at("machines"))
    .replaceAll("/mnt/", `${at("mounted")}/`)
    .replaceAll("/srv/restored", at("restored"))
    .replaceAll("/dev/vg0/web-1", device)
    .replaceAll("web-1", NAME);

/** Types a block of commands. @returns what they print */
function type(block: string): string {
  const env = { PATH: `${at("bin")}:${process.env["PATH"]}`, LIBVIRT_DEFAULT_URI: "qemu:///system" };
  const done = sh("bash", ["-euc", here(block)], { cwd: guest.folder, env, status: "any" });
  expect(done.status, `${block}\n${done.stdout}${done.stderr}`).toBe(0);
  return done.stdout + done.stderr;
}

/** The block as it stands, and as the page says that tidemark does the same. */
const forms = (block: string) => [
  block,
  block
    .replaceAll(
      /plan\/web-1\/restore\.sh(?: (nightly-\S+))?/g,
      (_, point) =>
        `tidemark restore /var/backup/libvirt --domain web-1${point === undefined ? "" : ` --at ${point}`}`,
    )
    .replace("--format raw", "--image-format raw"),
];

/** Types a command on a terminal and agrees to what it asks. The guest has no operating system that would shut down. */
function agree(command: string): void {
  const said = type(`script -qec '${command} --stop-within 1' /dev/null <<<yes`);
  expect(said).toContain("Go on? Type yes:");
}

const virsh = (...args: readonly string[]) => sh("virsh", ["-c", "qemu:///system", ...args]).stdout;
const empty = (...names: readonly string[]) => {
  for (const name of names) {
    rmSync(at(name), { recursive: true, force: true });
    mkdirSync(at(name));
  }
};

function compare(folder: string, targets: readonly string[] = ["vda", "vdb"]): void {
  for (const target of targets)
    expect(contentOf(at(`${folder}/${target}.qcow2`), "qcow2"), target).toBe(truth.get(target));
}

/** What happened: the disks are overwritten. */
function damage(): void {
  guest.write("vda", "write -P 7 9M 20M");
  guest.write("vdb", "write -P 7 0 4M");
}

beforeAll(() => {
  const made = fileSystem();
  guest = startGuest(
    NAME,
    [
      { target: "vda", format: "qcow2", size: "40M", content: made.image },
      { target: "vdb", format: "qcow2", size: "4M" },
    ],
    "tidemark-page-",
  );
  made.remove();
  nights = underPolicy(guest, {}, "repository");
  nights.compile();
  nights.run();
  guest.write("vda", "write -P 3 36M 1M");
  expect(nights.run().point).toBe(POINT);
  for (const target of ["vda", "vdb"]) truth.set(target, contentOf(guest.image(target), "qcow2"));
  mkdirSync(at("bin"));
  writeFileSync(at("bin/tidemark"), `#!/bin/bash\nexec "${process.execPath}" "${TIDEMARK}" "$@"\n`);
  chmodSync(at("bin/tidemark"), 0o755);
  sh("truncate", ["-s", "40M", at("device")]);
  device = sh("losetup", ["--show", "-f", at("device")]).stdout.trim();
});
afterAll(() => {
  discard(`${NAME}-restored`);
  sh("losetup", ["-d", device], { status: "any" });
  guest.remove();
});

/** A disk with one partition, and a file system with `etc/fstab` in it. */
function fileSystem(): { image: string; remove: () => void } {
  const folder = sh("mktemp", ["-d", "/dev/shm/tidemark-content-XXXXXX"]).stdout.trim();
  const [raw, image] = [join(folder, "raw"), join(folder, "image")];
  mkdirSync(join(folder, "files/etc"), { recursive: true });
  writeFileSync(join(folder, "files/etc/fstab"), "what was there\n");
  sh("truncate", ["-s", "40M", raw]);
  sh("sfdisk", ["-q", raw], { input: "label: gpt\nstart=16384, size=49152\n" });
  const offset = `offset=${16384 * 512}`;
  sh("mke2fs", ["-q", "-t", "ext4", "-d", join(folder, "files"), "-E", offset, raw, "24M"]);
  sh("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, image]);
  return { image, remove: () => rmSync(folder, { recursive: true }) };
}

describe("docs/restore.md", () => {
  it("every case of its table has a section with commands", () => {
    const cases = [...PAGE.matchAll(/^\| .* \| \[(.*)\]\(#.*\) \|/gm)].map(([, title = ""]) => title);
    expect(cases).toHaveLength(7);
    for (const title of cases.filter((each) => each !== "The whole machine"))
      expect(blocksOf(title), title).not.toEqual([]);
  });

  it("First, choose the restore point", () => {
    const [script = "", same = "", repository = ""] = blocksOf("First, choose the restore point");
    for (const form of forms(script)) expect(type(form)).toContain(POINT);
    expect(same).toBe(forms(script.split("\n").at(-1) ?? "")[1]);
    expect(type(same)).toMatch(/checked: vda vdb/);
    expect(type(repository)).toContain(POINT);
  });

  it("One file", () => {
    damage();
    const [block = ""] = blocksOf("One file");
    for (const form of forms(block)) {
      empty("restored", "mounted");
      type(form);
      expect(readFileSync(at("restored/fstab"), "utf8")).toBe("what was there\n");
    }
  });

  it("One disk: beside the current one, and onto a device", () => {
    const [, beside = "", onto = ""] = blocksOf("One disk");
    for (const form of forms(beside)) {
      empty("restored");
      rmSync(at("restored"), { recursive: true });
      type(form);
      compare("restored", ["vda"]);
      expect(virsh("domblklist", NAME)).toMatch(/vdz +.*restored\/vda\.qcow2/);
      guest.virsh("destroy");
      guest.virsh("start");
    }
    for (const form of forms(onto)) {
      type(form);
      expect(contentOf(device, "raw")).toBe(truth.get("vda"));
      sh("blkdiscard", ["-z", device]);
    }
  });

  it("One disk: it goes back in place", () => {
    const [block = ""] = blocksOf("One disk");
    for (const form of forms(block)) {
      damage();
      agree(form);
      expect(contentOf(guest.image("vda"), "qcow2")).toBe(truth.get("vda"));
      expect(contentOf(guest.image("vdb"), "qcow2")).not.toBe(truth.get("vdb"));
      expect(guest.virsh("domstate")).toMatch(/^running/);
      rmSync(`${guest.image("vda")}.before-${POINT}`);
    }
  });

  it("The whole machine: it goes back", () => {
    const [block = ""] = blocksOf("It goes back");
    for (const form of forms(block)) {
      damage();
      agree(form);
      compare("images");
      for (const target of ["vda", "vdb"]) rmSync(`${guest.image(target)}.before-${POINT}`);
    }
  });

  it.each(["Beside the old one", "At once"])("The whole machine: %s", (title) => {
    damage();
    const [block = ""] = blocksOf(title);
    for (const form of forms(block)) {
      empty("restored", "machines");
      rmSync(at("restored"), { recursive: true });
      type(form);
      expect(virsh("domstate", `${NAME}-restored`)).toMatch(/^running/);
      // What QEMU has not written yet of what it has pulled, it writes at its end.
      discard(`${NAME}-restored`);
      compare(title === "At once" ? `machines/${NAME}` : "restored");
    }
  });

  it("With qemu-img alone", () => {
    empty("restored");
    const [picture = "", check = "", convert = ""] = blocksOf("With qemu-img alone");
    expect(picture).toMatch(/a full$/m);
    const inside = (block: string) => `cd /var/backup/libvirt/web-1\n${block}`;
    const manifest = JSON.parse(readFileSync(join(nights.folder, POINT, "manifest.json"), "utf8"));
    expect(type(inside(check))).toContain(manifest.disks[0].sha256);
    type(inside(convert));
    compare("restored", ["vda"]);
    const [look = ""] = blocksOf("To look into a restore point without restoring it");
    type(look.replace("/tmp/look", at("look")));
    expect(contentOf(at("look.qcow2"), "qcow2")).toBe(truth.get("vda"));
  });

  it.each(["The host", "The datacentre"])("%s", (title) => {
    discard(NAME);
    empty("machines");
    for (const block of blocksOf(title)) type(block);
    expect(virsh("domuuid", NAME).trim()).toBe(guest.uuid);
    expect(virsh("domstate", NAME)).toMatch(/^running/);
    compare(`machines/${NAME}`);
  });
});
