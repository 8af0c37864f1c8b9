// @module-tag core

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { redefineFiles } from "../../src/emit/redefine-script.js";
import { readCheckpoint } from "../../src/libvirt/read-checkpoint.js";
import { readDomain } from "../../src/libvirt/read-domain.js";
import { contentOf, type Guest, sh, startGuest } from "../live/guest.js";
import { tally } from "./tally.js";

/*
 * What `tidemark redefine` says of the bitmaps of a lost checkpoint, an incremental since that checkpoint says. libvirt is made
 * to begin it, also where the script defined nothing, and what it read is compared with the disk: libvirt begins some that lack changes.
 */
const URI = "qemu:///system";
const NAME = "tidemark-oracle-bitmaps";
const MARK = "mark";
const DISKS = [
  { target: "vda", format: "qcow2", size: "1M" },
  { target: "vdb", format: "qcow2", size: "1M" },
] as const;

let guest: Guest | undefined;
afterEach(() => guest?.remove());
afterAll(() => tally.print());

const COMPLETE = /^complete$/;
const BROKEN = /^refused: .*missing or broken bitmap/;

/** What has become of the bitmaps, what an incremental then is, and how a domain that is stopped gets there. */
const STATES: readonly (readonly [string, RegExp, (host: Guest) => void])[] = [
  ["all are whole", COMPLETE, () => {}],
  [
    "the images have none",
    BROKEN,
    (host) => {
      for (const { target } of DISKS) remove(host.image(target));
    },
  ],
  ["one disk of two has none", BROKEN, (host) => remove(host.image("vdb"))],
  [
    "one does not record",
    BROKEN,
    (host) => {
      sh("qemu-img", ["bitmap", "--disable", host.image("vda"), MARK]);
    },
  ],
  [
    "they were not closed in order",
    BROKEN,
    (host) => {
      host.virsh("start");
      sh("bash", ["-c", 'kill -9 "$(cat -- "/run/libvirt/qemu/$1.pid")"', "-", host.name]);
      for (let tries = 0; !isStopped(host) && tries < 100; tries += 1) sh("sleep", ["0.1"]);
    },
  ],
  ["a snapshot of libvirt has continued them", COMPLETE, (host) => snapshot(host, "one")],
  [
    "an image that something else put on top has none",
    BROKEN,
    (host) => {
      const image = host.image("vda");
      sh("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image, `${image}.top`]);
      const xml = host.virsh("dumpxml", "--inactive").replace(`'${image}'`, `'${image}.top'`);
      writeFileSync(join(host.folder, "domain.xml"), xml);
      sh("virsh", ["-c", URI, "define", join(host.folder, "domain.xml")]);
    },
  ],
  [
    "the one in the middle of three images is gone",
    BROKEN,
    (host) => {
      snapshot(host, "one");
      snapshot(host, "two");
      remove(host.image("vda").replace(/qcow2$/, "one"));
    },
  ],
  [
    "the one in the lowest of two images is gone, which libvirt does not miss",
    /^lacks changes of vda$/,
    (host) => {
      snapshot(host, "one");
      remove(host.image("vda"));
    },
  ],
];

const isStopped = (host: Guest) => host.virsh("domstate").startsWith("shut off");

function remove(image: string): void {
  sh("qemu-img", ["bitmap", "--remove", image, MARK]);
}

/** Both disks get an image on top, in which libvirt begins a bitmap of each checkpoint's name. */
function snapshot(host: Guest, name: string): void {
  host.virsh("start");
  host.virsh("snapshot-create-as", "--name", name, "--disk-only", "--no-metadata");
  host.virsh("destroy");
}

/** Calls the script that `tidemark redefine` writes, and says whether it has defined the checkpoint. */
function redefined(host: Guest, document: string): boolean {
  const { domain } = readDomain(Buffer.from(host.virsh("dumpxml")), "dump");
  const { checkpoint } = readCheckpoint(Buffer.from(document), "dump");
  if (domain === undefined || checkpoint === undefined) throw new Error("libvirt's XML could not be read");
  const images = domain.disks.map(({ target, source = "" }) => ({
    target,
    path: source,
    begun: host.image(target),
  }));
  const folder = join(host.folder, "back");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { path, text } of redefineFiles(domain, [{ checkpoint, images }], MARK))
    writeFileSync(join(folder, path), text);
  sh("bash", [join(folder, "redefine.sh"), "-c", URI]);
  return host.virsh("checkpoint-list", "--name").includes(MARK);
}

