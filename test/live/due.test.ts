import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/*
 * run-due.sh on real libvirt: which slot it takes, what it makes of slots that nobody ran, and what its exit status says.
 */
const DISKS = [{ target: "vda", format: "qcow2", size: "4M" }] as const;

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

interface Due {
  readonly nights: Nights;
  /** Runs what is due as if it were `at`. */
  readonly at: (
    at: string,
    options?: { status?: number; args?: readonly string[]; fault?: string },
  ) => string;
}

/** A guest that has written something else before each call. */
function due(name: string, top = ""): Due {
  const host = startGuest(name, DISKS);
  guest = host;
  const nights = underPolicy(host, { top, retention: "{ keepLast: 20 }" });
  nights.compile();
  let pattern = 1;
  return {
    nights,
    at: (at, { status = 0, args = [], fault } = {}) => {
      host.write("vda", `write -P ${pattern++} 64k 64k`);
      const script = join(host.folder, "plan/run-due.sh");
      const options = ["--at", at, "-c", "qemu:///system", ...args];
      const env = { TIDEMARK_LOCK_WAIT: "1", ...(fault !== undefined && { TIDEMARK_FAULT: fault }) };
      const ended = sh("bash", [script, ...options], { env, status: "any" });
      expect(ended.status, ended.stdout + ended.stderr).toBe(status);
      return ended.stdout + ended.stderr;
    },
  };
}

const levelOf = (nights: Nights, point: string) =>
  /"level": "(\w+)"/.exec(sh("cat", [join(nights.folder, point, "manifest.json")]).stdout)?.[1];

it("the newest slot is run, once; what was missed is told of and not made up", () => {
  const { nights, at } = due("tmlive-due");
  expect(at("2026-12-06T00:59:00Z")).toMatch(/nothing is due/);
  expect(at("2026-12-06T01:00:00Z", { args: ["--dry-run"] })).toMatch(/backup-begin/);
  expect(existsSync(nights.folder)).toBe(false);
  expect(at("2026-12-06T01:00:00Z")).toMatch(/summary: 1 done$/m);
  expect(at("2026-12-06T01:01:00Z")).toMatch(/nothing is due/);
  expect(at("2026-12-07T02:00:00Z")).toMatch(/summary: 1 done$/m);
  // Down from Tuesday to Friday: Wednesday's differential is one of three that nobody ran.
  const listed = at("2026-12-11T05:00:00Z", { args: ["--list"] });
  expect(listed).toContain("due\t2026-12-11T01:00:00Z\t2026-12-11T01:00:00Z\t");
  expect(listed).toContain("/tmlive-due/run.sh\t3\ttmlive-due\n");
  const caughtUp = at("2026-12-11T05:00:00Z");
  expect(caughtUp).toMatch(/tmlive-due: 3 missed slots before this one/);
  expect(caughtUp).toMatch(/was never completed; reading changes since nightly-20261207T010000Z/);
  const points = pointsOf(nights.folder);
  expect(points).toEqual([
    "nightly-20261206T010000Z",
    "nightly-20261207T010000Z",
    "nightly-20261211T010000Z",
  ]);
  expect(levelOf(nights, "nightly-20261211T010000Z")).toBe("incremental");
  const restored = join(nights.guest.folder, "restored");
  sh("mkdir", [restored]);
  sh("bash", [
    join(nights.guest.folder, "plan/tmlive-due/restore.sh"),
    "nightly-20261211T010000Z",
    ...["--to", restored, "--format", "raw"],
  ]);
  expect(sh("sha256sum", [join(restored, "vda.raw")]).stdout.slice(0, 64)).toBe(
    nights.guest.truth().get("vda"),
  );
});

it("a run that fails is tried again; one that was cut short is gone on with", () => {
  const { nights, at } = due("tmlive-due-fails");
  at("2026-12-06T01:00:00Z");
  expect(at("2026-12-07T01:00:00Z", { status: 1, fault: "waited:fail" })).toMatch(/summary: 1 failed$/m);
  expect(pointsOf(nights.folder)).toHaveLength(1);
  expect(at("2026-12-07T03:00:00Z")).toMatch(/summary: 1 done$/m);
  expect(at("2026-12-08T01:00:00Z", { status: 1, fault: "sealed:kill" })).toMatch(/exit status 137/);
  expect(at("2026-12-08T01:30:00Z")).toMatch(/this run is done already/);
  expect(at("2026-12-08T01:45:00Z")).toMatch(/nothing is due/);
  expect(pointsOf(nights.folder)).toHaveLength(3);
});

