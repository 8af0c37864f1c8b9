// @module-tag core

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Guest, sh, startGuest, tidemark } from "./guest.js";

/*
 * What `tidemark normalize` makes of a document for a domain is what libvirt gives back of it, attribute by attribute. Left
 * out of the comparison is only what the clock or the running QEMU decides: the creation time, the parent, `index`.
 */
let guest: Guest;
let domain: string;

beforeAll(() => {
  // Documents may say that libvirt is not to give a file to QEMU's user, so that user is root here.
  const disks = [
    { target: "vda", format: "qcow2", size: "192M" },
    { target: "vdb", format: "qcow2", size: "1M" },
    { target: "vdc", format: "raw", size: "1M" },
  ] as const;
  guest = startGuest("tidemark-normalize", disks, "tidemark live ", null);
  // Enough for a push backup to be still under way when it is asked about.
  guest.write("vda", "write -P 7 0 192M");
  domain = join(guest.folder, "dump.xml");
  writeFileSync(domain, guest.virsh("dumpxml"));
  const base = file(
    "base.xml",
    "<domaincheckpoint><name>base</name><disks><disk name='vda'/><disk name='vdb'/></disks></domaincheckpoint>",
  );
  guest.virsh("checkpoint-create", "--xmlfile", base);
  // And for one of the changes.
  guest.write("vda", "write -P 8 0 192M");
});
afterAll(() => guest?.remove());

function file(name: string, text: string): string {
  const path = join(guest.folder, name);
  writeFileSync(path, text);
  return path;
}

const withoutClock = (xml: string) =>
  `${xml
    .replaceAll(/ index='\d+'/g, "")
    .replaceAll(/ *<creationTime>.*\n/g, "")
    .replaceAll(/ *<parent>\n.*\n *<\/parent>\n/g, "")
    .trim()}\n`;

describe("checkpoints", () => {
  it.each([
    ["one disk by its target", "<name>c</name><disks><disk name='vdb'/></disks>"],
    [
      "one by its path, one not",
      "<name>c</name><description>a &lt; b</description><disks><disk name='vdc' checkpoint='no'/><disk name='PATH'/></disks>",
    ],
    [
      "a bitmap that is named",
      "<name>c</name><disks><disk name='vdb' checkpoint='bitmap' bitmap='c'/><disk name='vda'/></disks>",
    ],
    ["one with no bitmap at all", "<name>c</name><disks><disk name='vda' checkpoint='no'/></disks>"],
  ])("%s", (_, inner) => {
    const text = `<domaincheckpoint>${inner.replace("PATH", guest.image("vda"))}</domaincheckpoint>`;
    const document = file("checkpoint.xml", text);
    guest.virsh("checkpoint-create", "--xmlfile", document);
    const dumped = guest.virsh("checkpoint-dumpxml", "--checkpointname", "c", "--no-domain");
    guest.virsh("checkpoint-delete", "--checkpointname", "c");
    expect(tidemark(guest.folder, "normalize", document, "--domain", domain)).toBe(withoutClock(dumped));
  });

  it("one that is defined again, and libvirt's own dump with its domain", () => {
    const dumped = guest.virsh("checkpoint-dumpxml", "--checkpointname", "base");
    const document = file("again.xml", dumped);
    expect(tidemark(guest.folder, "normalize", document).trim()).toBe(dumped.trim());
    guest.virsh("checkpoint-create", "--xmlfile", document, "--redefine", "--redefine-validate");
    expect(guest.virsh("checkpoint-dumpxml", "--checkpointname", "base")).toBe(dumped);
  });
});

