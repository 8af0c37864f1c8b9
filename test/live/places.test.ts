import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { TIDEMARK } from "../support/tidemark.js";
import { type Guest, sh, startGuest, tidemark } from "./guest.js";
import { pullMode, underPolicy } from "./nights.js";

/* Disks and images that are no files. */
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "raw", size: "4M" },
] as const;
const NIGHTLY = '[{ level: incremental, at: "0 1 * * *" }]';
const HAS_LOOPS = sh("losetup", ["-f"], { status: "any" }).status === 0;

let guest: Guest | undefined;
const servers: ChildProcess[] = [];
const loops: string[] = [];
afterEach(() => {
  guest?.remove();
  guest = undefined;
  for (const server of servers.splice(0)) server.kill();
  for (const loop of loops.splice(0)) sh("losetup", ["-d", loop]);
});

it("disks of a network are backed up, a qcow2 incrementally; of a domain that is down they are refused", () => {
  const host = startGuest("tmlive-places", DISKS);
  guest = host;
  host.virsh("destroy");
  let xml = host.virsh("dumpxml", "--inactive");
  for (const { target, format } of DISKS) {
    const socket = join(host.folder, target);
    const args = ["-t", "-f", "raw", "-k", socket, "-x", "e&x", host.image(target)];
    servers.push(spawn("qemu-nbd", args, { stdio: "ignore" }));
    while (!existsSync(socket)) sh("sleep", ["0.05"]);
    chmodSync(socket, 0o666);
    xml = xml.replace(
      new RegExp(
        `<disk type='file' device='disk'>(\\s*<driver [^>]*>\\s*)<source file='[^']*${target}\\.${format}'/>`,
      ),
      `<disk type='network' device='disk'>$1<source protocol='nbd' name='e&amp;x'><host transport='unix' socket='${socket}'/></source>`,
    );
  }
  const changed = join(host.folder, "network.xml");
  writeFileSync(changed, xml);
  sh("virsh", ["-c", "qemu:///system", "define", changed]);
  host.virsh("start");
  const nights = underPolicy(host, {
    schedule: NIGHTLY,
    domain: "{ disks: { vdb: { checkpoint: false } } }",
  });
  nights.compile();
  for (let night = 0; night < 4; night++) nights.run();
  expect(nights.compareAll()).toBe(4);
  // The compiler refuses to have such disks copied while the domain is stopped, and so does a run.
  const copied = readFileSync(join(host.folder, "policy.yaml"), "utf8").replace(
    /^defaults/m,
    "onStopped: offline-copy\ndefaults",
  );
  writeFileSync(join(host.folder, "copied.yaml"), copied);
  expect(
    sh(process.execPath, [TIDEMARK, "validate", join(host.folder, "copied.yaml")], { status: 1 }).stderr,
  ).toMatch(/TM322/);
  const answers = join(host.folder, "plan/plan.bash");
  writeFileSync(answers, readFileSync(answers, "utf8").replace(/^(answers .*) skip /m, "$1 offline-copy "));
  host.virsh("destroy");
  expect(nights.run({ status: 3 }).output).toMatch(
    /disk vda \(network nbd:e&x\) is no file or block device that is here/,
  );
});

it.runIf(HAS_LOOPS).each(["push", "pull"])("images may be block devices, in %s mode", (mode) => {
  const host = startGuest("tmlive-places", DISKS.slice(0, 1));
  guest = host;
  const devices = join(host.folder, "devices");
  mkdirSync(devices);
  for (const day of ["06", "07", "08", "09", "10"]) {
    const file = join(devices, day);
    sh("truncate", ["-s", "16M", file]);
    const loop = sh("losetup", ["-f", "--show", file]).stdout.trim();
    loops.push(loop);
    symlinkSync(loop, join(devices, `202612${day}T010000Z-vda`));
  }
  const target = `target: { block: ${JSON.stringify(`${devices}/{slot}-{disk}`)} }`;
  const nights = underPolicy(host, {
    schedule: NIGHTLY,
    days: 5,
    defaults: mode === "push" ? `{ ${target} }` : pullMode(host.folder).replace(/\}$/, `, ${target} }`),
  });
  nights.compile();
  nights.run();
  nights.run();
  nights.run({ fault: "verify the images:fail", status: 1 });
  nights.run();
  nights.run();
  expect(nights.compareAll()).toBe(4);
  expect(tidemark(host.folder, "verify", nights.repository)).toMatch(/4 of 4 restore points can be restored/);
});
