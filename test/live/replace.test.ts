import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { manifestOf, nvramPath, settleFirmware, sumOf, tpmOf, writeVariable } from "./firmware.js";
import { contentOf, type Guest, sh, startGuest, UEFI_AND_TPM } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/* Restores in place: the domain itself goes back. */
const NAME = "tmlive-replace";
const DISKS = [{ target: "vda", format: "qcow2", size: "4M" }] as const;

let guest: Guest | undefined;
const devices: { readonly loop: string; readonly file: string }[] = [];
afterEach(() => {
  guest?.remove();
  guest = undefined;
  for (const { loop, file } of devices.splice(0)) {
    sh("losetup", ["-d", loop]);
    rmSync(dirname(file), { recursive: true });
  }
});

/** Restores in place; what the guest is like afterwards is compared with what it was like. */
function replaceIn(
  { restoreScript }: Nights,
  point: string,
  env: Record<string, string> = {},
  status: number | "any" = 0,
) {
  return sh(
    "bash",
    [restoreScript, point, "-c", "qemu:///system", "--replace", "--yes", "--stop-within", "0"],
    { env, status },
  );
}

const DAILY = '[{ level: incremental, at: "0 1 * * *" }]';

it("the domain is as it was, what it had is kept, and each later night is right", () => {
  const host = startGuest(NAME, DISKS, undefined, null, UEFI_AND_TPM);
  guest = host;
  settleFirmware(host);
  const nights = underPolicy(host, {
    schedule: DAILY,
    retention: "{ keepLast: 9 }",
    top: "onMissingBase: fail",
  });
  nights.compile();
  const points: string[] = [];
  for (const night of ["one", "two", "three"]) {
    writeVariable(host, `night ${night}`);
    points.push(nights.run().point);
  }
  const [, second = ""] = points;
  const was = nights.truthOf(second).get("vda");
  const tpm = sumOf(tpmOf(host));
  host.write("vda", "write -P 7 0 64k");
  replaceIn(nights, second);
  expect(host.virsh("domstate").trim()).toBe("running");
  expect(host.truth().get("vda")).toBe(was);
  // The firmware, which goes on writing, writes nothing there.
  const variables = (path: string) => /night [a-z]*/.exec(readFileSync(path, "latin1"))?.[0];
  expect(variables(`${nvramPath(host)}.before-${second}`)).toBe("night three");
  expect(variables(nvramPath(host))).toBe("night two");
  expect(sumOf(`${tpmOf(host)}.before-${second}`)).toBe(tpm);
  sh("qemu-img", ["check", "-q", `${host.image("vda")}.before-${second}`]);
  // The firmware has begun anew.
  settleFirmware(host);
  const fourth = nights.run();
  expect(fourth.output).toContain(`(restored in place: ${second})`);
  expect(manifestOf(nights, fourth.point).disks[0]?.level).toBe("full");
  for (let night = 0; night < 3; night++) {
    const { point } = nights.run();
    const { level, deviation = "" } = manifestOf(nights, point);
    expect(level).toBe("incremental");
    // The firmware, which finds nothing to boot, may write into its variables again and again.
    expect(deviation).not.toContain("restored in place");
  }
  expect(nights.compareAll()).toBe(7);
});

it.each(["copy", "copied", "stopped"])(
  "killed at %s, nothing is replaced, and it can be called again",
  (fault) => {
    inPlaceKilledAt(fault, false);
  },
);

it.each(["swap", "aside", "swapped", "checkpoints"])("killed at %s, it is completed", (fault) => {
  inPlaceKilledAt(fault, true);
});

function inPlaceKilledAt(fault: string, isReplaced: boolean): void {
  const host = startGuest(NAME, [DISKS[0], { ...DISKS[0], target: "vdb" }]);
  guest = host;
  const nights = underPolicy(host, { schedule: DAILY, retention: "{ keepLast: 9 }" });
  nights.compile();
  const { point } = nights.run();
  const then = [...nights.truthOf(point)].join();
  host.write("vda", "write -P 7 0 64k");
  nights.run();
  const now = [...host.truth()].join();
  replaceIn(nights, point, { TIDEMARK_FAULT: `${fault}:kill` }, "any");
  // A night in between changes nothing, as it does not know what the disks are.
  const slot = nights.left()[0] ?? "";
  const refused = sh("bash", [nights.script, slot, "-c", "qemu:///system"], { status: 3 });
  expect(refused.stderr).toContain("a restore in place of tmlive-replace did not end");
  if (!isReplaced) expect([...host.truth()].join()).toBe(now);
  replaceIn(nights, point);
  expect([...host.truth()].join()).toBe(then);
  expect(host.virsh("domstate").trim()).toBe("running");
  nights.run();
  nights.run();
  nights.run();
  expect(nights.compareAll()).toBe(5);
  expect(readdirSync(join(host.folder, "images")).filter((name) => name.endsWith(".tidemark-new"))).toEqual(
    [],
  );
}

