import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Status } from "../../src/status/status.js";
import { readAs, TIDEMARK } from "../support/tidemark.js";
import { type Guest, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/* What `tidemark status` says of real runs: done, failed, refused, interrupted, frozen and not. */

let guest: Guest;
let nights: Nights;

beforeEach(() => {
  guest = startGuest("tmlive-status", [{ target: "vda", format: "qcow2", size: "4M" }]);
  nights = underPolicy(guest, { retention: "{ keepLast: 3 }", top: "onNewDisk: refuse" });
  nights.compile();
});
afterEach(() => guest.remove());

/** The status at noon of a day, as its schema says. */
function statusOn(day: string, ...more: readonly string[]): Status["domains"][number] {
  const args = ["status", "plan", "--at", `${day}T12:00`, "--format", "json", ...more];
  const done = sh(process.execPath, [TIDEMARK, ...args], { cwd: guest.folder, status: "any" });
  const status = readAs("status", done.stdout) as Status;
  expect(done.status).toBe(status.summary.alarm > 0 ? 2 : 0);
  return status.domains[0] as Status["domains"][number];
}
const verify = (...more: readonly string[]) =>
  sh(process.execPath, [TIDEMARK, "verify", nights.repository, ...more], {
    cwd: guest.folder,
    status: "any",
  });
const states = (status: Status["domains"][number]) => status.slots?.map(({ state }) => state);

it("tells a run that failed from one that was refused, one that was killed, and one that was never made", () => {
  expect(statusOn("2026-12-05").state).toBe("well");
  nights.run();
  expect(statusOn("2026-12-06")).toMatchObject({ state: "well", remarks: [], last: { level: "full" } });
  nights.run({ fault: "begun:fail", status: 1 });
  const failed = statusOn("2026-12-07");
  expect(failed).toMatchObject({ state: "alarm", failed: { outcome: "failed", exit: 1 } });
  expect(failed.remarks[0]?.text).toBe(
    'the run of 2026-12-07 01:00 failed with exit status 1 at "begin the backup": fault at begun',
  );
  nights.run({ fault: "begun:kill", status: "signal" });
  const killed = statusOn("2026-12-08");
  expect(killed.remarks.map(({ kind }) => kind)).toEqual(["late", "unfinished"]);

  guest.virsh("attach-disk", "--source", extraDisk(), "--target", "vdb", "--subdriver", "qcow2", "--live");
  nights.run({ status: 3 });
  const refused = statusOn("2026-12-09");
  expect(refused.remarks[0]?.text).toMatch(
    /^the run of 2026-12-09 01:00 was refused: disk vdb was added; the host/,
  );
  expect(refused.slots?.[2]).toMatchObject({
    state: "failed",
    why: 'failed with exit status 1 at "interrupted": the run was interrupted, and a later run has undone it',
  });
  // Without an operating system no guest lets go of a disk while it runs.
  for (const command of ["destroy", "start"]) guest.virsh(command);
  nights.run();
  const mended = statusOn("2026-12-10");
  expect(states(mended)).toEqual(["done", "failed", "failed", "failed", "done"]);
  expect(mended).toMatchObject({
    state: "attention",
    remarks: [{ kind: "missed" }, { kind: "deviation", text: expect.stringContaining("base missing") }],
    chain: 2,
  });
  // A recompiled plan and its catalog, away from the host, say the same of what they know.
  nights.compile();
  expect(statusOn("2026-12-10", "--inventory", "inventory")).toMatchObject({ last: mended.last, chain: 2 });
});

function extraDisk(): string {
  const path = join(guest.folder, "images/extra.qcow2");
  sh("qemu-img", ["create", "-q", "-f", "qcow2", path, "1M"]);
  return path;
}

it("tells when verify last found each restore point whole", () => {
  nights.run();
  nights.run();
  expect(statusOn("2026-12-07").points.map(({ verified }) => verified)).toEqual([undefined, undefined]);
  expect(verify("--no-record").status).toBe(0);
  expect(statusOn("2026-12-07").last?.verified).toBeUndefined();
  expect(verify().status).toBe(0);
  for (const { verified } of statusOn("2026-12-07").points)
    expect(verified).toMatchObject({ checksums: true, restorable: true });
  // A run leaves the record alone, and its own restore point is not in it.
  nights.run();
  expect(statusOn("2026-12-08").points.map(({ verified }) => verified?.restorable)).toEqual([
    true,
    true,
    undefined,
  ]);
  const image = join(nights.folder, statusOn("2026-12-08").points[1]?.point ?? "", "vda.qcow2");
  const bytes = readFileSync(image);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(image, bytes);
  expect(verify().status).toBe(1);
  const broken = statusOn("2026-12-08");
  expect(broken.state).toBe("alarm");
  expect(broken.points.map(({ verified }) => verified?.restorable)).toEqual([true, false, false]);
});

describe("a policy that freezes", () => {
  beforeEach(() => {
    nights = underPolicy(guest, {
      defaults: "{ mode: push, freeze: true, onFreezeFailure: continue }",
    });
    nights.compile();
  });

  it("tells whether the guest was frozen", () => {
    nights.run();
    const without = statusOn("2026-12-06");
    expect(without.last).toMatchObject({ frozen: false, deviation: "not frozen" });
    expect(without.remarks.map(({ kind }) => kind)).toEqual(["deviation"]);

    // An agent that freezes and thaws whatever it is asked to.
    const bin = join(guest.folder, "bin");
    const real = sh("bash", ["-c", "command -v virsh"]).stdout.trim();
    mkdirSync(bin);
    writeFileSync(
      join(bin, "virsh"),
      `#!/usr/bin/env bash\ncase " $* " in *" domfsfreeze "* | *" domfsthaw "*) exit 0 ;; esac\nexec ${real} "$@"\n`,
    );
    chmodSync(join(bin, "virsh"), 0o755);
    const path = process.env["PATH"];
    process.env["PATH"] = `${bin}:${path}`;
    nights.run();
    process.env["PATH"] = path;
    expect(statusOn("2026-12-07")).toMatchObject({ state: "well", last: { frozen: true } });
    nights.compareAll();
  });
});

it("keeps the record of ended runs short, and writes it through no link", () => {
  nights.run();
  const record = join(nights.folder, ".tidemark/outcomes");
  const line = readFileSync(record, "utf8");
  expect(JSON.parse(line)).toMatchObject({ slot: "2026-12-06T01:00:00Z", outcome: "done", exit: 0, why: "" });
  writeFileSync(record, line.repeat(2000));
  nights.run();
  expect(readFileSync(record, "utf8").trimEnd().split("\n")).toHaveLength(1000);
  expect(readFileSync(record, "utf8")).toMatch(/"slot":"2026-12-07T01:00:00Z".*\n$/);
});
