import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentOf, type Guest, pointsOf, saveXml, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/*
 * A repository to which somebody else can write, who makes the checksums right as well: nothing of the host is read into what is
 * restored, nothing of it is written, and the domain that is defined is the guest's hardware and no more.
 */

const TIDEMARK = fileURLToPath(new URL("../../dist/bin/tidemark.js", import.meta.url));
const NAME = "tmlive-hostile";
const URI = ["-c", "qemu:///system"];
const SECRET = "top secret of the host";

let guest: Guest;
let nights: Nights;
let lower: string;
let upper: string;
let truth: ReadonlyMap<string, string>;
beforeAll(() => {
  guest = startGuest(NAME, [{ target: "vda", format: "qcow2", size: "4M" }]);
  nights = underPolicy(guest);
  nights.compile();
  nights.run();
  nights.run();
  truth = guest.truth();
  [lower = "", upper = ""] = pointsOf(nights.folder);
  writeFileSync(join(guest.folder, "secret"), SECRET.padEnd(4 << 20, "\n"));
});
afterAll(() => guest?.remove());

const imageOf = (point: string) => join(nights.folder, point, "vda.qcow2");

/** Puts the repository back after something was done to it. */
function harmed<T>(look: () => T): T {
  const safe = join(guest.folder, "safe");
  sh("cp", ["-a", nights.folder, safe]);
  try {
    return look();
  } finally {
    rmSync(nights.folder, { recursive: true, force: true });
    renameSync(safe, nights.folder);
  }
}

