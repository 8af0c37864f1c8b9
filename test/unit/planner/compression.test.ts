import { expect, it } from "vitest";
import { compile } from "../../../src/planner/compile.js";
import { diskOf, inventoryOf, policyOf, type Written } from "../../support/plans.js";

const HORIZON = { from: "2026-10-10T00:00:00Z", until: "2026-10-12T00:00:00Z" };

function compiled(written: Written, host: object = {}) {
  const inventory = inventoryOf([diskOf("vda", "qcow2"), diskOf("vdb", "raw")]);
  const { plan, diagnostics } = compile(
    policyOf(written),
    { ...inventory, host: { ...inventory.host, ...host } },
    HORIZON,
  );
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return { domain: plan?.domains[0], errors: errors.map(({ code, message }) => `${code} ${message}`) };
}

const zstd = { defaults: { compress: "zstd" } } as const;

it("of the policy's defaults, images that can be compressed are, and the others are not", () => {
  const raw = { disks: { vdb: { format: "raw", checkpoint: false } } } as const;
  const { domain, errors } = compiled({ ...zstd, domains: { vm: raw } });
  expect(errors).toEqual([]);
  expect(domain?.disks.map(({ compress }) => compress)).toEqual(["zstd", undefined]);
  expect(domain?.runs[0]?.steps.map((step) => step.do)).toContain("compress");
  const plain = compiled({ domains: { vm: raw } }).domain;
  expect(plain?.runs[0]?.steps.map((step) => step.do)).not.toContain("compress");
});

it("a disk that is to be compressed, and cannot be, is an error", () => {
  const vdb = (more: object) => ({ domains: { vm: { disks: { vdb: { checkpoint: false, ...more } } } } });
  expect(compiled(vdb({ compress: "zstd", format: "raw" })).errors).toEqual([
    expect.stringMatching(/^TM114 disk "vdb" .* its images are raw/),
  ]);
  expect(compiled(vdb({ compress: "zstd", target: { block: "/dev/vg/{slot}" } })).errors).toEqual([
    expect.stringMatching(/^TM114 disk "vdb" .* block devices/),
  ]);
  expect(compiled(vdb({ compress: "no", format: "raw" })).errors).toEqual([]);
});

it("a host whose QEMU has no zstd is an error only where something is compressed", () => {
  const only = { compression: ["zlib"] };
  expect(compiled(zstd, only).errors).toEqual([expect.stringMatching(/^TM404 .* only with zlib/)]);
  expect(compiled(zstd, { compression: ["zlib", "zstd"] }).errors).toEqual([]);
  expect(compiled(zstd).errors).toEqual([]);
  expect(compiled({}, only).errors).toEqual([]);
  const fulls = { ...zstd, schedule: [{ level: "full", at: "0 0 * * *" }] } as const;
  expect(compiled(fulls, { qemu: "5.0.0" }).errors).toEqual([
    expect.stringMatching(/^TM404 .* QEMU 5\.1\.0/),
  ]);
  expect(compiled(fulls, { qemu: "5.1.0" }).errors).toEqual([]);
});
