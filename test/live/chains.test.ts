import { afterEach, describe, expect, it } from "vitest";
import { type Guest, pointsOf, startGuest, tidemark } from "./guest.js";
import { manifestOf, pullMode, underPolicy } from "./nights.js";

const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "4M" },
  { target: "vdc", format: "raw", size: "4M" },
] as const;

let guest: Guest | undefined;
afterEach(() => guest?.remove());

const RAW = "disks: { vdc: { checkpoint: false } }";

describe("nights of fulls, differentials and incrementals", () => {
  const IPV6 = '{ transport: tcp, host: "::1", port: 10989 }';
  const TCP = "{ transport: tcp, host: 127.0.0.1, port: 10987 }";
  const HARD = `tmlive 'it"s & <ünï> $(touch x) \`id\` %s`;
  const RIGHT = "%s: every restore point that is kept is the disk as it was";
  const push = () => "{ mode: push }";

  it.each([
    ["under names that are hard on shells and XML", 9, HARD, `re'po "x" & <y> $HOME ünï`, push],
    ["in pull mode over IPv6", 9, "tmlive-chain-ipv6", "the repository", (folder) => pullMode(folder, IPV6)],
  ] satisfies Chain[])(RIGHT, { tags: "core" }, chain);
  it.each([
    ["in push mode", 30, "tmlive-chain-push", "the repository", push],
    ["in pull mode", 30, "tmlive-chain-pull", "the repository", (folder) => pullMode(folder)],
    ["in pull mode over TCP", 15, "tmlive-chain-tcp", "the repository", (folder) => pullMode(folder, TCP)],
  ] satisfies Chain[])(RIGHT, chain);

  type Chain = [
    way: string,
    days: number,
    name: string,
    repository: string,
    defaults: (folder: string) => string,
  ];

  function chain(...[, days, name, repository, defaults]: Chain): void {
    const made = startGuest(name, DISKS, `tidemark 'live' "x" & `);
    guest = made;
    const nights = underPolicy(
      made,
      {
        days,
        defaults: defaults(made.folder),
        retention: "{ keepLast: 4, keepWeekly: 2 }",
        domain: `{ ${RAW} }`,
      },
      repository,
    );
    nights.compile();
    let compared = 0;
    for (let night = 0; night < days; night++) {
      nights.run();
      if (night % 3 === 2) compared += nights.compareAll();
    }
    expect(nights.left()).toEqual([]);
    expect(compared).toBeGreaterThan(days === 30 ? 40 : days);
  }
});

describe("one full for ever", () => {
  it("folds what no rule keeps into what one keeps, and every restore point stays what it was", () => {
    guest = startGuest("tmlive-consolidate", DISKS);
    const nights = underPolicy(guest, {
      days: 40,
      top: "consolidate: true",
      retention: "{ keepLast: 3, keepWeekly: 3 }",
      schedule: `[{ level: incremental, at: "0 1 * * *" }]`,
      domain: `{ ${RAW} }`,
    });
    nights.compile();
    for (let night = 0; night < 40; night++) {
      nights.run();
      if (night % 4 === 3) nights.compareAll();
      const points = pointsOf(nights.folder);
      // Three nights and three weeks, of which some may be the same, and the oldest while there are fewer weeks.
      expect(points.length).toBeLessThanOrEqual(6);
      expect(manifestOf(nights, points[0] ?? "").level).toBe("full");
    }
    expect(nights.left()).toEqual([]);
    const folded = pointsOf(nights.folder)
      .map((point) => manifestOf(nights, point))
      .filter(({ consolidated }) => consolidated !== undefined);
    expect(folded.length).toBeGreaterThan(1);
    const verified = JSON.parse(tidemark(guest.folder, "verify", nights.repository, "--format", "json"));
    expect(verified.summary).toMatchObject({ problems: 0, restorable: verified.summary.points });
  });
});
