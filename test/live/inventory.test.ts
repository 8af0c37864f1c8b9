import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { directoryOf } from "../../src/inventory/directory.js";
import { roughAllocation } from "../../src/inventory/disk-size.js";
import { loadInventory } from "../../src/inventory/load.js";
import { checkpointsOf, type Guest, sh, startGuest, tidemark } from "./guest.js";
import { underPolicy } from "./nights.js";

const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "raw", size: "4M" },
] as const;

let guest: Guest | undefined;
afterEach(() => guest?.remove());

const URI = ["-c", "qemu:///system"] as const;

function filesOf(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
}

it("captures what a plan is compiled over, and differs only where the host does", () => {
  const made = startGuest(`tmlive inventory <é> & 'x'`, DISKS);
  guest = made;
  const nights = underPolicy(made, { domain: "{ disks: { vdb: { checkpoint: false } } }" });
  nights.compile();
  nights.run();
  nights.run();
  const folder = join(made.folder, "inventory");
  const capture = (...more: readonly string[]) =>
    tidemark(made.folder, "inventory", ...URI, "--repository", nights.repository, ...more, "--", made.name);

  expect(capture()).toMatch(/^inventory: 1 domain; files: 4 created/);
  const { inventory, diagnostics } = loadInventory(folder);
  expect(diagnostics).toEqual([]);
  const [facts] = inventory?.domains ?? [];
  expect(facts?.domain).toMatchObject({ name: made.name, uuid: made.uuid });
  expect(facts?.checkpoints.map(({ name }) => name)).toEqual(checkpointsOf(made));
  expect(facts?.catalog).toHaveLength(2);

  // A restart gives the domain another id, and other names to what it is made of.
  const before = filesOf(folder);
  made.virsh("destroy");
  made.virsh("start");
  expect(capture()).toBe("inventory: 1 domain; no changes\n");
  expect(filesOf(folder)).toEqual(before);
  expect([...before.values()].join("")).not.toMatch(/<domain[^>]* id='|<alias|pts/);

  // What is gone is removed, and nothing else.
  writeFileSync(join(folder, "notes.txt"), "mine");
  mkdirSync(join(folder, "domains/more"));
  const [newest = ""] = checkpointsOf(made).reverse();
  made.virsh("checkpoint-delete", "--checkpointname", newest, "--metadata");
  expect(capture()).toBe("inventory: 1 domain; files: 1 removed\n");
  expect([...filesOf(folder).keys()]).toEqual(
    [...before.keys(), "notes.txt"].filter((path) => !path.includes(`/${newest}.xml`)).sort(),
  );
});

it("asks for no secret, and takes sizes only where they are asked for", () => {
  const made = startGuest("tmlive-inventory-secrets", DISKS);
  guest = made;
  const xml = made
    .virsh("dumpxml", "--inactive")
    .replace("</devices>", "<graphics type='vnc' port='-1' passwd='sesame'/></devices>");
  writeFileSync(join(made.folder, "with-password.xml"), xml);
  sh("virsh", [...URI, "define", "--file", join(made.folder, "with-password.xml")]);
  expect(made.virsh("dumpxml", "--inactive", "--security-info")).toContain("sesame");
  const nights = underPolicy(made, { domain: "{ disks: { vdb: { checkpoint: false } } }" });
  nights.compile();
  nights.run();
  made.write("vda", "write -P 7 0 128k");
  const checkpoint = () =>
    filesOf(join(made.folder, "inventory")).get(
      `checkpoints/${directoryOf(made.name)}/${checkpointsOf(made)[0]}.xml`,
    );
  tidemark(made.folder, "inventory", ...URI, made.name);
  expect(checkpoint()).not.toMatch(/ size='/);
  tidemark(made.folder, "inventory", ...URI, "--sizes", made.name);
  expect(checkpoint()).toMatch(/ size='131072'/);
  expect([...filesOf(join(made.folder, "inventory")).values()].join("")).not.toContain("sesame");
});

it("reads the sizes of disks that libvirt would tell, from their files", () => {
  const made = startGuest("tmlive-inventory-sizes", DISKS);
  guest = made;
  made.write("vda", "write -P 1 0 1M");
  made.virsh("blockresize", "--path", "vda", "--size", "6M");
  tidemark(made.folder, "inventory", ...URI, "--", made.name);
  const { disks } = JSON.parse(
    readFileSync(join(made.folder, "inventory/sizes", `${made.name}.json`), "utf8"),
  );
  const told = (target: string) =>
    [...made.virsh("domblkinfo", "--device", target).matchAll(/^(\w+): +(\d+)$/gm)].map(([, , size]) =>
      Number(size),
    );
  for (const target of ["vda", "vdb"]) {
    const [capacity = 0, allocation = 0] = told(target);
    expect(disks[target].capacity).toBe(capacity);
    expect(disks[target].allocation).toBe(roughAllocation(allocation));
  }
  expect(disks.vda.capacity).toBe(6 << 20);
  // An image over another holds only a part of the disk.
  made.virsh(
    "snapshot-create-as",
    "--disk-only",
    "--no-metadata",
    "--diskspec",
    `vda,file=${made.folder}/images/over.qcow2`,
    "--diskspec",
    "vdb,snapshot=no",
    "s",
  );
  tidemark(made.folder, "inventory", ...URI, "--", made.name);
  const over = JSON.parse(readFileSync(join(made.folder, "inventory/sizes", `${made.name}.json`), "utf8"));
  expect(over.disks.vda).toEqual({ capacity: 6 << 20 });
});
