import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capture } from "../../../src/inventory/capture.js";
import { currentOf, inTreeOrder, mergeDumps } from "../../../src/inventory/checkpoints.js";
import { directoryOf } from "../../../src/inventory/directory.js";
import { type DiskSize, roughAllocation } from "../../../src/inventory/disk-size.js";
import { lookAt } from "../../../src/inventory/look.js";
import { measureDisks } from "../../../src/inventory/measure.js";
import { readInventory } from "../../../src/inventory/read.js";
import type { Checkpoint } from "../../../src/libvirt/checkpoint.js";
import { compile } from "../../../src/planner/compile.js";
import { diskOf, inventoryOf, pastOf, policyOf } from "../../support/plans.js";

const UUID = "6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a01";

function read(files: Readonly<Record<string, string>>) {
  const entries = Object.entries({ "host.json": '{"libvirt":"9.0.0","qemu":"7.2.22"}', ...files });
  return readInventory(
    entries.map(([path, text]) => ({ path, file: path, bytes: () => Buffer.from(text) })),
    "inventory",
  );
}

const domainXml = (name: string, target: string, uuid = UUID) =>
  `<domain><name>${name}</name><uuid>${uuid}</uuid><devices><disk type='file'><source file='/x'/><target dev='${target}'/></disk></devices></domain>`;

const checkpointXml = (name: string, parent?: string, more = "") =>
  `<domaincheckpoint><name>${name}</name>${parent ? `<parent><name>${parent}</name></parent>` : ""}<creationTime>1</creationTime><disks><disk name='vda' checkpoint='bitmap' bitmap='${name}'${more}/></disks></domaincheckpoint>`;

describe("an inventory's files", () => {
  it("the running domain's dump wins over the inactive one, whatever the order", () => {
    const { inventory, diagnostics } = read({
      "vm.inactive.xml": domainXml("vm", "vdb"),
      "vm.xml": domainXml("vm", "vda"),
    });
    expect(diagnostics).toEqual([]);
    expect(inventory?.domains.map(({ domain }) => domain.disks[0]?.target)).toEqual(["vda"]);
  });

  it("dumps of one checkpoint with and without sizes are one", () => {
    const { inventory } = read({
      "vm.xml": domainXml("vm", "vda"),
      "checkpoints/vm/c.xml": checkpointXml("c"),
      "checkpoints/vm/c.size.xml": checkpointXml("c", undefined, " size='7'"),
    });
    expect(inventory?.domains[0]?.checkpoints).toHaveLength(1);
    expect(inventory?.domains[0]?.checkpoints[0]?.disks[0]?.size).toBe(7);
  });

  it("no catalog is not an empty catalog", () => {
    expect(read({ "vm.xml": domainXml("vm", "vda") }).inventory?.domains[0]?.catalog).toBeUndefined();
    expect(
      read({ "vm.xml": domainXml("vm", "vda"), "catalog/.keep": "" }).inventory?.domains[0]?.catalog,
    ).toEqual([]);
  });

  it("restore points are of the name whose folder they are in, where the domain was renamed", () => {
    const [domain] = compile(policyOf(), inventoryOf([diskOf("vda", "qcow2")]), HORIZON).plan?.domains ?? [];
    if (domain === undefined) throw new Error("nothing was planned");
    const [manifest] = pastOf(domain).catalog;
    const namesIn = (folder: string) =>
      read({
        "shop.xml": domainXml("shop", "vda", domain.uuid),
        [`catalog/${folder}/${manifest?.point}.json`]: JSON.stringify(manifest),
      }).inventory?.domains[0]?.catalog?.map((each) => each.domain);
    expect(namesIn("vm")).toEqual(["vm"]);
    expect(namesIn("shop")).toEqual(["shop"]);
  });

  it("checkpoints find their domain by its encoded name", () => {
    const { inventory, diagnostics } = read({
      "x.xml": domainXml("50%", "vda"),
      "checkpoints/50%25/c.xml": checkpointXml("c"),
    });
    expect(diagnostics).toEqual([]);
    expect(inventory?.domains[0]?.checkpoints).toHaveLength(1);
  });
});

