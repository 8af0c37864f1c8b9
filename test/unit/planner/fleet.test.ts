import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DomainFacts, Inventory } from "../../../src/inventory/inventory.js";
import type { Manifest } from "../../../src/inventory/manifest.js";
import type { Domain } from "../../../src/libvirt/domain.js";
import { readDomain } from "../../../src/libvirt/read-domain.js";
import { compile } from "../../../src/planner/compile.js";
import { planDomains } from "../../../src/planner/plan-domains.js";
import { prepareFleet } from "../../../src/planner/prepare.js";
import type { WrittenDomain, WrittenPolicy, WrittenSelector } from "../../../src/policy/written.js";
import { diskOf, disks, inventoryOf, pastOf, policyOf, type Written, written } from "../../support/plans.js";

const HORIZON = { from: "2026-12-01T00:00:00Z", until: "2026-12-05T00:00:00Z" };
const LATER = { from: "2026-12-05T00:00:00Z", until: "2026-12-08T00:00:00Z" };

function hostWith(...names: readonly string[]): Inventory {
  const { host, domains } = inventoryOf([diskOf("vda", "qcow2")]);
  return {
    host,
    domains: names.flatMap((name) =>
      domains.map((facts) => ({ ...facts, domain: { ...facts.domain, name, uuid: uuidOf(name) } })),
    ),
  };
}

function uuidOf(name: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(name).toString("hex").padStart(12, "0").slice(-12)}`;
}

function fleetOf(changes: Written, hosts: Readonly<Record<string, Inventory>>, horizon = HORIZON) {
  const names = Object.keys(hosts);
  const settings = Object.fromEntries(names.map((name) => [name, { inventory: name }]));
  const { fleet, diagnostics } = prepareFleet(
    policyOf({ hosts: settings, ...changes }),
    names.map((host) => ({ host, inventory: hosts[host] as Inventory })),
    horizon,
  );
  const planned = fleet.hosts.map((prepared) => [...planDomains(prepared)]);
  // That nothing bounds the chains is of no account here.
  const found = [...diagnostics, ...planned.flat().flatMap((domain) => domain.diagnostics)];
  return {
    plans: planned.map((domains) => domains.map(({ plan }) => plan)),
    codes: found.flatMap(({ code }) => (code === "TM310" ? [] : code)),
  };
}

const METADATA = `<metadata>
  <b:backup xmlns:b="https://example.org/backup" tier="gold"><b:owner><b:team>web</b:team></b:owner></b:backup>
  <flag xmlns="https://example.org/flag">on</flag>
