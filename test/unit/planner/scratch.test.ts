import { describe, expect, it } from "vitest";
import { compile } from "../../../src/planner/compile.js";
import type { WrittenSettings } from "../../../src/policy/written.js";
import { diskOf, inventoryOf, policyOf } from "../../support/plans.js";

const GIB = 2 ** 30;
const PULL = {
  mode: "pull",
  scratch: "/scratch",
  server: { transport: "unix", socket: "/run/nbd/{domain}" },
} as const;
const HORIZON = { from: "2026-10-10T00:00:00Z", until: "2026-10-12T00:00:00Z" };
const DAY = 86_400;

/** A full and an incremental of a domain's disks. */
function planned(defaults: WrittenSettings, disks = [diskOf("vda", "qcow2")]) {
  const { plan, diagnostics } = compile(policyOf({ defaults }), inventoryOf(disks), HORIZON);
  const warnings = diagnostics.filter(({ code }) => code === "TM323");
  return { forecast: plan?.domains[0]?.figures.forecast, warnings };
}

describe("scratch files", () => {
  const estimate = { size: "100GiB", changedPerDay: "24GiB", speed: "10MiB/s" };

  it("hold what changes while the longest run copies, or what changes in a day", () => {
    const { forecast, warnings } = planned({ ...PULL, estimate });
    expect(forecast).toMatchObject({
      longestRun: 10_240,
      scratch: { evenly: Math.round((24 * GIB * 10_240) / DAY), atOnce: 24 * GIB },
    });
    expect(warnings).toEqual([]);
  });

  it("are there until all disks of the domain are copied", () => {
    const disks = [diskOf("vda", "qcow2"), diskOf("vdb", "qcow2")];
    expect(planned({ ...PULL, estimate }, disks).forecast?.scratch).toEqual({
      evenly: 2 * Math.round((24 * GIB * 20_480) / DAY),
      atOnce: 48 * GIB,
    });
  });

  it("of a run of several days hold several days' changes", () => {
    const { forecast } = planned({ ...PULL, estimate, bandwidth: "0.5MiB/s" });
    expect(forecast).toMatchObject({ longestRun: 204_800, scratch: { atOnce: 72 * GIB } });
  });

  it("hold no more than their disks", () =>
    expect(planned({ ...PULL, estimate, bandwidth: "0.1MiB/s" }).forecast?.scratch).toEqual({
      evenly: 100 * GIB,
      atOnce: 100 * GIB,
    }));

  it("may hold all of a disk of which nobody knows what changes", () => {
    const { size, speed } = estimate;
    const { forecast, warnings } = planned({ ...PULL, estimate: { size, speed }, bandwidth: "0.5MiB/s" }, [
      diskOf("vda", "raw"),
    ]);
    expect(forecast?.scratch?.atOnce).toBe(100 * GIB);
    expect(warnings).toEqual([]);
  });

  it("are none in push mode, and unknown where something is", () => {
    const { forecast, warnings } = planned({ estimate, bandwidth: "0.1MiB/s" });
    expect(forecast).not.toHaveProperty("scratch");
    expect(warnings).toEqual([]);
    expect(planned({ ...PULL, estimate: { size: "1GiB" } }).forecast).not.toHaveProperty("scratch");
  });
});

it.each([
  ["80GiB", []],
  [
    "90GiB",
    [/scratch file of disk "vda" of "vm" may grow to the size of the disk: a run copies for 1 d 4 h 26 min/],
  ],
])("a guest that writes %s a day beside a copy of 84 GiB a day", (changedPerDay, expected) => {
  const { warnings } = planned({ ...PULL, estimate: { size: "100GiB", changedPerDay }, bandwidth: "1MiB/s" });
  expect(warnings.map(({ message }) => message)).toEqual(expected.map((text) => expect.stringMatching(text)));
  expect(warnings.every(({ hint = "" }) => hint.startsWith("raise bandwidth"))).toBe(true);
});
