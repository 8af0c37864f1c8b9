import { describe, expect, it } from "vitest";
import { readBackup } from "../../../src/libvirt/read-backup.js";
import { readCheckpointDocument } from "../../../src/libvirt/read-checkpoint.js";
import { writeBackup, writeCheckpoint } from "../../../src/libvirt/write.js";
import { readXml } from "../../../src/libvirt/xml.js";

const rootOf = (xml: string) => {
  const { root } = readXml(Buffer.from(xml), "f");
  if (root === undefined) throw new Error("not well-formed");
  return root;
};

const backup = (xml: string) => {
  const { backup: read, diagnostics } = readBackup(rootOf(xml));
  return read === undefined ? diagnostics.map(({ message }) => message) : writeBackup(read);
};

const checkpoint = (xml: string) => {
  const { checkpoint: read, diagnostics } = readCheckpointDocument(rootOf(xml));
  return read === undefined ? diagnostics.map(({ message }) => message) : writeCheckpoint(read);
};

describe("backups are written as libvirt would", () => {
  it.each([
    ["nothing", "<domainbackup/>", "<domainbackup mode='push'>\n</domainbackup>\n"],
    [
      "push with all there is",
      `<domainbackup><disks>
        <disk type='file' name='vda' incremental='a'><driver type='raw'/><target file='/a &amp; b'/></disk>
        <disk name='vdb' backupmode='full' backup='no'/>
        <disk name='vdc' type='block'><target dev='/dev/x'><encryption format='luks' engine='qemu'>
          <ivgen name='plain64' hash='sha256'/><secret usage='u' type='passphrase'/></encryption>
          <seclabel model='dac'><label>+0:+0</label></seclabel></target></disk>
        <disk name='vdd' type='file'/></disks><incremental>base</incremental></domainbackup>`.replace(
        "<ivgen",
        "<cipher name='aes' size='256'/><ivgen",
      ),
      `<domainbackup mode='push'>
  <incremental>base</incremental>
  <disks>
    <disk name='vda' backup='yes' type='file' incremental='a'>
      <driver type='raw'/>
      <target file='/a &amp; b'/>
    </disk>
    <disk name='vdb' backup='no'/>
    <disk name='vdc' backup='yes' type='block'>
      <target dev='/dev/x'>
        <seclabel model='dac' relabel='yes'>
          <label>+0:+0</label>
        </seclabel>
        <encryption format='luks' engine='qemu'>
          <secret type='passphrase' usage='u'/>
          <cipher name='aes' size='256'/>
          <ivgen name='plain64' hash='sha256'/>
        </encryption>
      </target>
    </disk>
    <disk name='vdd' backup='yes' type='file'/>
  </disks>
</domainbackup>
`,
    ],
    [
      "pull over TCP",
      `<domainbackup mode="pull"><server tls='yes' name='::1' port='010809'/>
        <disks><disk name='vda' exportbitmap='b' exportname='e'><scratch file='/s'/></disk></disks></domainbackup>`,
      `<domainbackup mode='pull'>
  <server transport='tcp' tls='yes' name='::1' port='10809'/>
  <disks>
    <disk name='vda' backup='yes' type='file' exportname='e' exportbitmap='b'>
      <scratch file='/s'/>
    </disk>
  </disks>
</domainbackup>
`,
    ],
  ])("%s", (_, xml, expected) => {
    expect(backup(xml)).toBe(expected);
    expect(backup(expected)).toBe(expected);
  });
});

describe("checkpoints are written as libvirt would", () => {
  it.each([
    ["nothing", "<domaincheckpoint/>", "<domaincheckpoint>\n</domaincheckpoint>\n"],
    [
      "all there is",
      `<domaincheckpoint><disks><disk name='vda' size='7' bitmap='x'/><disk checkpoint='no' name='/a/b'/></disks>
        <description>a &lt; b</description><creationTime>12</creationTime><parent><name>p</name></parent><name>x</name>
        <domain type='kvm'><name>vm</name><devices><disk/></devices><title>it&apos;s</title></domain></domaincheckpoint>`,
      `<domaincheckpoint>
  <name>x</name>
  <description>a &lt; b</description>
  <parent>
    <name>p</name>
  </parent>
  <creationTime>12</creationTime>
  <disks>
    <disk name='vda' checkpoint='bitmap' bitmap='x' size='7'/>
    <disk name='/a/b' checkpoint='no'/>
  </disks>
  <domain type='kvm'>
    <name>vm</name>
    <devices>
      <disk/>
    </devices>
    <title>it&apos;s</title>
  </domain>
</domaincheckpoint>
`,
    ],
  ])("%s", (_, xml, expected) => {
    expect(checkpoint(xml)).toBe(expected);
    expect(checkpoint(expected)).toBe(expected);
  });
});

