import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Guest, startGuest } from "./guest.js";
import { manifestOf, type Nights, pullMode, underPolicy } from "./nights.js";

const MIB = 2 ** 20;
const RATE = 4 * MIB;
const BY_HOURS = '[{ hours: "00:00-12:00", limit: 4MiB/s }, { hours: "12:00-24:00", limit: 3.9MiB/s }]';

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

/** Two disks, under a policy that copies at most so much. */
function limited(
  mode: (folder: string) => string,
  bandwidth: string,
  size = "256M",
): { host: Guest; nights: Nights } {
  const host = startGuest("tmlive-bandwidth", [
    { target: "vda", format: "qcow2", size },
    { target: "vdb", format: "qcow2", size: "256M" },
  ]);
  guest = host;
  const nights = underPolicy(host, {
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    top: "onStopped: offline-copy",
    defaults: mode(host.folder).replace(/ \}$/, `, bandwidth: ${bandwidth} }`),
  });
  nights.compile();
  return { host, nights };
}

/** Images are in memory here, so that QEMU copies much before it hears of a limit. */
function writeMuch(host: Guest, mebibytes: number): void {
  for (let at = 0; at < mebibytes; at += 100) host.write("vda", `write -P 1 ${at}M 100M`);
}

/** Bytes of images a second that a night has copied at least. */
// QEMU may begin with what a tenth of a second allows, and with the requests that are on their way.
function rateOf(nights: Nights): number {
  const began = Date.now();
  const { point } = nights.run();
  const seconds = (Date.now() - began) / 1000;
  const bytes = manifestOf(nights, point).disks.reduce(
    (sum, { image }) => sum + statSync(join(nights.folder, point, image)).blocks * 512,
    0,
  );
  return bytes / seconds;
}

it("a run in push mode holds QEMU's jobs to its bandwidth, which the disks share", () => {
  const { host, nights } = limited(() => "{ mode: push }", "64MiB/s", "1G");
  writeMuch(host, 1000);
  host.write("vdb", "write -P 2 0 100M");
  const speeds = () =>
    [...host.virsh("qemu-monitor-command", '{"execute":"query-block-jobs"}').matchAll(/"speed":(\d+)/g)].map(
      ([, speed]) => Number(speed) / MIB,
    );
  let both: number[] = [];
  const { point } = nights.run({
    fault: "begun:stop",
    whileStopped: () => {
      both = speeds();
    },
  });
  // One may have ended already; 0 would be a job without a limit.
  expect(both.length).toBeGreaterThan(0);
  expect(Math.min(...both)).toBeGreaterThanOrEqual(32);
  expect(both.reduce((sum, speed) => sum + speed, 0)).toBeLessThanOrEqual(64);
  host.virsh("destroy");
  expect(nights.compareRestored()).toEqual([point]);
});

describe.each([
  ["of all hours", "4MiB/s", "", "8M 20M"],
  // Whatever the hour, the bandwidth depends on it, so that disks are copied in parts; there is more than one part of so much.
  ["by hours", BY_HOURS, "", "8M 44M"],
  ["by hours, compressed", BY_HOURS, ", compress: zstd", "8M 20M"],
])("with a bandwidth %s", (_, bandwidth, compress, data) => {
  it("a run in pull mode copies no more in a second, fulls and changes", () => {
    const { host, nights } = limited(pullMode, bandwidth + compress);
    host.write("vda", `write -P 1 ${data}`);
    host.write("vdb", "write -P 2 8M 4M");
    expect(rateOf(nights)).toBeLessThan(1.6 * RATE);
    host.write("vda", `write -P 3 ${data}`);
    host.write("vdb", "write -P 4 8M 4M");
    expect(rateOf(nights)).toBeLessThan(1.6 * RATE);
    host.virsh("destroy");
    expect(nights.compareRestored()).toHaveLength(2);
  });

  it("a stopped domain is copied no faster", () => {
    const { host, nights } = limited(() => "{ mode: push }", bandwidth + compress);
    host.write("vda", `write -P 1 ${data}`);
    host.virsh("destroy");
    expect(rateOf(nights)).toBeLessThan(1.6 * RATE);
    expect(nights.compareRestored()).toHaveLength(1);
  });
});

/** The next whole minute that is at least so many seconds away: its instant, and a bandwidth that holds before it only. */
function limitedUntil(seconds: number, limit: string): { end: number; bandwidth: string } {
  const end = Math.ceil((Date.now() + seconds * 1000) / 60_000) * 60_000;
  const clock = (time: number) => new Date(time).toISOString().slice(11, 16);
  const hours = `${clock(end - 12 * 3_600_000)}-${clock(end)}`;
  return { end, bandwidth: `[{ hours: "${hours}", limit: ${limit} }]` };
}

it.each([
  ["push", () => "{ mode: push }", 1000],
  ["pull", pullMode, 200],
] as const)("a run in %s mode that goes on over an hour changes its speed with it", (_, mode, mebibytes) => {
  const { end, bandwidth } = limitedUntil(25, "2MiB/s");
  const { host, nights } = limited(mode, bandwidth, "1G");
  // At that speed it would take minutes.
  writeMuch(host, mebibytes);
  host.write("vdb", "write -P 2 0 100M");
  nights.run();
  const late = (Date.now() - end) / 1000;
  expect(late).toBeGreaterThan(0);
  expect(late).toBeLessThan(30);
  host.virsh("destroy");
  expect(nights.compareRestored()).toHaveLength(1);
});