function forget(host: Guest): void {
  sh("virsh", ["-c", URI, "checkpoint-delete", host.uuid, MARK, "--metadata"], { status: "any" });
}

it.each(STATES)("agrees with libvirt where %s", (_, expected, damage) => {
  guest = startGuest(NAME, DISKS, undefined, null);
  const host = guest;
  const at = (file: string) => join(host.folder, file);
  for (const { target } of DISKS) {
    host.write(target, "write -P 0x11 0 1M");
    sh("qemu-img", ["convert", "-U", "-O", "raw", host.image(target), at(`images/${target}.base`)]);
  }
  host.virsh("checkpoint-create-as", "--name", MARK, "--diskspec", "vda", "--diskspec", "vdb");
  for (const { target } of DISKS) host.write(target, "write -P 0x22 64k 64k");
  host.virsh("destroy");
  const document = host.virsh("checkpoint-dumpxml", "--checkpointname", MARK, "--no-domain");
  damage(host);
  forget(host);
  const stopped = redefined(host, document);
  forget(host);
  host.virsh("start");
  const running = redefined(host, document);
  if (!running) {
    writeFileSync(at("mark.xml"), document);
    host.virsh("checkpoint-create", "--xmlfile", at("mark.xml"), "--redefine");
  }
  for (const { target } of DISKS) host.write(target, "write -P 0x33 256k 64k");
  const sizes = host
    .virsh("checkpoint-dumpxml", "--checkpointname", MARK, "--no-domain", "--size")
    .match(/ size='/g);
  const read = incremental(host);
  tally.daemon += 1;
  const complete = read === "complete";
  if (stopped !== complete || running !== complete) tally.disagreements += 1;
  expect({ read, stopped, running }).toEqual({
    read: expect.stringMatching(expected),
    stopped: complete,
    running: complete,
  });
  // A run takes a bitmap for broken if libvirt tells no size of it.
  expect(sizes?.length === DISKS.length).toBe(!read.startsWith("refused"));
});

/** Begins an incremental of both disks since the checkpoint: what libvirt says, or whether it has all changes. */
function incremental(host: Guest): string {
  const out = (target: string) => join(host.folder, "images", `${target}.out`);
  const disks = DISKS.map(
    ({ target }) =>
      `<disk name='${target}' type='file'><driver type='qcow2'/><target file='${out(target)}'/></disk>`,
  );
  const file = join(host.folder, "backup.xml");
  writeFileSync(
    file,
    `<domainbackup><incremental>${MARK}</incremental><disks>${disks.join("")}</disks></domainbackup>`,
  );
  const begun = sh("virsh", ["-c", URI, "backup-begin", host.uuid, file], { status: "any" });
  if (begun.status !== 0) return `refused: ${begun.stderr.trim()}`;
  for (let tries = 0; !host.virsh("domjobinfo").includes("None") && tries < 100; tries += 1)
    sh("sleep", ["0.05"]);
  const now = new Map(
    [...host.virsh("domblklist").matchAll(/^ (vd.) +(.*)$/gm)].map(([, target = "", source = ""]) => [
      target,
      source,
    ]),
  );
  const wrong = DISKS.filter(({ target }) => {
    sh("qemu-img", [
      "rebase",
      "-u",
      "-F",
      "raw",
      "-b",
      join(host.folder, "images", `${target}.base`),
      out(target),
    ]);
    return contentOf(out(target), "qcow2") !== contentOf(now.get(target) ?? "", "qcow2");
  });
  return wrong.length === 0 ? "complete" : `lacks changes of ${wrong.map(({ target }) => target).join(", ")}`;
}