describe("backups", () => {
  const UNIX = "<server transport='unix' socket='FOLDER/nbd'/>";
  const TCP = "<server name='127.0.0.1' port='10877' tls='no'/>";
  it.each([
    [
      "push of one disk",
      "<disks><disk name='vda' type='file'><target file='FOLDER/out.a'/></disk></disks>",
      "push",
    ],
    [
      "push with a base for all and a full beside it",
      "<incremental>base</incremental><disks><disk name='vdb' type='file'><target file='FOLDER/out.b'><seclabel model='dac' relabel='no'/></target></disk><disk name='vda' type='file' backupmode='full'><driver type='raw'/><target file='FOLDER/out.a'/></disk></disks>",
      "push",
    ],
    ["push of all disks, names made up", "", "push"],
    ["pull of all disks, names made up", UNIX, "pull"],
    [
      "pull over TCP, one disk",
      `${TCP}<disks><disk name='vdb'><scratch file='FOLDER/s.b'/></disk></disks>`,
      "pull",
    ],
    [
      "pull of changes, each disk its own way",
      `${UNIX}<disks><disk name='vdb' incremental='base' exportbitmap='changes'><scratch file='FOLDER/s.b'/></disk><disk name='vda' backupmode='incremental' incremental='base' exportname='system'><scratch file='FOLDER/s.a'/></disk><disk name='vdc' backup='no'/></disks>`,
      "pull",
    ],
    [
      "pull with labels",
      `${UNIX}<incremental>base</incremental><disks><disk name='vda' type='file'><driver type='qcow2'/><scratch file='FOLDER/s.a'><seclabel><label>+0:+0</label></seclabel></scratch></disk></disks>`,
      "pull",
    ],
  ])("%s", (_, inner, mode) => {
    const text = `<domainbackup mode='${mode}'>${inner.replaceAll("FOLDER", guest.folder)}</domainbackup>`;
    const document = file("backup.xml", text);
    const other = file(
      "new.xml",
      "<domaincheckpoint><name>new</name><disks><disk name='vdb'/></disks></domaincheckpoint>",
    );
    const isWhole = !inner.includes("<disks>");
    // Names that libvirt makes up end in the checkpoint's.
    const together = isWhole ? ["--checkpointxml", other] : [];
    const dumped = whileUnderWay(document, together, () => {
      if (isWhole) guest.virsh("checkpoint-delete", "--checkpointname", "new");
      sh("bash", ["-c", 'rm -f -- "$1"/out.* "$1"/s.* "$1"/images/*.new', "-", guest.folder]);
    });
    const checkpoints = checkpointFolder();
    const ours = tidemark(
      guest.folder,
      "normalize",
      document,
      "--domain",
      domain,
      "--checkpoints",
      checkpoints,
      ...(isWhole ? ["--with", other] : []),
    );
    expect(ours).toBe(withoutClock(dumped));
  });
});

function quoted(text: string): string {
  return text.startsWith("--") ? text : `'${text}'`;
}

/** The domain's checkpoints as an inventory has them. */
function checkpointFolder(): string {
  const folder = join(guest.folder, "checkpoints");
  sh("mkdir", ["-p", folder]);
  writeFileSync(
    join(folder, "base.xml"),
    guest.virsh("checkpoint-dumpxml", "--checkpointname", "base", "--no-domain"),
  );
  return folder;
}

/** libvirt's account of a backup that is under way. One that is done before it is asked about is begun again. */
function whileUnderWay(document: string, others: readonly string[], undo: () => void): string {
  const begin = `backup-begin --domain ${guest.uuid} --backupxml ${quoted(document)} ${others.map(quoted).join(" ")}`;
  for (let left = 20; ; left--) {
    const virsh = (command: string) => sh("virsh", ["-c", "qemu:///system", command], { status: "any" });
    const said = virsh(`${begin}; backup-dumpxml --domain ${guest.uuid}`);
    virsh(`domjobabort ${guest.uuid}`);
    while (!/Job type: +None/.test(guest.virsh("domjobinfo"))) sh("sleep", ["0.05"]);
    undo();
    const at = said.stdout.indexOf("<domainbackup");
    if (at >= 0 || left === 0) return at < 0 ? said.stderr : said.stdout.slice(at);
  }
}
