import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

const TIDEMARK = fileURLToPath(new URL("../../dist/bin/tidemark.js", import.meta.url));
const SCHEMA = fileURLToPath(new URL("../../schemas/verification.schema.json", import.meta.url));
const NAME = "tmlive 'repo' & <x>";
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "4M" },
] as const;

let guest: Guest;
let nights: Nights;
beforeAll(() => {
  guest = startGuest(NAME, DISKS);
  nights = underPolicy(guest);
  nights.compile();
  for (let night = 0; night < 6; night++) nights.run();
});
afterAll(() => guest?.remove());

function tidemark(status: number, ...args: readonly string[]) {
  return sh(process.execPath, [TIDEMARK, ...args], { status, cwd: guest.folder });
}

/** Harms the repository for as long as `look` looks. */
function harmed(folder: string, harm: () => void, look: () => void): void {
  const safe = join(guest.folder, "safe");
  sh("cp", ["-a", nights.folder, safe]);
  try {
    harm();
    look();
  } finally {
    rmSync(folder, { recursive: true, force: true });
    renameSync(safe, nights.folder);
  }
}

describe("tidemark verify", () => {
  it("finds a sound repository sound, and says so in JSON as the schema has it", () => {
    const done = tidemark(0, "verify", nights.repository);
    expect(done.stderr).toBe("");
    expect(done.stdout).toMatch(/6 of 6 restore points can be restored; 12 images/);
    const json = JSON.parse(tidemark(0, "verify", nights.folder, "--format", "json").stdout);
    const validate = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(SCHEMA, "utf8")));
    expect(validate(json) ? [] : validate.errors).toEqual([]);
    expect(json.summary).toMatchObject({ points: 6, restorable: 6, problems: 0 });
  });

  it.each([
    [
      "a byte that changed",
      (point: string) =>
        sh("bash", [
          "-c",
          'printf x | dd of="$1" bs=1 seek=200000 conv=notrunc',
          "-",
          join(point, "vda.qcow2"),
        ]),
      /TM506.*disk "vda": the checksum of its image differs from the manifest|TM506.*disk "vda": .*bytes/,
      1,
    ],
    [
      "an image that is missing",
      (point: string) => rmSync(join(point, "vdb.qcow2")),
      /TM506.*vdb\.qcow2 is missing/,
      1,
    ],
    [
      "an image put on another predecessor",
      (point: string) =>
        sh("qemu-img", [
          "rebase",
          "-u",
          "-f",
          "qcow2",
          "-F",
          "qcow2",
          "-b",
          "/elsewhere.qcow2",
          join(point, "vda.qcow2"),
        ]),
      /TM507.*backing file of its image is \/elsewhere\.qcow2/,
      1,
    ],
    [
      "a restore point that is missing",
      (point: string) => rmSync(point, { recursive: true }),
      /TM507.*builds on nightly-20261207T010000Z, which is missing/,
      2,
    ],
    [
      "a folder that was moved to another disk, with a link in its place",
      (point: string) => {
        const moved = mkdtempSync(join(guest.folder, "moved "));
        renameSync(point, join(moved, basename(point)));
        symlinkSync(join(moved, basename(point)), point);
        // The names in its images are read from where they lie.
        sh("qemu-img", ["convert", "-O", "raw", join(point, "vda.qcow2"), join(moved, "raw")], { status: 1 });
      },
      /TM506.*vda\.qcow2 has a link in it: replace the link by the file or folder itself/,
      1,
    ],
    [
      "a manifest cut short",
      (point: string) => sh("truncate", ["-s", "100", join(point, "manifest.json")]),
      /TM207.*manifest\.json is not JSON/,
      2,
    ],
  ] as const)("finds %s, and what cannot be restored for it", (_, harm, says, status) => {
    const point = join(nights.folder, "nightly-20261207T010000Z");
    harmed(
      nights.folder,
      () => void harm(point),
      () => {
        const done = tidemark(1, "verify", nights.repository);
        expect(done.stderr).toMatch(says);
        // Monday's restore point and all that build on it; the full of Sunday, and Wednesday's differential on, are well.
        expect(done.stdout).toMatch(/ok +nightly-20261206T010000Z/);
        expect(done.stdout).toMatch(/BROKEN +nightly-20261208T010000Z/);
        expect(done.stdout).toMatch(/ok +nightly-20261209T010000Z/);
        expect(done.stdout.includes("BROKEN  nightly-20261207") || status === 2).toBe(true);
      },
    );
  });

  it("says what is not a repository, and which domains there are", () => {
    expect(tidemark(1, "verify", join(guest.folder, "nowhere")).stderr).toMatch(
      /TM505.*there is no such file or folder/,
    );
    expect(tidemark(1, "verify", join(guest.folder, "images")).stderr).toMatch(
      /TM505.*no folder in it contains restore points/,
    );
    expect(tidemark(1, "verify", nights.repository, "--domain", "nobody").stderr).toMatch(
      /TM509.*no domain "nobody"/,
    );
  });
});

describe("tidemark restore", () => {
  const sums = (folder: string) =>
    ["vda", "vdb"].map((target) =>
      sh("sha256sum", ["--", join(folder, `${target}.raw`)])
        .stdout.replace(/^\\/, "")
        .slice(0, 64),
    );

  it("restores what the plan's own script restores, from the repository alone", () => {
    for (const point of pointsOf(nights.folder)) {
      const [byScript, byCommand] = [join(guest.folder, "by script"), join(guest.folder, "by command")];
      const day = point.slice(8, 16).replace(/(\d{4})(\d\d)(\d\d)/, "$1-$2-$3");
      sh("bash", [nights.restoreScript, point, "--to", byScript, "--format", "raw"]);
      tidemark(
        0,
        "restore",
        nights.repository,
        "--domain",
        NAME,
        "--at",
        day,
        "--to",
        byCommand,
        "--image-format",
        "raw",
      );
      expect(sums(byCommand)).toEqual(sums(byScript));
      rmSync(byScript, { recursive: true });
      rmSync(byCommand, { recursive: true });
    }
  });

  it("lists, prints, checks, and refuses what it must", () => {
    expect(tidemark(0, "restore", nights.repository, "--list").stdout.split("\n")).toHaveLength(8);
    const printed = tidemark(0, "restore", nights.repository, "-n", "--to", "out").stdout;
    expect(printed).toMatch(/qemu-img convert -O qcow2 -- .json:.*nightly-20261211T010000Z\/vda\.qcow2/);
    tidemark(0, "restore", nights.repository, "--check-only", "--at", "nightly-20261208T010000Z");
    expect(tidemark(1, "restore", nights.repository, "--at", "2026-12-01").stderr).toMatch(
      /TM509.*no restore point at or before 2026-12-01/,
    );
    expect(tidemark(1, "restore", nights.repository, "--at", "yesterday").stderr).toMatch(
      /TM509.*neither a time/,
    );
    expect(tidemark(1, "restore", nights.repository, "--to", "there", "--disk", "vdz").stderr).toMatch(
      /error: nightly-20261211T010000Z has no disk vdz; it has: vda vdb$/m,
    );
    tidemark(0, "restore", nights.repository, "--to", "there", "--disk", "vda");
    expect(tidemark(1, "restore", nights.repository, "--to", "there").stderr).toMatch(/vda\.qcow2 exists/);
  });
});