/** Makes size, checksum and more in a manifest what the image is now. */
function seal(point: string, change: (manifest: string) => string = (text) => text): void {
  const file = join(nights.folder, point, "manifest.json");
  const bytes = readFileSync(imageOf(point));
  const sum = createHash("sha256").update(bytes).digest("hex");
  const text = readFileSync(file, "utf8").replace(
    /("image":"vda\.qcow2".*"size":)\d+(,"sha256":")[0-9a-f]*/,
    `$1${bytes.length}$2${sum}`,
  );
  writeFileSync(file, change(text));
}

function restore(to: string, ...args: readonly string[]) {
  return sh(
    process.execPath,
    [
      TIDEMARK,
      "restore",
      nights.repository,
      "--to",
      join(guest.folder, to),
      "--image-format",
      "raw",
      ...args,
    ],
    { status: "any" },
  );
}

/** An empty image in the place of the newer one, on whatever is named. */
function overlay(backing: string, format: string): void {
  rmSync(imageOf(upper));
  sh("qemu-img", ["create", "-q", "-u", "-f", "qcow2", "-F", format, "-b", backing, imageOf(upper), "4M"]);
}

/** Sets a four-byte field of a header. */
function setHeader(point: string, at: number, value: number): void {
  const bytes = readFileSync(imageOf(point));
  bytes.writeUInt32BE(value, at);
  writeFileSync(imageOf(point), bytes);
}

const HARMS: readonly (readonly [what: string, harm: () => void])[] = [
  ["a file of the host", () => overlay(join(guest.folder, "secret"), "raw")],
  [
    "a file of the host, through a folder named as qemu-img prints",
    () => {
      const folder = join(nights.folder, lower, "vda.qcow2 (actual path: x)");
      mkdirSync(folder);
      overlay(
        `../${lower}/vda.qcow2 (actual path: x)/${relative(folder, join(guest.folder, "secret"))}`,
        "raw",
      );
    },
  ],
  [
    "a file of the host, by a name of two lines",
    () => {
      symlinkSync(join(guest.folder, "secret"), `${imageOf(lower)}\n`);
      overlay(`../${lower}/vda.qcow2\n`, "raw");
    },
  ],
  [
    "options of QEMU",
    () =>
      overlay(`json:{"driver":"raw","file":{"driver":"file","filename":"${guest.folder}/secret"}}`, "raw"),
  ],
  ["a file by its protocol", () => overlay(`file:${guest.folder}/secret`, "raw")],
  ["a server", () => overlay("nbd://127.0.0.1:1/x", "raw")],
  ["its predecessor by another format", () => overlay(`../${lower}/vda.qcow2`, "raw")],
  ["an external data file", () => setHeader(upper, 76, 4)],
  ["encryption", () => setHeader(upper, 32, 2)],
  ["an internal snapshot", () => sh("qemu-img", ["snapshot", "-c", "x", imageOf(lower)])],
  [
    "a full that builds on a file of the host",
    () =>
      sh("qemu-img", [
        "rebase",
        "-u",
        "-f",
        "qcow2",
        "-F",
        "raw",
        "-b",
        join(guest.folder, "secret"),
        imageOf(lower),
      ]),
  ],
  [
    "an image that is a link",
    () => {
      renameSync(imageOf(lower), join(guest.folder, "moved"));
      symlinkSync(join(guest.folder, "moved"), imageOf(lower));
    },
  ],
  [
    "a folder that is a link",
    () => {
      rmSync(join(guest.folder, "moved"), { recursive: true, force: true });
      renameSync(join(nights.folder, lower), join(guest.folder, "moved"));
      symlinkSync(join(guest.folder, "moved"), join(nights.folder, lower));
    },
  ],
];

describe("an image whose header or place is changed, and its checksum with it", () => {
  it.each(HARMS)("names %s: verify and restore refuse it, and open nothing", (_, harm) => {
    harmed(() => {
      harm();
      for (const point of [lower, upper]) seal(point);
      const verified = sh(process.execPath, [TIDEMARK, "verify", nights.repository], { status: 1 });
      expect(verified.stderr).toMatch(/error TM50[67]/);
      expect(verified.stdout).toMatch(/BROKEN +nightly-20261207/);
      const done = restore("out");
      expect(done.status, done.stdout + done.stderr).toBe(1);
      expect(done.stdout + done.stderr).not.toContain(SECRET);
      expect(existsSync(join(guest.folder, "out")) ? readdirSync(join(guest.folder, "out")) : []).toEqual([]);
    });
  });

  it("is read as its manifest says where that calls it raw, whatever it looks like", () => {
    harmed(() => {
      rmSync(imageOf(lower));
      sh("qemu-img", [
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        "raw",
        "-b",
        join(guest.folder, "secret"),
        imageOf(lower),
      ]);
      // QEMU rounds a disk up to whole sectors.
      sh("truncate", ["-s", "%512", imageOf(lower)]);
      const size = readFileSync(imageOf(lower)).length;
      seal(lower, (text) =>
        text
          .replace('"format":"qcow2"', '"format":"raw"')
          .replace(/"virtualSize":\d+/, `"virtualSize":${size}`),
      );
      const done = restore("out-raw", "--at", lower);
      expect(done.status, done.stderr).toBe(0);
      const restored = readFileSync(join(guest.folder, "out-raw/vda.raw"));
      expect(restored.equals(readFileSync(imageOf(lower)))).toBe(true);
      expect(restored.includes(SECRET)).toBe(false);
    });
  });

  it("is not folded", () => {
    harmed(() => {
      overlay(join(guest.folder, "secret"), "raw");
      seal(upper);
      const lib = join(guest.folder, "plan/lib");
      const script = `set -euo pipefail
source "$1/guard.bash" off
source "$1/run.bash"
domain web ${guest.uuid} "$2" push
mkdir -p "$2/.tidemark"
fold_point "$3" "$4"`;
      const done = sh("bash", ["-c", script, "-", lib, nights.folder, upper, lower]);
      expect(done.stderr).toMatch(/nothing is folded: .* builds on .*secret/);
      expect(existsSync(`${imageOf(upper)}.folded`)).toBe(false);
    });
  });
});

it("nothing is written through a link that waits where an image or a part of one will be", () => {
  const to = join(guest.folder, "links");
  mkdirSync(to);
  writeFileSync(join(guest.folder, "precious"), "precious");
  symlinkSync(join(guest.folder, "precious"), join(to, "vda.raw.part"));
  expect(restore("links").status).toBe(0);
  expect(contentOf(join(to, "vda.raw"), "raw")).toBe(truth.get("vda"));
  rmSync(join(to, "vda.raw"));
  symlinkSync(join(guest.folder, "nothing"), join(to, "vda.raw"));
  const refused = restore("links");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/vda\.raw exists/);
  expect(readFileSync(join(guest.folder, "precious"), "utf8")).toBe("precious");
  expect(existsSync(join(guest.folder, "nothing"))).toBe(false);
  expect(readdirSync(to).sort()).toEqual(["vda.raw", "vda.raw.part"]);
});

it("a run writes neither images nor its state through a link", () => {
  for (const [path, says] of [
    [".tidemark/journal", /journal is a link/],
    ["nightly-20261208T010000Z", /is not a folder of the repository|is a link/],
  ] as const) {
    writeFileSync(join(guest.folder, "precious"), "precious");
    mkdirSync(join(guest.folder, "elsewhere"), { recursive: true });
    const aim = path.startsWith(".") ? "precious" : "elsewhere";
    harmed(() => {
      rmSync(join(nights.folder, path), { force: true });
      symlinkSync(join(guest.folder, aim), join(nights.folder, path));
      const done = sh("bash", [nights.script, nights.left()[0] ?? "", ...URI], { status: "any" });
      expect(done.status, done.stdout + done.stderr).toBeGreaterThan(0);
      expect(done.stderr).toMatch(says);
    });
    expect(readFileSync(join(guest.folder, "precious"), "utf8")).toBe("precious");
    expect(readdirSync(join(guest.folder, "elsewhere"))).toEqual([]);
  }
});

