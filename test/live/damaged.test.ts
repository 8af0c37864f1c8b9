import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { discard, type Guest, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/* A restore copies to files while it computes the checksums of what it reads. A damaged image gets nothing out of it, however far it came. */
const NAME = "tmlive-damaged";
const COPY = `${NAME}-copy`;
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "4M" },
] as const;
const CHANGED = "is not what was backed up: its checksum differs from the manifest's";

let guest: Guest;
let nights: Nights;
let full: string;
let newest: string;
let safe: string;
let to: string;
beforeAll(() => {
  guest = startGuest(NAME, DISKS);
  nights = underPolicy(guest, {
    schedule: '[{ level: full, at: "0 1 * * sun" }, { level: incremental, at: "0 1 * * mon-sat" }]',
  });
  nights.compile();
  full = nights.run().point;
  newest = nights.run().point;
  safe = join(guest.folder, "safe");
  sh("cp", ["-a", nights.folder, safe]);
  to = join(guest.folder, "to");
});
afterEach(() => {
  sh("rm", ["-rf", "--", nights.folder, to]);
  sh("cp", ["-a", safe, nights.folder]);
});
afterAll(() => {
  discard(COPY);
  guest?.remove();
});

const imageOf = (point: string, target: string) => join(nights.folder, point, `${target}.qcow2`);
const restore = (status: number, args: readonly string[], env: Record<string, string> = {}) =>
  sh("bash", [nights.restoreScript, newest, "-c", "qemu:///system", ...args], { status, env });
/** What is in the folder that was restored to. */
const made = () => (existsSync(to) ? readdirSync(to) : []);

/** Writes bytes over those of a file. */
function overwrite(file: string, offset: number, bytes: Uint8Array): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
}

/** Makes an image longer by a byte, which neither its header tells nor qemu-img notices. */
function lengthen(image: string): void {
  sh("truncate", ["-s", "+1", image]);
}

/** Changes an image so that its header is as it was and qemu-img cannot read the disk (docs/interop/qcow2.txt: byte 40, the L1 table). */
function breakTable(image: string): void {
  const header = Buffer.alloc(48);
  const descriptor = openSync(image, "r");
  readSync(descriptor, header, 0, 48, 0);
  closeSync(descriptor);
  overwrite(image, Number(header.readBigUInt64BE(40)), Buffer.from("8000000000000200", "hex"));
}

describe("a restore to files", () => {
  it.each([
    ["that is longer", lengthen],
    ["that qemu-img cannot read", breakTable],
  ])("from a chain with an image %s is refused for its checksum, and leaves nothing", (_, harm) => {
    const image = imageOf(full, "vdb");
    harm(image);
    const done = restore(3, ["--to", to, "--define", COPY]);
    expect(done.stderr).toContain(`error: ${image} ${CHANGED}\n`);
    expect(done.stderr).not.toContain("could not be restored");
    // The copy was made meanwhile.
    expect(done.stdout).toMatch(/ {2}restore vda\n.* {2}restore vdb\n/);
    expect(done.stdout).not.toMatch(/checked:|restored/);
    expect(made()).toEqual([]);
    expect(sh("virsh", ["-c", "qemu:///system", "list", "--all", "--name"]).stdout).not.toContain(COPY);
    // The other disk is as it was.
    restore(0, ["--to", to, "--disk", "vda"]);
    expect(made()).toEqual(["vda.qcow2"]);
  });

  it("names every image that is damaged, and so does --check-only", () => {
    const damaged = [imageOf(newest, "vda"), imageOf(full, "vda"), imageOf(full, "vdb")];
    for (const image of damaged) lengthen(image);
    for (const args of [["--to", to], ["--check-only"]]) {
      const said = restore(3, args).stderr;
      expect(said.match(/\S+ is not what was backed up/g)?.map((each) => each.split(" ")[0])).toEqual(
        damaged.map((image) => image.split(" ").at(-1)),
      );
    }
    expect(made()).toEqual([]);
  });

  it("is refused for the checksum of an image whose header is damaged, and QEMU does not read it", () => {
    const image = imageOf(full, "vda");
    overwrite(image, 0, Buffer.from("none"));
    const done = restore(3, ["--to", to]);
    expect(done.stderr).toContain(`error: ${image} ${CHANGED}\n`);
    expect(done.stderr).not.toContain("is no qcow2 image");
    expect(done.stdout).not.toContain("restore vda");
    expect(made()).toEqual([]);
  });

  it("does not wait for what is no file", () => {
    const image = imageOf(full, "vda");
    sh("bash", ["-c", 'rm "$1" && mkfifo "$1"', "-", image]);
    expect(restore(3, ["--to", to]).stderr).toContain(`${image} is neither a file nor a block device`);
    expect(made()).toEqual([]);
  });

  it("whose copy fails has failed, although all images are right", () => {
    const env = played("qemu-img", "[[ $1 != convert || $* != *vdb* ]] || exit 1");
    const done = restore(1, ["--to", to], env);
    expect(done.stderr).toContain("error: the disk vdb could not be restored");
    expect(done.stdout).toContain("checked: vda vdb");
    expect(made()).toEqual([]);
  });

  it("is refused for an image that cannot be read to its end", () => {
    const image = imageOf(full, "vdb");
    const program = sh("bash", ["-c", "command -v openssl || command -v sha256sum"]).stdout.trim();
    const env = played(basename(program), `[[ "$(readlink /proc/self/fd/0)" != '${image}' ]] || exit 1`);
    const done = restore(3, ["--to", to], env);
    expect(done.stderr).toContain(`error: ${image} could not be read to its end\n`);
    expect(made()).toEqual([]);
  });
});

