import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { escapeXml } from "../../src/libvirt/write.js";
import { ROOT, TIDEMARK, tidemarkIn } from "../support/tidemark.js";

const scratch = mkdtempSync(join(tmpdir(), "tidemark-init-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Guest {
  readonly name: string;
  readonly disks?: string;
  readonly agent?: boolean;
}

const DISK =
  "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/i/a'/><target dev='vda' bus='virtio'/></disk>";
const RAW =
  "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/i/b'/><target dev='vdb' bus='virtio'/></disk>";
const READ_ONLY =
  "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/i/c'/><target dev='vdc' bus='virtio'/><readonly/></disk>";
const LUN =
  "<disk type='block' device='lun'><driver name='qemu' type='raw'/><source dev='/dev/sdz'/><target dev='sdb' bus='scsi'/></disk>";
const SD =
  "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/i/d'/><target dev='sdd' bus='sd'/></disk>";
const CDROM = "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>";
const AGENT = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

/** A host's domains as a folder of XML, and what init makes of them. */
function init(folder: string, guests: readonly Guest[], ...args: readonly string[]) {
  const place = join(scratch, folder);
  mkdirSync(join(place, "xml"), { recursive: true });
  for (const [index, { name, disks = DISK, agent = false }] of guests.entries()) {
    writeFileSync(
      join(place, "xml", `${index}.xml`),
      `<domain type='kvm'><name>${escapeXml(name)}</name><uuid>00000000-0000-4000-8000-00000000000${index}</uuid><devices>${disks}${agent ? AGENT : ""}</devices></domain>`,
    );
  }
  const done = tidemarkIn(place, [
    "init",
    "--yes",
    "--xml",
    "xml",
    "--libvirt",
    "9.0.0",
    "--qemu",
    "7.2.22",
    "--timezone",
    "UTC",
    ...args,
  ]);
  const policy = readdirSync(place).includes("policy.yaml")
    ? readFileSync(join(place, "policy.yaml"), "utf8")
    : "";
  return { place, done, policy };
}

/** Compiles without a word, and covers all that can be. */
function expectSound(place: string, disks: number): void {
  const validated = tidemarkIn(place, ["validate", "policy.yaml"]);
  expect([validated.stderr, validated.status]).toEqual(["", 0]);
  expect(tidemarkIn(place, ["compile", "-n", "policy.yaml"]).stdout).toMatch(
    new RegExp(`protected +\\d+ domains?, ${disks} disks?\\n`),
  );
}

describe("a first policy", () => {
  it("has disks on NVMe, and leaves out a domain whose name cannot be carried", () => {
    const nvme = DISK.replace("dev='vda' bus='virtio'", "dev='nvme0n1' bus='nvme'");
    const { place, done, policy } = init("nvme", [{ name: "web", disks: nvme }, { name: "a\tb" }]);
    expect([done.stderr, done.status]).toEqual(["", 0]);
    expectSound(place, 1);
    expect(policy).toMatch(/domains:\n(?: +#.*\n)* {2}web: \{\}\n/);
  });

  it("covers plain domains by one entry, later ones too", () => {
    const { place, done, policy } = init("plain", [{ name: "web" }, { name: "mail", disks: DISK + CDROM }]);
    expect([done.stderr, done.status]).toEqual(["", 0]);
    expectSound(place, 2);
    expect(policy).toMatch(/domains:\n {2}# Every domain .*\n {2}"\*": \{\}\n$/);
    expect(done.stdout).toMatch(/not protected {2}sda of mail: empty cdrom/);
    expect(policy).toMatch(/^# A domain that does not run is skipped\..*\n# onStopped: offline-copy$/m);
    expect(readdirSync(place).sort()).toEqual(["inventory", "policy.schema.json", "policy.yaml", "xml"]);
    expect(readFileSync(join(place, "policy.schema.json"), "utf8")).toBe(
      readFileSync(join(ROOT, "schemas/policy.schema.json"), "utf8"),
    );
  });

  it("says of every disk that needs a word why", () => {
    const { place, policy } = init("mixed", [
      { name: "web" },
      { name: "db", disks: DISK + RAW + READ_ONLY + LUN + SD + CDROM, agent: true },
    ]);
    expectSound(place, 3);
    expect(policy).toContain(
      "exclude: [vdc, sdb, sdd] # vdc: read-only; sdb: it is a LUN passed through to the guest, which can change it without QEMU's notice; sdd: libvirt runs no block jobs on disks on bus='sd'\n",
    );
    expect(policy).toContain("vdb: { checkpoint: false } # copied whole in each run: its format is raw");
    expect(policy).toMatch(/ {2}db:\n {4}freeze: true # the domain has the guest agent's channel\n/);
  });

  it("names each domain where one has nothing to back up, and that one as well", () => {
    const { place, policy } = init("nothing", [{ name: "web" }, { name: "live", disks: CDROM }]);
    expectSound(place, 1);
    expect(policy).not.toContain('"*"');
    expect(policy).toContain("  # live has nothing to back up: sda: empty cdrom\n");
    expect(tidemarkIn(place, ["compile", "-n", "policy.yaml"]).stdout).toContain(
      "not protected  live: no entry",
    );
  });

  it("freezes everywhere where every domain can", () => {
    const { place, policy } = init("frozen", [
      { name: "a", agent: true },
      { name: "b", agent: true },
    ]);
    expectSound(place, 2);
    expect(policy).toMatch(/defaults:\n[^\n]*\n {2}freeze: true # every domain/);
  });

  it.each(["true", "a: b", "#x", 'it\'s "é" & <x>', "- 7", "*", "<<", "~", "{a}", "日本", "a\u2028b"])(
    "carries the name %j, and paths like it",
    (name) => {
      const folder = `name ${Buffer.from(name).toString("hex")}`;
      const { place, done, policy } = init(
        folder,
        [
          { name, disks: DISK + RAW },
          { name: "empty", disks: CDROM },
        ],
        "--repository",
        `/srv/${name}`,
      );
      expect([done.stderr, done.status]).toEqual(["", 0]);
      expectSound(place, 2);
      const plan = JSON.parse(tidemarkIn(place, ["compile", "-n", "policy.yaml", "--format", "json"]).stdout);
      expect(plan.domains.map((domain: { name: string }) => domain.name)).toEqual([name]);
      expect(plan.repository).toBe(`/srv/${name}`);
      expect(policy).toContain("checkpoint: false");
    },
  );

  it("takes an inventory that is there, with all that it knows", () => {
    const place = join(scratch, "there");
    cpSync(join(ROOT, "plans/nightly/inventory"), join(place, "inventory"), { recursive: true });
    const done = tidemarkIn(place, ["init", "-y", "--xml", "inventory", "--timezone", "UTC"]);
    expect([done.stderr, done.status]).toEqual(["", 0]);
    expect(readFileSync(join(place, "policy.yaml"), "utf8")).toContain("inventory: ./inventory ");
    expectSound(place, 4);
  });
});

describe("nothing is written", () => {
  it.each([
    ["no versions", ["--libvirt"], /has no host.json[\s\S]*hint: give the versions/],
    ["a time that is none", ["--time", "25:00"], /--time is "25:00"[\s\S]*hour and minute/],
    [
      "several at once",
      ["--keep-daily", "x", "--repository", "here"],
      /--keep-daily is "x"[\s\S]*--repository is "here"/,
    ],
    ["a host that is too old", ["--libvirt", "6.0.0"], /TM404/],
  ])("%s", (title, args, says) => {
    const { place, done } = init(
      `refused ${title}`,
      [{ name: "web" }],
      ...(args[0] === "--libvirt" && args.length === 1 ? [] : args),
    );
    if (args.length === 1) {
      rmSync(join(place, "policy.yaml"));
      const again = tidemarkIn(place, ["init", "--yes", "--xml", "xml", "-o", "other"]);
      expect(again.stderr).toMatch(says);
      expect([again.status, readdirSync(place).includes("other")]).toEqual([1, false]);
      return;
    }
    expect(done.stderr).toMatch(says);
    expect([done.status, readdirSync(place)]).toEqual([1, ["xml"]]);
  });

  it("over a policy that is there", () => {
    const { place, policy } = init("twice", [{ name: "web" }]);
    const again = tidemarkIn(place, [
      "init",
      "--yes",
      "--xml",
      "xml",
      "--libvirt",
      "9.0.0",
      "--qemu",
      "7.2.22",
    ]);
    expect(again.stderr).toMatch(/TM504.*policy.yaml exists already/);
    expect(readFileSync(join(place, "policy.yaml"), "utf8")).toBe(policy);
  });
});

describe("on a terminal", () => {
  /** Types into a terminal that util-linux's script makes; undefined ends the input. */
  function typed(folder: string, input: string): { status: number | null; said: string } {
    const place = join(scratch, folder);
    mkdirSync(join(place, "xml"), { recursive: true });
    writeFileSync(
      join(place, "xml/web.xml"),
      `<domain type='kvm'><name>web</name><uuid>00000000-0000-4000-8000-000000000000</uuid><devices>${DISK}</devices></domain>`,
    );
    const command = `"${process.execPath}" "${TIDEMARK}" init --xml xml --libvirt 9.0.0 --qemu 7.2.22 --name given`;
    const done = spawnSync("script", ["-qec", command, "/dev/null"], { cwd: place, input, encoding: "utf8" });
    return { status: done.status, said: done.stdout };
  }

  it("asks for what no option says, again where the answer is none", () => {
    const { status, said } = typed("asked", "relative\n/srv/b\nEurope/Berlin\n3:30\n5\n\n\n");
    expect(said).toMatch(/Folder on the host[\s\S]*it must be an absolute path[\s\S]*Months to keep \[6\]/);
    expect(said).not.toContain("Name of the policy");
    expect(status).toBe(0);
    const policy = readFileSync(join(scratch, "asked/policy.yaml"), "utf8");
    for (const part of [
      "name: given",
      "repository: /srv/b",
      "Europe/Berlin",
      '"30 3 * * sun"',
      "keepDaily: 5, keepWeekly: 4",
    ]) {
      expect(policy).toContain(part);
    }
  });

  it("writes nothing when nobody answers", () => {
    const { status, said } = typed("silent", "/srv/b\n\u0004");
    expect(said).toContain("nothing was written");
    expect(status).toBe(1);
    expect(readdirSync(join(scratch, "silent"))).toEqual(["xml"]);
  });
});
