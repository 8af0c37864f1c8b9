import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { directoryOf } from "../../src/inventory/directory.js";
import { TIDEMARK } from "../support/tidemark.js";
import { checkpointsOf, type Guest, sh, startGuest, tidemark } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

const URI = "qemu:///system";
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "raw", size: "4M" },
] as const;

function under(name: string): { guest: Guest; nights: Nights } {
  const guest = startGuest(name, DISKS);
  const nights = underPolicy(guest, {
    domain: "{ disks: { vdb: { checkpoint: false } } }",
    schedule: '[{ level: full, at: "0 1 * * sun" }, { level: incremental, at: "0 1 * * mon-sat" }]',
  });
  nights.compile();
  for (let night = 0; night < 2; night += 1) nights.run();
  return { guest, nights };
}

/** Compiles what brings the checkpoints back, and runs it on the host. */
function redefine({ guest, nights }: { guest: Guest; nights: Nights }, ...args: readonly string[]): string {
  const out = join(guest.folder, "back");
  rmSync(out, { recursive: true, force: true });
  writeFileSync(join(guest.folder, "now.xml"), guest.virsh("dumpxml"));
  tidemark(guest.folder, "redefine", nights.repository, "--domain-xml", "now.xml", "-o", "back");
  expect(sh("shellcheck", [join(out, "redefine.sh")]).stdout).toBe("");
  return sh(join(out, "redefine.sh"), ["-c", URI, ...args]).stdout;
}

/** It writes into a new folder only. */
function refusesToOverwrite({ guest, nights }: { guest: Guest; nights: Nights }): void {
  const files = readdirSync(join(guest.folder, "back"));
  expect(files.at(-1)).toBe("redefine.sh");
  const folder = join(nights.repository, directoryOf(guest.name));
  const again = sh(
    process.execPath,
    [TIDEMARK, "redefine", folder, "--domain-xml", "now.xml", "-o", "back"],
    {
      cwd: guest.folder,
      status: 1,
    },
  );
  expect(again.stderr).toMatch(/TM504 back exists already/);
  expect(readdirSync(join(guest.folder, "back"))).toEqual(files);
}

/** The next nights go on from what is there, and every restore point is what it was. */
function goesOn({ guest, nights }: { guest: Guest; nights: Nights }, level: string): void {
  nights.compile();
  const { point } = nights.run();
  const manifest = readFileSync(join(nights.folder, point, "manifest.json"), "utf8");
  expect(/"target":"vda","level":"(\w+)"/.exec(manifest)?.[1]).toBe(level);
  nights.run();
  nights.compareAll();
  expect(guest.virsh("domstate")).toMatch(/^running/);
}

it("a domain that was undefined with its checkpoints goes on from its bitmaps", { tags: "core" }, () => {
  const both = under("tidemark-redefine-undefined");
  const { guest } = both;
  try {
    const before = checkpointsOf(guest);
    const xml = guest.virsh("dumpxml", "--inactive");
    writeFileSync(join(guest.folder, "again.xml"), xml);
    guest.virsh("destroy");
    guest.virsh("undefine", "--checkpoints-metadata");
    sh("virsh", ["-c", URI, "define", join(guest.folder, "again.xml")]);
    expect(redefine(both, "--dry-run")).toMatch(/would be defined/);
    expect(checkpointsOf(guest)).toEqual([]);
    const said = redefine(both);
    refusesToOverwrite(both);
    expect(checkpointsOf(guest)).toEqual(before);
    expect(said).toMatch(/the next run reads changes since nightly-\d{8}T\d{6}Z\n$/);
    expect(redefine(both)).not.toMatch(/: defined/);
    guest.virsh("start");
    goesOn(both, "incremental");
  } finally {
    guest.remove();
  }
});

it("a transient domain that stopped, and was created again, goes on from its bitmaps", () => {
  const both = under("tidemark-redefine-transient");
  const { guest, nights } = both;
  const xml = join(guest.folder, "again.xml");
  const create = () => sh("virsh", ["-c", URI, "create", xml]);
  try {
    writeFileSync(xml, guest.virsh("dumpxml", "--inactive"));
    guest.virsh("destroy");
    guest.virsh("undefine", "--checkpoints-metadata");
    create();
    redefine(both);
    nights.compile();
    nights.run();
    const before = checkpointsOf(guest);
    expect(before.length).toBeGreaterThan(0);
    // Nothing is left of it in libvirt.
    guest.virsh("destroy");
    expect(sh("virsh", ["-c", URI, "dominfo", guest.uuid], { status: "any" }).status).toBe(1);
    create();
    expect(checkpointsOf(guest)).toEqual([]);
    expect(redefine(both)).toMatch(/: defined\n/);
    expect(checkpointsOf(guest)).toEqual(before);
    goesOn(both, "incremental");
  } finally {
    guest.remove();
  }
});

