import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Guest, pointsOf, sh, startGuest, tidemark } from "./guest.js";
import { manifestOf, type Nights, pullMode, underPolicy } from "./nights.js";

/** The last cluster of vdb is not whole; vdc has more than one part of what push mode compresses at a time. */
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "4198912" },
  { target: "vdc", format: "qcow2", size: "1100M" },
] as const;

const SMALL = DISKS.slice(0, 2);

let guest: Guest | undefined;
afterEach(() => guest?.remove());

/** What qemu-img says of an image alone. */
function compressionOf({ folder }: Nights, point: string, target: string) {
  const image = join(folder, point, `${target}.qcow2`);
  const info = JSON.parse(sh("qemu-img", ["info", "-U", "--output=json", image]).stdout);
  const node = { driver: "qcow2", file: { driver: "file", filename: image }, backing: null };
  const check = JSON.parse(sh("qemu-img", ["check", "--output=json", `json:${JSON.stringify(node)}`]).stdout);
  return {
    method: info["format-specific"].data["compression-type"],
    compressed: check["compressed-clusters"] ?? 0,
    data: (check["allocated-clusters"] ?? 0) * info["cluster-size"],
    size: statSync(image).size,
  };
}

function expectCompressed(nights: Nights, point: string, targets: readonly string[]): void {
  const { disks } = manifestOf(nights, point);
  for (const { target, compression, size } of disks) {
    const found = compressionOf(nights, point, target);
    if (!targets.includes(target)) {
      expect(compression).toBeUndefined();
      expect(found.compressed).toBe(0);
      continue;
    }
    expect(compression).toEqual({ method: "zstd", data: found.data });
    expect(found).toMatchObject({ method: "zstd", size });
    // What is in no cluster cannot be compressed; one of a single byte always can.
    if (found.data > 0) expect(found.compressed).toBeGreaterThan(0);
  }
}

describe("images compressed with zstd", () => {
  it.each([
    ["push", () => "{ mode: push, compress: zstd }"],
    ["pull", (folder: string) => pullMode(folder).replace("{ ", "{ compress: zstd, ")],
  ])("in %s mode are what the disks were, and less", (mode, defaults) => {
    guest = startGuest(`tmlive-compress-${mode}`, DISKS);
    const nights = underPolicy(guest, {
      days: 5,
      defaults: defaults(guest.folder),
      retention: "{ keepLast: 5 }",
      domain: '{ disks: { vda: { compress: "no" } } }',
    });
    nights.compile();
    guest.write("vdc", "write -P 7 100M 8M", "write -P 8 1020M 8M", "write -P 9 1090M 1M");
    for (let night = 0; night < 5; night++) {
      guest.write("vdb", "write -P 5 4194304 4608", `write -P ${night + 1} 2M 1M`);
      guest.write("vdc", `write -P ${night + 1} 1000M 2M`, "write -z 1021M 1M", "discard 1090M 512k");
      const { point, output } = nights.run();
      expect(output).not.toContain("warning");
      expectCompressed(nights, point, ["vdb", "vdc"]);
    }
    nights.compareAll();
    const verified = JSON.parse(tidemark(guest.folder, "verify", nights.repository, "--format", "json"));
    expect(verified.summary).toMatchObject({ problems: 0, restorable: verified.summary.points });
    const full = manifestOf(nights, pointsOf(nights.folder)[0] ?? "").disks.find(
      ({ target }) => target === "vdc",
    );
    expect(full?.size).toBeLessThan((full?.compression?.data ?? 0) / 2);
  });

  it("are compressed again when they are folded", () => {
    guest = startGuest("tmlive-compress-fold", SMALL);
    const nights = underPolicy(guest, {
      days: 16,
      top: "consolidate: true",
      defaults: "{ mode: push, compress: zstd }",
      retention: "{ keepLast: 3, keepWeekly: 2 }",
      schedule: `[{ level: incremental, at: "0 1 * * *" }]`,
    });
    nights.compile();
    const levels = new Set<string>();
    for (let night = 0; night < 16; night++) {
      guest.write("vdb", "write -P 5 4194304 4608", `write -P ${night + 1} ${night * 200}k 300k`);
      nights.run();
      if (night % 5 === 4) nights.compareAll();
      for (const point of pointsOf(nights.folder)) {
        const { consolidated, level } = manifestOf(nights, point);
        if (consolidated === undefined) continue;
        levels.add(level);
        expectCompressed(nights, point, ["vda", "vdb"]);
      }
    }
    expect([...levels].sort()).toEqual(["full", "incremental"]);
  });

  it("are refused where qemu-img cannot compress so", () => {
    guest = startGuest("tmlive-compress-refused", SMALL);
    const nights = underPolicy(guest, { defaults: "{ mode: push, compress: zstd }" });
    nights.compile();
    // A qemu-img that was built without zstd.
    const path = stubOf(
      guest,
      "qemu-img",
      '[[ "$*" != *compression_type=zstd* ]] || { echo "zstd is not here"; exit 1; }',
      'exec /usr/bin/qemu-img "$@"',
    );
    const { output } = nights.run({ status: 3, path });
    expect(output).toMatch(/cannot compress with zstd \(.*zstd is not here\): remove compress/);
    expect(pointsOf(nights.folder)).toEqual([]);
  });

  it("are compared with what they replace before its space is given back", () => {
    guest = startGuest("tmlive-compress-compared", SMALL);
    const nights = underPolicy(guest, { defaults: "{ mode: push, compress: zstd }" });
    nights.compile();
    // A qemu-io that leaves reads out and says that all is well.
    const path = stubOf(
      guest,
      "qemu-io",
      'if [[ "$*" == *" -C "* || $1 == -C ]]; then exit 0; fi',
      'exec /usr/bin/qemu-io "$@"',
    );
    const { output } = nights.run({ status: 1, path });
    expect(output).toMatch(/the compressed image of vd[ab] is not the same as the image/);
    expect(output).toContain("undone:");
    nights.run();
    nights.compareAll();
  });
});

/** A folder with a program that runs these lines of bash. */
function stubOf({ folder }: Guest, program: string, ...lines: readonly string[]): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, program), ["#!/bin/bash", ...lines, ""].join("\n"), { mode: 0o755 });
  return bin;
}