const OTHER = "6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a02";
const HORIZON = { from: "2026-12-01T00:00:00Z", until: "2026-12-02T00:00:00Z" };

describe.each([
  ["a target that would leave the folder", domainXml("odd", "../x", OTHER)],
  ["a target with a quote", domainXml("odd", "vda&apos;", OTHER)],
  ["a domain's name with a line end", domainXml("a&#10;b", "vda", OTHER)],
  ["a domain's name with a tab, which libvirt takes", domainXml("a&#9;b", "vda", OTHER)],
])("%s", (_, text) => {
  const { inventory, diagnostics } = read({ "vm.xml": domainXml("vm", "vda"), "odd.xml": text });
  const codes = (policy: ReturnType<typeof policyOf>) =>
    inventory && compile(policy, inventory, HORIZON).diagnostics.map(({ code }) => code);
  const copies = { schedule: [{ level: "full", at: "@daily" }], defaults: { freeze: false } } as const;

  it("stands in the way of no other domain", () => {
    expect(diagnostics).toEqual([]);
    expect(codes(policyOf(copies))).toEqual([]);
  });
  it("refuses a policy that backs up its domain", () => {
    expect(codes(policyOf({ ...copies, domains: { "*": null } }))).toEqual(["TM403"]);
  });
});

it("a bus that a later libvirt brings is taken as it comes", () => {
  const { inventory } = read({ "vm.xml": domainXml("vm", "abc0n1_2") });
  expect(inventory?.domains[0]?.refused).toBeUndefined();
});

it("a look at the host tells which images have version 2 of qcow2", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-look-"));
  const made = (name: string, version: number, format = "qcow2") => {
    const source = join(folder, name);
    writeFileSync(source, Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, version, 0]));
    return { ...diskOf(name, format), source };
  };
  const domain = { name: "vm", uuid: UUID, disks: [made("vda", 2), made("vdb", 3), made("vdc", 2, "raw")] };
  expect(lookAt(domain).qcow2Version2).toEqual(["vda"]);
  expect(lookAt({ ...domain, disks: [made("vdb", 3)] })).not.toHaveProperty("qcow2Version2");
  rmSync(folder, { recursive: true });
});

describe("checkpoints as a tree", () => {
  const made = (name: string, creationTime: number, parent?: string): Checkpoint => ({
    name,
    creationTime,
    disks: [],
    ...(parent && { parent }),
  });
  it("parents come first; the newest leaf is the current one", () => {
    const tree = [made("c", 3, "b"), made("a", 1), made("b", 2, "a"), made("x", 2, "a")];
    expect(inTreeOrder(tree).map(({ name }) => name)).toEqual(["a", "b", "c", "x"]);
    expect(currentOf(tree)).toBe("c");
  });
  it("a missing parent makes a root, and a cycle is kept", () => {
    expect(inTreeOrder([made("b", 2, "gone")]).map(({ name }) => name)).toEqual(["b"]);
    expect(inTreeOrder([made("a", 1, "b"), made("b", 2, "a")]).map(({ name }) => name)).toEqual(["a", "b"]);
  });
  it("dumps that contradict each other are not one", () => {
    expect(mergeDumps(made("a", 1), made("a", 2))).toBeUndefined();
  });
});

describe("a domain's folder", () => {
  it.each([
    ["web-1", "web-1"],
    ["a b'c\"", "a b'c\""],
    ["a/b", "a%2Fb"],
    ["..", "%2E."],
    ["-rf", "%2Drf"],
    ["~root", "%7Eroot"],
    ["lib", "%6Cib"],
    ["LIB", "%4CIB"],
    ["50%", "50%25"],
    ["tab\there", "tab%09here"],
    ["ünï", "ünï"],
  ])("%j is %j", (name, folder) => expect(directoryOf(name)).toBe(folder));

  it("no two names share one, and each is one segment of at most 255 bytes", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("lib", "%6Cib", "a/b", "a%2Fb", "..", "."),
      fc.string({ minLength: 150, maxLength: 400 }),
    );
    fc.assert(
      fc.property(name, name, (a, b) => {
        fc.pre(a !== "" && b !== "");
        expect(directoryOf(a)).not.toMatch(/^\.{1,2}$|\//);
        expect(Buffer.byteLength(directoryOf(a))).toBeLessThanOrEqual(255);
        expect(directoryOf(a) === directoryOf(b)).toBe(a === b);
      }),
      { numRuns: 2000, seed: 5 },
    );
  });
});