describe("a domain that is defined from a saved XML", () => {
  const copy = `${NAME}-copy`;
  const virsh = (...args: readonly string[]) => sh("virsh", [...URI, ...args], { status: "any" });
  /** Restores with `--define` from the saved XML as `change` has made it, and looks at what libvirt has of it. */
  function defined(
    change: (xml: string) => string,
    args: readonly string[],
    look: (xml: string, said: string) => void,
  ): void {
    harmed(() => {
      const file = join(nights.folder, upper, "domain.xml");
      saveXml(join(nights.folder, upper), change(readFileSync(file, "utf8")));
      const to = `defined-${Math.random()}`;
      const done = restore(to, "--define", copy, ...URI, ...args);
      try {
        expect(done.status, done.stdout + done.stderr).toBe(0);
        look(virsh("dumpxml", "--inactive", copy).stdout, done.stderr);
      } finally {
        virsh("destroy", copy);
        virsh("undefine", copy, "--nvram");
        rmSync(join(guest.folder, to), { recursive: true });
      }
    });
  }

  it("runs neither an emulator nor a script of it, and has no disk of the host", () => {
    const emulator = join(guest.folder, "emulator");
    writeFileSync(emulator, `#!/bin/sh\nid >${guest.folder}/ran\nexec /usr/bin/qemu-system-x86_64 "$@"\n`, {
      mode: 0o755,
    });
    defined(
      (xml) =>
        xml
          .replace(/<emulator>.*?<\/emulator>/, `<emulator>${emulator}</emulator>`)
          .replace(
            "<devices>",
            `<devices><disk\ntype="file"><source\nfile='/etc/hostname'/><target bus='virtio' dev="vdz"/></disk>`,
          ),
      [],
      (xml, said) => {
        expect(xml).not.toMatch(/hostname|vdz/);
        expect(xml).not.toContain(emulator);
        expect(said).toMatch(/left out: the disk vdz \/etc\/hostname/);
        expect(said).toMatch(/left out: <devices\/emulator> .*emulator \(--keep emulator/);
        virsh("start", copy);
        expect(virsh("domstate", copy).stdout).toMatch(/running/);
        expect(existsSync(join(guest.folder, "ran"))).toBe(false);
      },
    );
  });

  it("is the guest's hardware, as libvirt takes it", () => {
    const devices = `<serial type='file'><source path='/etc/passwd'/><target port='0'/></serial>
      <channel type='unix'><source mode='bind' path='/run/agent.sock'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      <graphics type='vnc' port='5999' autoport='no' listen='0.0.0.0'/>
      <audio id='1' type='file' path='/tmp/sound'/><sound model='ich9'/>
      <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
      <interface type='bridge'><mac address='52:54:00:12:34:56'/><source bridge='br0'/><script path='/tmp/evil'/><model type='virtio'/></interface>
      <disk type='file' device='cdrom'><source file='/srv/x.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
      <filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>
      <watchdog model='i6300esb' action='reset'/><video><model type='vga'/></video>`;
    defined(
      (xml) =>
        xml
          .replace(/<watchdog.*?\/>|<audio.*?\/>|<sound.*?\/>/g, "")
          .replace("</devices>", `${devices}</devices>`)
          .replace(
            /<target dev='vda' bus='virtio'\/>/,
            "$&<iotune><total_iops_sec>100</total_iops_sec></iotune><serial>own</serial><boot order='1'/>",
          )
          .replace(/<boot dev='hd'\/>/, ""),
      [],
      (xml) => {
        for (const part of [
          "<total_iops_sec>100<",
          "<serial>own<",
          "<boot order='1'/>",
          "<sound model='ich9'",
          "/dev/urandom",
          "bridge='br0'",
          "discard='unmap'",
          "org.qemu.guest_agent.0",
          "device='cdrom'",
          "<serial type='pty'>",
          "autoport='yes'",
        ]) {
          expect(xml).toContain(part);
        }
        for (const part of [
          "/etc/passwd",
          "/run/agent.sock",
          "5999",
          "0.0.0.0",
          "/tmp/",
          "52:54:00:12:34:56",
          "/srv/x.iso",
          "<filesystem",
          guest.uuid,
          nights.folder,
        ]) {
          expect(xml).not.toContain(part);
        }
      },
    );
  });

  it("keeps what is asked for by name", () => {
    defined(
      (xml) =>
        xml.replace(
          "</devices>",
          `<serial type='file'><source path='${guest.folder}/log'/><target port='0'/></serial></devices>`,
        ),
      ["--keep", "serial"],
      (xml, said) => {
        expect(xml).toContain(`<source path='${guest.folder}/log'/>`);
        expect(said).not.toMatch(/serial/);
      },
    );
  });
});