it("a host that is not as planned is refused, a busy domain is said to be busy, and an expired plan is no success", () => {
  const { nights, at } = due("tmlive-due-refuses", "onNewDisk: refuse");
  at("2026-12-06T01:00:00Z");
  const lock = join(nights.folder, ".tidemark/lock");
  const held = sh(
    "flock",
    [lock, "bash", join(nights.guest.folder, "plan/run-due.sh"), "--at", "2026-12-07T01:00:00Z"],
    {
      env: { TIDEMARK_LOCK_WAIT: "0" },
      status: 4,
    },
  );
  expect(held.stdout).toMatch(/summary: 1 busy$/m);
  expect(at("2027-01-10T00:00:00Z", { status: 3 })).toMatch(/the plan has expired/);
  expect(at("2027-01-10T00:00:00Z", { status: 3 })).toMatch(/nothing is due/);
  expect(at("2027-01-10T00:00:00Z", { status: 2, args: ["-d", "nobody"] })).toMatch(
    /the plan has no domain "nobody"/,
  );
  // Its restore points are gone, and with them what had been done.
  for (const point of pointsOf(nights.folder)) rmSync(join(nights.folder, point), { recursive: true });
  sh("qemu-img", ["create", "-q", "-f", "qcow2", join(nights.guest.folder, "images/vdz.qcow2"), "1M"]);
  nights.guest.virsh(
    "attach-disk",
    join(nights.guest.folder, "images/vdz.qcow2"),
    "vdz",
    "--subdriver",
    "qcow2",
  );
  const refused = at("2026-12-09T02:00:00Z", { status: 3 });
  expect(refused).toMatch(/disk vdz was added/);
  expect(refused).toMatch(/summary: 1 refused$/m);
});

it("--wait lets jitter pass, without it the run is not due yet", () => {
  const { nights, at } = due("tmlive-due-waits", "jitter: 1min");
  const start = at("2026-12-06T01:00:00Z", { args: ["--list"] }).split("\t")[2] ?? "";
  expect(start).toMatch(/^2026-12-06T01:00:\d\dZ$/);
  const early = new Date(Date.parse(start) - 3000).toISOString();
  expect(early > "2026-12-06T01:00:00Z").toBe(true);
  expect(at(early)).toMatch(/nothing is due/);
  const waited = at(early, { args: ["--wait"] });
  expect(waited).toContain(`tmlive-due-waits starts at ${start}`);
  expect(waited).toMatch(/summary: 1 done$/m);
  expect(pointsOf(nights.folder)).toEqual(["nightly-20261206T010000Z"]);
});

it("a restore point of a time to come, made while the clock was wrong, does not silence the runs until then", () => {
  const { nights, at } = due("tmlive-due-clock");
  at("2026-12-06T01:00:00Z");
  at("2026-12-18T01:00:00Z");
  expect(at("2026-12-06T02:00:00Z")).toMatch(/nothing is due/);
  const refused = at("2026-12-07T01:00:00Z", { status: 3 });
  expect(refused).toMatch(/the restore point nightly-20261218T010000Z is younger than this slot/);
  expect(refused).toMatch(/summary: 1 refused$/m);
  nights.guest.virsh("checkpoint-delete", "--checkpointname", "nightly-20261218T010000Z");
  rmSync(join(nights.folder, "nightly-20261218T010000Z"), { recursive: true });
  nights.compile();
  expect(at("2026-12-07T01:00:00Z")).toMatch(/summary: 1 done$/m);
  expect(levelOf(nights, "nightly-20261207T010000Z")).toBe("full");
  expect(at("2026-12-08T01:00:00Z")).toMatch(/summary: 1 done$/m);
  expect(levelOf(nights, "nightly-20261208T010000Z")).toBe("incremental");
});