it("a captured volume is looked at where its pool says that it is; a block device, or what no pool has, tells nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-volumes-"));
  const file = join(folder, "web.qcow2");
  writeFileSync(file, "");
  const disks = ["web.qcow2", "tty", "gone"].map(
    (volume, index) =>
      `<disk type='volume'><source pool='p' volume='${volume}'/><target dev='vd${"abc"[index]}'/></disk>`,
  );
  const answers: Record<string, string> = {
    version: "Using library: libvirt 9.0.0\nRunning hypervisor: QEMU 7.2.22\n",
    list: `${UUID} web\n`,
    uri: "qemu:///system\n",
    dumpxml: `<domain><name>web</name><uuid>${UUID}</uuid><devices>${disks.join("")}</devices></domain>`,
    "checkpoint-list": "",
    "vol-path --pool p --vol web.qcow2": `${file}\n`,
    "vol-path --pool p --vol tty": "/dev/tty\n",
  };
  const { capture: captured, diagnostics } = await capture(
    async (args) => {
      const stdout = answers[args.join(" ")] ?? answers[args[0] ?? ""];
      return { status: stdout === undefined ? 1 : 0, stdout: stdout ?? "", stderr: "" };
    },
    { look: lookAt, compression: () => ["zlib"] },
  );
  expect(diagnostics).toEqual([]);
  const host = captured?.files.find(({ path }) => path === "host.json");
  expect(JSON.parse(host?.text ?? "")).toMatchObject({ compression: ["zlib"] });
  const evidence = captured?.files.find(({ path }) => path === "domains/web.json");
  const inode = `${statSync(file, { bigint: true }).ino}`;
  expect(JSON.parse(evidence?.text ?? "")).toMatchObject({ process: null, files: { vda: { inode } } });
  expect(Object.keys(JSON.parse(evidence?.text ?? "").files)).toEqual(["vda"]);
  expect(JSON.parse(evidence?.text ?? "")).not.toHaveProperty("qcow2Version2");
  rmSync(folder, { recursive: true });
});

