import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { directoryOf } from "../../src/inventory/directory.js";
import { type Guest, pointsOf, startGuest, tidemark } from "../live/guest.js";
import { underPolicy } from "../live/nights.js";

const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "raw", size: "4M" },
] as const;

let guest: Guest | undefined;
afterEach(() => guest?.remove());

it("init carries on a repository that is there", () => {
  const made = startGuest("tmlive-init", DISKS);
  guest = made;
  const nights = underPolicy(made, { domain: "{ disks: { vdb: { checkpoint: false } } }" });
  nights.compile();
  nights.run();
  nights.run();
  const out = join(made.folder, "anew");
  const args = ["init", "-c", "qemu:///system", "--yes", "--name", "nightly", "--timezone", "UTC", "-o", out];
  const said = tidemark(made.folder, ...args, "--repository", nights.repository);
  expect(said).toMatch(/^\S.*policy\.yaml, with the inventory in/);
  expect(readdirSync(join(out, "inventory/catalog", directoryOf(made.name))).sort()).toEqual(
    pointsOf(nights.folder).map((point) => `${point}.json`),
  );
  const plan = JSON.parse(
    tidemark(
      out,
      "compile",
      "policy.yaml",
      "-n",
      "--format",
      "json",
      "--from",
      "2026-12-06",
      "--until",
      "2026-12-20",
    ),
  );
  const own = plan.domains.find(({ name }: { name: string }) => name === made.name);
  expect(own.found.map(({ point }: { point: string }) => point)).toEqual(pointsOf(nights.folder));
  expect(own.runs[0].slot).toBe("2026-12-07T02:00:00Z");
  expect(own.runs[0].disks[0]).toMatchObject({ target: "vda", level: "incremental" });
});