it("a running domain whose metadata was dropped goes on, libvirt having looked at the bitmaps", () => {
  const both = under("tidemark-redefine-running");
  const { guest } = both;
  try {
    const before = checkpointsOf(guest);
    for (const name of before) guest.virsh("checkpoint-delete", "--checkpointname", name, "--metadata");
    expect(redefine(both)).toMatch(/: defined\n/);
    expect(checkpointsOf(guest)).toEqual(before);
    goesOn(both, "incremental");
  } finally {
    guest.remove();
  }
});

it("bitmaps that a crash has broken are not believed; the next run takes a full", { tags: "core" }, () => {
  const both = under("tidemark-redefine-crashed");
  const { guest } = both;
  try {
    // Closed in order once, so that the image has the bitmaps; then QEMU is killed.
    guest.virsh("destroy");
    guest.virsh("start");
    sh("bash", ["-c", 'kill -9 "$(cat -- "/run/libvirt/qemu/$1.pid")"', "-", guest.name]);
    for (let tries = 0; !guest.virsh("domstate").startsWith("shut off") && tries < 100; tries += 1)
      sh("sleep", ["0.1"]);
    for (const name of checkpointsOf(guest))
      guest.virsh("checkpoint-delete", "--checkpointname", name, "--metadata");
    const said = redefine(both);
    expect(said).toMatch(/its bitmap is missing in .*, or was not closed in order\n/);
    expect(said).toMatch(
      /a bitmap without a checkpoint: remove it while the domain is stopped: qemu-img bitmap --remove/,
    );
    expect(said).toMatch(/no bitmap is left; the next run takes a full\n$/);
    expect(checkpointsOf(guest)).toEqual([]);
    for (const [, command = ""] of said.matchAll(/: (qemu-img bitmap --remove .*)$/gm))
      sh("bash", ["-c", command]);
    guest.virsh("start");
    goesOn(both, "full");
  } finally {
    guest.remove();
  }
});

it("a bitmap whose name only ends alike, of another policy, is not taken for one that is gone", () => {
  const both = under("tidemark-redefine-alike");
  const { guest } = both;
  try {
    const [newest = ""] = checkpointsOf(guest).reverse();
    const xml = join(guest.folder, "again.xml");
    writeFileSync(xml, guest.virsh("dumpxml", "--inactive"));
    guest.virsh("destroy");
    guest.virsh("undefine", "--checkpoints-metadata");
    sh("virsh", ["-c", URI, "define", xml]);
    sh("qemu-img", ["bitmap", "--remove", guest.image("vda"), newest]);
    sh("qemu-img", ["bitmap", "--add", guest.image("vda"), `hourly-${newest}`]);
    expect(redefine(both)).toMatch(new RegExp(`${newest}: its bitmap is missing in `));
    expect(checkpointsOf(guest)).not.toContain(newest);
  } finally {
    guest.remove();
  }
});

it("a bitmap that is gone in the image below a snapshot is missed, as libvirt does not miss it", () => {
  const both = under("tidemark-redefine-below");
  const { guest } = both;
  try {
    const [newest = ""] = checkpointsOf(guest).reverse();
    guest.virsh(
      "snapshot-create-as",
      "--name",
      "s",
      "--disk-only",
      "--no-metadata",
      "--diskspec",
      "vdb,snapshot=no",
    );
    guest.virsh("destroy");
    for (const name of checkpointsOf(guest))
      guest.virsh("checkpoint-delete", "--checkpointname", name, "--metadata");
    expect(redefine(both)).toMatch(new RegExp(`the next run reads changes since ${newest}\n$`));
    guest.virsh("checkpoint-delete", "--checkpointname", newest, "--metadata");
    sh("qemu-img", ["bitmap", "--remove", guest.image("vda"), newest]);
    expect(redefine(both)).toMatch(new RegExp(`${newest}: its bitmap is missing in .* or an image below it`));
    expect(checkpointsOf(guest)).not.toContain(newest);
  } finally {
    guest.remove();
  }
});