describe("releases differ", () => {
  const refused = (xml: string, libvirt?: string) => {
    const root = rootOf(xml);
    const { diagnostics } =
      root.name === "domainbackup" ? readBackup(root, libvirt) : readCheckpointDocument(root, libvirt);
    return diagnostics.map(({ message, hint }) => `${message}: ${hint}`);
  };

  it.each([
    [
      "a server's socket that is passed",
      "11.3.0",
      "<domainbackup mode='pull'><server transport='fd' fdgroup='nbd'/></domainbackup>",
    ],
    [
      "a disk by its name alone, in a push",
      "11.3.0",
      "<domainbackup><disks><disk name='vdc'/><disk name='vdd' backup='yes'/></disks></domainbackup>",
    ],
    [
      "a disk on NVMe",
      "11.5.0",
      "<domainbackup><disks><disk name='nvme0n1' type='file'/></disks></domainbackup>",
    ],
    [
      "a disk on NVMe in a checkpoint",
      "11.5.0",
      "<domaincheckpoint><disks><disk name='nvme10n2p3'/></disks></domaincheckpoint>",
    ],
  ])("%s is taken from %s on", (_, since, xml) => {
    expect(refused(xml, since)).toEqual([]);
    expect(refused(xml, "12.8.0")).toEqual([]);
    for (const older of [undefined, "9.0.0", "11.2"]) {
      const said = refused(xml, older);
      expect(said.length).toBeGreaterThan(0);
      for (const line of said) expect(line).toContain(`libvirt ${since} and newer accept it`);
    }
  });

  it("a socket that is passed is written as it was", () => {
    const { backup: read } = readBackup(
      rootOf("<domainbackup mode='pull'><server transport='fd' fdgroup='nbd'/></domainbackup>"),
      "12.8.0",
    );
    expect(read && writeBackup(read)).toBe(
      "<domainbackup mode='pull'>\n  <server transport='fd' fdgroup='nbd'/>\n</domainbackup>\n",
    );
  });

  it("nobody takes a disk with a target but without a type, or a partition of nothing", () => {
    for (const disk of ["<disk name='vdc'><target file='/x'/></disk>", "<disk name='nvme0' type='file'/>"]) {
      const said = refused(`<domainbackup><disks>${disk}</disks></domainbackup>`, "12.8.0");
      expect(said).toHaveLength(1);
      expect(said[0]).not.toContain("newer accept");
    }
  });
});

it("everything that the schema refuses is said at once, each in its place", () => {
  const { diagnostics } = readBackup(
    rootOf(`<domainbackup mode='pull' id='1'>
  <disks>
    <disk name='/a' type='file'>
      <scratch dev='/s'/>
      <driver type='raw'/>
    </disk>
    <disk name='vdb' backup='no' type='file'/>
    <disk name='vdc' backupmode='full' incremental='x' exportnam='y'/>
  </disks>
</domainbackup>`),
  );
  expect(diagnostics.map(({ message, location }) => `${location?.line}: ${message.split(">: ")[1]}`)).toEqual(
    [
      "1: <domainbackup> must not have the attribute id here",
      `3: the attribute name of <disk> cannot be "/a"`,
      "4: <scratch> must not have the attribute dev here",
      "4: <scratch> needs the attribute file",
      `5: the attribute type of <driver> cannot be "raw"`,
      "7: <disk> must not have the attribute type here",
      "8: <disk> must not have the attribute exportnam here",
      "8: <disk> is a full, but names a base",
      "1: <domainbackup> needs <server>",
    ],
  );
});