</metadata>`;

function domainFrom(metadata: string): Domain {
  const xml = `<domain><name>vm</name><uuid>${uuidOf("vm")}</uuid><title>Front, prod</title>${metadata}<devices/></domain>`;
  return readDomain(Buffer.from(xml), "vm.xml").domain as Domain;
}

describe("where", () => {
  const inventory = (): Inventory => {
    const { host, domains } = hostWith("vm");
    return {
      host,
      domains: domains.map((facts) => ({
        ...facts,
        domain: { ...domainFrom(METADATA), disks: facts.domain.disks },
      })),
    };
  };
  const backup = "https://example.org/backup";
  it.each<[WrittenSelector, boolean]>([
    [{}, true],
    [{ name: ["other", "v?"] }, true],
    [{ host: ["kvm1"] }, true],
    [{ host: ["kvm2"] }, false],
    [{ title: ["*prod*"] }, true],
    [{ title: ["prod"] }, false],
    [{ metadata: { [backup]: {} } }, true],
    [{ metadata: { "https://example.org/other": {} } }, false],
    [{ metadata: { [backup]: { tier: ["silver", "gold"] } } }, true],
    [{ metadata: { [backup]: { tier: ["silver"] } } }, false],
    [{ metadata: { [backup]: { "owner/team": ["w*"] } } }, true],
    [{ metadata: { [backup]: { team: ["web"] } } }, false],
    [{ metadata: { [backup]: { constructor: ["*"] } } }, false],
    [{ metadata: { "https://example.org/flag": { flag: ["on"] } } }, true],
    [{ title: ["*prod*"], metadata: { [backup]: { tier: ["silver"] } } }, false],
  ])("%j: %s", (where, matches) => {
    const { plans, codes } = fleetOf({ domains: { vm: { where } } }, { kvm1: inventory() });
    expect(codes).toEqual(matches ? [] : ["TM301"]);
    expect(plans.flat()).toHaveLength(matches ? 1 : 0);
  });

  it("of entries of one exactness, the one with more conditions wins, then the later", () => {
    const entries: Record<string, WrittenDomain> = {
      narrow: { where: { name: ["*"], host: ["kvm1"] }, description: "narrow" },
      "*": { description: "wide" },
    };
    const { plans } = fleetOf({ domains: entries }, { kvm1: hostWith("a"), kvm2: hostWith("b") });
    expect(plans.map(([plan]) => plan?.description)).toEqual(["narrow", "wide"]);
  });

  it("facts that no entry asks for do not change the inventory's digest", () => {
    const digest = (domains: WrittenPolicy["domains"]) => {
      const of = (inventoryNow: Inventory) =>
        compile(policyOf({ domains }), inventoryNow, HORIZON).plan?.inventory.digest;
      const plain = inventory();
      const { title: _, metadata: __, ...bare } = (plain.domains[0] as DomainFacts).domain;
      return [
        of(plain),
        of({ ...plain, domains: plain.domains.map((facts) => ({ ...facts, domain: bare })) }),
      ];
    };
    const [tagged, bare] = digest({ vm: {} });
    expect(tagged).toBe(bare);
    const [read, other] = digest({ vm: { where: { title: ["*"] } } });
    expect(read).not.toBe(other);
  });
});

describe("a domain that moved", () => {
  const before = fleetOf({ domains: { vm: {} } }, { kvm1: hostWith("vm") }).plans[0]?.[0];
  if (before === undefined) throw new Error("nothing was planned");
  const past = pastOf(before);
  const made = (host?: string): Manifest[] =>
    past.catalog.map((manifest) => ({ ...manifest, ...(host !== undefined && { host }) }));
  const withPast = (catalog?: readonly Manifest[], checkpoints = past.checkpoints): Inventory => {
    const { host, domains } = hostWith("vm");
    return {
      host,
      domains: domains.map((facts) => ({ ...facts, checkpoints, ...(catalog && { catalog }) })),
    };
  };
  const empty = (strays: readonly Manifest[] = []): Inventory => ({ ...hostWith("other"), strays });
  const firstDisk = (changes: Written, kvm1: Inventory, kvm2: Inventory) => {
    const { plans, codes } = fleetOf({ domains: { "*": {} }, ...changes }, { kvm1, kvm2 }, LATER);
    const plan = plans[1]?.[0];
    return { moved: plan?.moved, disk: plan?.runs[0]?.disks[0], slots: plan?.runs.length, codes };
  };

  it("keeps its chain where its checkpoints came along, whichever catalog tells of it", () => {
    for (const [kvm1, kvm2] of [
      [empty(), withPast(made("kvm1"))],
      [empty(made()), withPast([])],
      [empty(made("kvm1")), withPast()],
    ] as const) {
      const { moved, disk, codes } = firstDisk({}, kvm1, kvm2);
      expect(moved).toEqual({ from: "kvm1", last: "2026-12-04T00:00:00Z", leftBehind: false });
      expect(disk).toMatchObject({ level: "incremental", base: "p-20261204T000000Z" });
      expect(disk?.reason).toContain("on kvm1; the checkpoint came along");
      expect(codes).toEqual([]);
    }
  });

  it("begins a new one where they did not", () => {
    const { disk, codes } = firstDisk({}, empty(), withPast(made("kvm1"), []));
    expect(disk).toMatchObject({ level: "full" });
    expect(disk?.reason).toContain("moved here from kvm1 without the checkpoints");
    expect(codes).toEqual(["TM313"]);
  });

  it.each([{ sharedRepository: false }, { repository: "/repo/{host}" }])(
    "begins a new one where its restore points stayed behind: %j",
    (changes) => {
      const { moved, disk, slots } = firstDisk(changes, empty(made("kvm1")), withPast([]));
      expect(moved?.leftBehind).toBe(true);
      expect(disk).toMatchObject({ level: "full" });
      expect(disk?.reason).toContain("moved from kvm1, which has another repository");
      expect(slots).toBe(3);
    },
  );

  it("is planned from its next slot on where its checkpoints came along and its restore points did not", () => {
    const { plans, codes } = fleetOf(
      { domains: { "*": {} }, sharedRepository: false },
      { kvm1: empty(made("kvm1")), kvm2: withPast([]) },
      { ...LATER, from: HORIZON.from },
    );
    expect(plans[1]?.[0]?.runs.map(({ slot, level }) => [slot, level])[0]).toEqual([
      "2026-12-05T00:00:00Z",
      "full",
    ]);
    expect(codes).not.toContain("TM304");
  });

  it("has left nothing behind where its own repository holds what it has", () => {
    const { moved, disk } = firstDisk({ sharedRepository: false }, empty(), withPast(made("kvm1")));
    expect(moved).toMatchObject({ from: "kvm1", leftBehind: false });
    expect(disk).toMatchObject({ level: "incremental", base: "p-20261204T000000Z" });
  });

  it("is at home after its first run there", () => {
    const catalog = made("kvm1").map((manifest, index, all) =>
      index === all.length - 1 ? { ...manifest, host: "kvm2" } : manifest,
    );
    const { moved, disk } = firstDisk({}, empty(), withPast(catalog));
    expect(moved).toBeUndefined();
    expect(disk?.reason).toBe("changes since the last run");
  });

  it("makes no run twice that the other host has made", () => {
    const { plans } = fleetOf(
      { domains: { "*": {} }, sharedRepository: false },
      { kvm1: empty(made("kvm1").slice(0, 2)), kvm2: withPast([], []) },
    );
    expect(plans[1]?.[0]?.runs.map(({ slot }) => slot)).toEqual([
      "2026-12-03T00:00:00Z",
      "2026-12-04T00:00:00Z",
    ]);
  });
});

describe("a domain that was renamed", () => {
  const before = fleetOf({ domains: { vm: {} } }, { kvm1: hostWith("vm") }).plans[0]?.[0];
  if (before === undefined) throw new Error("nothing was planned");
  const { catalog, checkpoints } = pastOf(before);
  const now = (past: readonly Manifest[]) => {
    const { host, domains } = hostWith("vm");
    const renamed = domains.map((facts) => ({
      ...facts,
      domain: { ...facts.domain, name: "shop" },
      checkpoints,
      catalog: past,
    }));
    const { plans, codes } = fleetOf({ domains: { shop: {} } }, { kvm1: { host, domains: renamed } }, LATER);
    return { plan: plans[0]?.[0], codes };
  };

  it("begins a new chain: what it has is in the folder of its old name", () => {
    const { plan, codes } = now(catalog);
    expect(codes).toEqual(["TM318"]);
    expect(plan?.found).toEqual([]);
    expect(plan?.runs[0]?.disks[0]).toMatchObject({
      level: "full",
      reason: "first run under this name; the domain was called vm",
    });
  });

  it("goes on where its folder was renamed with it", () => {
    const { plan, codes } = now(catalog.map((manifest) => ({ ...manifest, domain: "shop" })));
    expect(codes).toEqual([]);
    expect(plan?.runs[0]?.disks[0]).toMatchObject({ level: "incremental" });
  });
});

describe("what two hosts must not share", () => {
  it("a domain", () => {
    const { codes } = fleetOf({ domains: { "*": {} } }, { kvm1: hostWith("vm"), kvm2: hostWith("vm") });
    expect(codes).toEqual(["TM211"]);
    const chosen = { vm: { where: { host: ["kvm2"] } } };
    expect(fleetOf({ domains: chosen }, { kvm1: hostWith("vm"), kvm2: hostWith("vm") }).codes).toEqual([]);
  });

  it.each<[Written, readonly string[]]>([
    [{}, ["TM306"]],
    [{ sharedRepository: true }, ["TM306"]],
    [{ sharedRepository: false }, []],
    [{ repository: "/repo/{host}" }, []],
  ])("the folder of two domains of one name: %j", (changes, expected) => {
    const other = hostWith("vm");
    const namesake: Inventory = {
      ...other,
      domains: other.domains.map((facts) => ({ ...facts, domain: { ...facts.domain, uuid: uuidOf("2") } })),
    };
    const { codes } = fleetOf({ domains: { "*": {} }, ...changes }, { kvm1: hostWith("vm"), kvm2: namesake });
    expect(codes).toEqual(expected);
  });

  it.each([
    ["127.0.0.1", "127.0.0.1", ["TM307"]],
    ["127.0.0.1", "0.0.0.0", ["TM307"]],
    ["::", "192.0.2.7", ["TM307"]],
    ["127.0.0.1", "192.0.2.7", []],
  ])("a port of one host: %s and %s", (a, b, expected) => {
    const entry = (host: string) => ({
      mode: "pull" as const,
      scratch: "/scratch",
      server: { transport: "tcp" as const, host, port: 10809 },
    });
    const domains = { a: entry(a), b: entry(b) };
    expect(fleetOf({ domains }, { kvm1: hostWith("a", "b") }).codes).toEqual(expected);
  });

  it("a target, of whichever names", () => {
    const target = "/elsewhere/{point}/{disk}";
    const { codes } = fleetOf({ domains: { "*": { target } } }, { kvm1: hostWith("a"), kvm2: hostWith("b") });
    expect(codes).toEqual(["TM306"]);
  });
});

it("maxConcurrent counts the runs of all hosts", () => {
  const estimate = { size: "36GiB", speed: "10MiB/s", changedPerDay: "100%" };
  const { plans } = fleetOf(
    { domains: { "*": {} }, maxConcurrent: 1, defaults: { estimate } },
    { kvm1: hostWith("a"), kvm2: hostWith("b") },
  );
  const starts = plans.flat().map(({ runs: [first] }) => first?.start ?? first?.slot);
  expect(new Set(starts).size).toBe(2);
});

it("a host's plan is the plan of that host alone", () => {
  fc.assert(
    fc.property(
      written,
      fc.array(fc.tuple(fc.constantFrom("kvm1", "kvm2", "kvm3"), disks), { minLength: 1, maxLength: 6 }),
      (settings, placed) => {
        const on = (host: string): Inventory => ({
          host: { libvirt: "9.0.0", qemu: "7.2.22" },
          domains: placed.flatMap(([where, own], index) =>
            where === host
              ? [{ domain: { name: `d${index}`, uuid: uuidOf(`d${index}`), disks: own }, checkpoints: [] }]
              : [],
          ),
        });
        const hosts = { kvm1: on("kvm1"), kvm2: on("kvm2"), kvm3: on("kvm3") };
        const { plans } = fleetOf({ ...settings, domains: { "*": {} } }, hosts);
        for (const [index, inventory] of Object.values(hosts).entries()) {
          const policy = policyOf({ ...settings, domains: { "*": {} } });
          const { fleet } = prepareFleet(policy, [{ inventory }], HORIZON);
          const alone = fleet.hosts.flatMap((prepared) => [...planDomains(prepared)].map(({ plan }) => plan));
          expect(plans[index]).toEqual(alone);
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe("names that a file system may take for one", () => {
  const both = hostWith("Web", "web");
  const accents = hostWith("caf\u00e9", "cafe\u0301");
  it.each([
    ["of one host", { kvm1: both }, {}, ["TM306"]],
    ["in letters that Unicode writes in two ways", { kvm1: accents }, {}, ["TM306"]],
    ["of two hosts that share a repository", { kvm1: hostWith("Web"), kvm2: hostWith("web") }, {}, ["TM306"]],
    [
      "of two hosts that share none",
      { kvm1: hostWith("Web"), kvm2: hostWith("web") },
      { sharedRepository: false },
      [],
    ],
    ["of one host that shares none", { kvm1: both }, { sharedRepository: false }, ["TM306"]],
    ["that are told apart", { kvm1: hostWith("web-1", "web-2") }, {}, []],
  ])("%s", (_, hosts, changes, expected) =>
    expect(fleetOf({ domains: { "*": null }, ...changes }, hosts).codes).toEqual(expected),
  );

  it("in the paths of images that a policy names", () => {
    const domains = {
      a: { target: "/srv/A/{point}-{disk}.qcow2" },
      b: { target: "/srv/a/{point}-{disk}.qcow2" },
    };
    expect(fleetOf({ domains }, { kvm1: hostWith("a", "b") }).codes).toEqual(["TM306"]);
  });
});

describe("paths that no file system takes", () => {
  const name = "d".repeat(300);
  const codes = (changes: Written, domain = name) =>
    fleetOf({ domains: { "*": null }, ...changes }, { kvm1: hostWith(domain) }).codes;

  it("a domain's own folder is none of them, however long its name", () => expect(codes({})).toEqual([]));

  it.each<[string, Written, readonly string[]]>([
    [
      "an image's name of 243 bytes, as what it is called until it is whole has 255",
      { defaults: { target: `{repository}/{point}/${"x".repeat(243 - 10)}-{disk}.qcow2` } },
      [],
    ],
    [
      "an image's name of 244 bytes",
      { defaults: { target: `{repository}/{point}/${"x".repeat(244 - 10)}-{disk}.qcow2` } },
      ["TM321"],
    ],
    [
      "a scratch file's folder",
      {
        defaults: {
          mode: "pull",
          server: { transport: "unix", socket: "/s" },
          scratch: `/${"x".repeat(256)}`,
        },
      },
      ["TM321"],
    ],
    ["the metrics' file", { name: "n".repeat(64), metrics: { directory: "/m" } }, ["TM321"]],
    ["a repository too deep", { repository: `/${"deep/".repeat(800)}` }, ["TM321", "TM321"]],
  ])("%s", (_, changes, expected) => expect(codes(changes)).toEqual(expected));

  it("are measured in bytes", () => {
    const target = (letter: string) => ({
      defaults: { target: `{repository}/{point}/${letter.repeat(150)}-{disk}.qcow2` },
    });
    expect(codes(target("a"))).toEqual([]);
    expect(codes(target("ä"))).toEqual(["TM321"]);
  });
});