it.each([
  ["instant restore", ["--instant", "--define", COPY, "--to"]],
  ["mount of the file systems", ["--mount"]],
])("%s, which computes no checksums, is refused for a header that is not as the manifest says", (_, args) => {
  const image = imageOf(full, "vdb");
  sh("qemu-img", ["rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", "/etc/hostname", image]);
  const done = restore(3, [...args, to]);
  expect(done.stderr).toContain(
    `error: ${image} builds on /etc/hostname, not on nothing as its manifest says`,
  );
  expect(made()).toEqual([]);
  expect(existsSync(join(nights.folder, ".tidemark/instant"))).toBe(false);
});

/** An environment in which a program runs these lines of bash before it is itself. */
function played(name: string, lines: string): Record<string, string> {
  const tools = join(guest.folder, `tools of ${name}`);
  mkdirSync(tools, { recursive: true });
  const program = sh("bash", ["-c", 'command -v "$1"', "-", name]).stdout.trim();
  writeFileSync(join(tools, name), `#!/bin/bash\n${lines}\nexec ${program} "$@"\n`, { mode: 0o755 });
  return { PATH: `${tools}:${process.env["PATH"]}` };
}

it("a device stays as it is until all images were found right, those of files beside it included", () => {
  const file = join(guest.folder, "device");
  sh("bash", ["-c", 'yes old | head -c 4M >"$1"', "-", file]);
  const device = sh("losetup", ["--show", "-f", file]).stdout.trim();
  const sum = () => sh("sha256sum", [device]).stdout;
  try {
    const old = sum();
    const args = ["--to", to, "--format", "raw", "--device", `vda=${device}`];
    for (const image of [imageOf(newest, "vda"), imageOf(full, "vdb")]) {
      lengthen(image);
      const done = restore(3, args);
      expect(done.stderr).toContain(`error: ${image} ${CHANGED}\n`);
      expect(done.stdout).toContain("restore vdb");
      expect(done.stdout).not.toContain("restore vda");
      expect(sum()).toBe(old);
      expect(made()).toEqual([]);
      sh("cp", ["-a", image.replace(nights.folder, safe), image]);
    }
    restore(0, args);
    expect(sum().slice(0, 64)).toBe(nights.truthOf(newest).get("vda"));
    expect(made()).toEqual(["vdb.raw"]);
  } finally {
    sh("losetup", ["-d", device]);
  }
});

it("a restore in place is refused before the domain is stopped or a copy is made", () => {
  const now = [...guest.truth()].join();
  const image = imageOf(full, "vdb");
  lengthen(image);
  const done = restore(3, ["--replace", "--yes", "--stop-within", "0"]);
  expect(done.stderr).toContain(`error: ${image} ${CHANGED}\n`);
  expect(done.stdout).not.toMatch(/goes back|restore vd/);
  expect(guest.virsh("domstate").trim()).toBe("running");
  expect([...guest.truth()].join()).toBe(now);
});