describe("sizes of disks", () => {
  const xml = (id: string) => `<domain type='kvm'${id}><name>web</name><uuid>${UUID}</uuid><devices>
<disk type='file' device='disk'><driver type='qcow2'/><source file='/a'/><target dev='vda'/></disk>
<disk type='network' device='disk'><source protocol='rbd' name='p/b'/><target dev='vdb'/></disk>
<disk type='file' device='cdrom'><source file='/c.iso'/><target dev='sda'/></disk></devices></domain>`;
  const told = ` Target   Capacity      Allocation    Physical
------------------------------------------------
 vda      10737418240   1230000000    1230000128
 vdb      2147483648    2147483648    2147483648
 sda      700000000     700000000     700000000

`;
  /** What is captured of sizes, and what libvirt was asked, the first words. */
  async function captureSizes(id: string, job: string, measured?: ReadonlyMap<string, DiskSize>) {
    const answers: Record<string, string> = {
      version: "Using library: libvirt 9.0.0\nRunning hypervisor: QEMU 7.2.22\n",
      list: `${UUID} web\n`,
      uri: "qemu:///system\n",
      dumpxml: xml(id),
      "checkpoint-list": "",
      domjobinfo: job,
      domblkinfo: told,
    };
    const asked: string[] = [];
    const { capture: captured } = await capture(
      async ([command = ""]) => {
        asked.push(command);
        return { status: command in answers ? 0 : 1, stdout: answers[command] ?? "", stderr: "" };
      },
      measured && { look: lookAt, measure: () => measured },
    );
    const file = captured?.files.find(({ path }) => path === "sizes/web.json");
    return {
      disks: file && JSON.parse(file.text).disks,
      asked: asked.filter((command) => /^dom(job|blk)info$/.test(command)),
    };
  }
  const FOUND = {
    vda: { capacity: 10737418240, allocation: 1500000000 },
    vdb: { capacity: 2147483648, allocation: 3000000000 },
  };

  it("are asked of libvirt where no file tells them; of a running domain only while no job runs", async () => {
    const running = " id='3'";
    const idle = await captureSizes(running, "Job type:         None        \n");
    expect(idle).toEqual({ disks: FOUND, asked: ["domjobinfo", "domblkinfo"] });
    const busy = await captureSizes(running, "Job type:         Unbounded   \nOperation:        Backup\n");
    expect(busy).toEqual({ disks: undefined, asked: ["domjobinfo"] });
    expect(await captureSizes("", "")).toEqual({ disks: FOUND, asked: ["domblkinfo"] });
  });

  it("libvirt is not asked about what the files tell", async () => {
    const here = { capacity: 5, allocation: 3 };
    const all = new Map([
      ["vda", here],
      ["vdb", here],
    ]);
    expect(await captureSizes("", "", all)).toEqual({ disks: { vda: here, vdb: here }, asked: [] });
    const some = new Map([["vda", here]]);
    expect((await captureSizes("", "", some)).disks).toEqual({ ...FOUND, vda: here });
  });

  it("are read from the headers of images", () => {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-sizes-"));
    const made = (name: string, bytes: Buffer, format: string) => {
      const source = join(folder, name);
      writeFileSync(source, bytes);
      return { ...diskOf(name, format), source };
    };
    const header = (version: number, change: (header: Buffer) => void = () => {}) => {
      const bytes = Buffer.alloc(100_000, 1);
      bytes.fill(0, 0, 104);
      bytes.writeUInt32BE(0x514649fb, 0);
      bytes.writeUInt32BE(version, 4);
      bytes.writeBigUInt64BE(40n << 30n, 24);
      change(bytes);
      return bytes;
    };
    const disks = [
      made("vda", header(3), "qcow2"),
      made("vdb", header(2), "qcow2"),
      made(
        "vdc",
        header(3, (bytes) => bytes.writeBigUInt64BE(200n, 8)),
        "qcow2",
      ),
      made(
        "vdd",
        header(3, (bytes) => bytes.writeUInt8(4, 79)),
        "qcow2",
      ),
      made("vde", header(7), "qcow2"),
      made("vdf", Buffer.alloc(10), "qcow2"),
      made("vdg", Buffer.alloc(100_000, 1), "raw"),
      { ...diskOf("vdh", "raw"), source: join(folder, "gone") },
      { ...diskOf("vdi", "raw"), source: "/dev/null" },
    ];
    const blocks = statSync(join(folder, "vdg")).blocks * 512;
    const whole = { capacity: 40 * 2 ** 30, allocation: roughAllocation(blocks) };
    const alone = { capacity: 40 * 2 ** 30 };
    expect(Object.fromEntries(measureDisks({ name: "vm", uuid: UUID, disks }))).toEqual({
      vda: whole,
      vdb: whole,
      vdc: alone,
      vdd: alone,
      vdg: { capacity: 100_000, allocation: roughAllocation(blocks) },
    });
    rmSync(folder, { recursive: true });
  });

  it("are facts of their domain; a file that is not of their form is reported", () => {
    const sizes = JSON.stringify({ formatVersion: "1.0", disks: { vda: { capacity: 7 } } });
    const { inventory, diagnostics } = read({ "vm.xml": domainXml("vm", "vda"), "sizes/vm.json": sizes });
    expect(diagnostics).toEqual([]);
    expect(inventory?.domains[0]?.sizes).toEqual({ vda: { capacity: 7 } });
    const wrong = read({ "vm.xml": domainXml("vm", "vda"), "sizes/vm.json": sizes.replace("7", '"7"') });
    expect(wrong.diagnostics.map(({ code }) => code)).toEqual(["TM204"]);
  });
});