it("a disk that is not in the restore point stays, without bitmaps of checkpoints that are gone", () => {
  const host = startGuest(NAME, [DISKS[0], { ...DISKS[0], target: "vdb" }]);
  guest = host;
  const nights = underPolicy(host, { schedule: DAILY, retention: "{ keepLast: 9 }" });
  nights.compile();
  const { point } = nights.run();
  host.write("vda", "write -P 7 0 64k");
  host.write("vdb", "write -P 7 0 64k");
  const vdb = host.truth().get("vdb");
  const done = sh(
    "bash",
    [nights.restoreScript, point, "-c", "qemu:///system", "--replace", "--disk", "vda", "--stop-within", "0"],
    { status: 3 },
  );
  expect(done.stderr).toContain("nobody is there to agree");
  sh("bash", [
    nights.restoreScript,
    point,
    "-c",
    "qemu:///system",
    "--replace",
    "--disk",
    "vda",
    "--yes",
    "--stop-within",
    "0",
  ]);
  expect(host.truth().get("vdb")).toBe(vdb);
  expect(sh("qemu-img", ["info", "-U", host.image("vdb")]).stdout).not.toContain(point);
  expect(nights.run().output).toContain("restored in place");
  nights.run();
  expect(nights.compareAll()).toBe(3);
});

/** A block device of that size, which is gone after the test. */
function device(size: string): string {
  const file = join(mkdtempSync("/dev/shm/tidemark-device-"), "file");
  sh("truncate", ["-s", size, file]);
  const loop = sh("losetup", ["--show", "-f", file]).stdout.trim();
  devices.push({ loop, file });
  return loop;
}

it.each(["", "written", "keep"])(
  "block devices are written over once what they hold is kept (killed at %s)",
  (fault) => {
    const host = startGuest(NAME, [
      { target: "vda", format: "raw", size: "4M", device: device("4M") },
      { target: "vdb", format: "qcow2", size: "4M", device: device("8M") },
    ]);
    guest = host;
    const nights = underPolicy(host, { schedule: DAILY, retention: "{ keepLast: 9 }" });
    nights.compile();
    const { point } = nights.run();
    const then = [...nights.truthOf(point)].join();
    for (const target of ["vda", "vdb"]) host.write(target, "write -P 7 0 64k");
    nights.run();
    for (const target of ["vda", "vdb"]) host.write(target, "write -P 9 1M 64k");
    const now = host.truth();
    const script = [
      nights.restoreScript,
      point,
      "-c",
      "qemu:///system",
      "--replace",
      "--yes",
      "--stop-within",
      "0",
    ];
    expect(sh("bash", script, { status: 3 }).stderr).toContain(
      "name a folder for what it holds now, --aside FOLDER",
    );
    const aside = join(host.folder, "aside");
    mkdirSync(aside);
    if (fault !== "") {
      sh("bash", [...script, "--aside", aside], { env: { TIDEMARK_FAULT: `${fault}:kill` }, status: "any" });
      if (fault === "keep") expect([...host.truth()].join()).toBe([...now].join());
    }
    sh("bash", [...script, "--aside", aside]);
    expect(host.virsh("domstate").trim()).toBe("running");
    expect([...host.truth()].join()).toBe(then);
    expect(readdirSync(aside).sort()).toEqual([`vda.before-${point}.qcow2`, `vdb.before-${point}.qcow2`]);
    for (const target of ["vda", "vdb"])
      expect(contentOf(join(aside, `${target}.before-${point}.qcow2`), "qcow2")).toBe(now.get(target));
    for (let night = 0; night < 3; night++) nights.run();
    expect(nights.compareAll()).toBe(5);
  },
);

it("a domain that would not come back as it was is refused, before anything is changed", () => {
  const host = startGuest(NAME, DISKS);
  guest = host;
  const nights = underPolicy(host, { schedule: DAILY });
  nights.compile();
  const { point } = nights.run();
  const refused = () => replaceIn(nights, point, {}, 3).stderr;
  const xml = host.virsh("dumpxml", "--inactive");
  const layered = join(host.folder, "layered.xml");
  writeFileSync(
    layered,
    xml.replace(
      "<target dev='vda'",
      "<backingStore type='file'><format type='raw'/><source file='/dev/null'/></backingStore><target dev='vda'",
    ),
  );
  sh("virsh", ["-c", "qemu:///system", "define", layered]);
  expect(refused()).toContain("names a backing file or a data file for the disk vda");
  sh("virsh", ["-c", "qemu:///system", "undefine", "--domain", host.uuid, "--checkpoints-metadata"], {
    status: "any",
  });
  expect(refused()).toContain("is transient");
});
