import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

/** `--define` (lib/define.bash): what of a saved XML, which anybody may have written, comes into the new domain. */

const folder = mkdtempSync(join(tmpdir(), "tidemark-define-"));
const point = "nightly-20261206T010000Z";
mkdirSync(join(folder, point));
afterAll(() => rmSync(folder, { recursive: true }));

interface Defined {
  readonly status: number | null;
  /** The new document, an element a line. */
  readonly xml: string;
  /** The warnings and errors, without their times. */
  readonly said: readonly string[];
}

/** Runs new_domain on a document as `restore_point` would: disks restored as qcow2 unless `format` says otherwise. */
function define(
  xml: string,
  {
    keep = "",
    format = "qcow2",
    targets = ["vda"],
  }: { keep?: string; format?: string; targets?: string[] } = {},
): Defined {
  writeFileSync(join(folder, point, "domain.xml"), xml);
  const script = `set -euo pipefail
source templates/lib/guard.bash off; source templates/lib/restore.bash
ask_libvirt() { echo taken; }
DOMAIN[folder]=$1
find_target_paths /out "$4" "\${@:6}"
new_domain "\${@:2}"
printf '%s\\n' "$NEW_DOMAIN"`;
  const args = ["-c", script, "-", folder, point, "new & <x>", format, keep, ...targets];
  const done = spawnSync("bash", args, { encoding: "utf8" });
  const said = done.stderr.split("\n").filter(Boolean);
  return { status: done.status, xml: done.stdout, said: said.map((line) => line.replace(/^\S+ +/, "")) };
}

const DISK = `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/old/vda'/><target dev='vda' bus='virtio'/></disk>`;
const domain = (devices: string, more = "", os = "") =>
  `<domain type='kvm'><name>web</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>${more}<os><type>hvm</type>${os}</os><devices>${devices}</devices></domain>`;
/** What `define` makes of a domain with one restored disk and these devices, without that disk. */
const devicesOf = ({ xml }: Defined) =>
  xml
    .slice(xml.indexOf("<devices>") + 10, xml.indexOf("  </devices>"))
    .replace(/^ {4}<disk.*?<\/disk>\n/s, "");

it("keeps of a restored disk all that is not about its source", () => {
  const own = [
    "<iotune><total_iops_sec>100</total_iops_sec></iotune>",
    "<blockio logical_block_size='4096'/>",
    "<boot order='1'/>",
    "<serial>a&amp;b</serial>",
    "<wwn>5000c50015ea71ad</wwn>",
    "<vendor>V</vendor>",
    "<product>P</product>",
    "<geometry cyls='1' heads='2' secs='3'/>",
    "<alias name='ua-x'/>",
    "<address type='pci' bus='0x04'/>",
    "<transient/>",
    "<readonly/>",
  ];
  const { xml, said, status } = define(
    domain(`<disk device = "lun" model='virtio-transitional' snapshot='no'
      type="network"><auth username='x'><secret type='ceph' uuid='1'/></auth>
      <source protocol='rbd' name='p/x'><host name='h'/></source><target bus='scsi' dev="vda"/><backingStore type='file'><source file='/etc/shadow'/></backingStore>
      <driver name='qemu' type='raw' cache='none' io='native' discard='unmap' detect_zeroes='on' iothread='1' queues='4'/><encryption format='luks'/>${own.join("")}</disk>`),
  );
  expect(status).toBe(0);
  expect(said).toEqual([]);
  const flat = xml.replace(/\n */g, "");
  for (const each of own) expect(flat).toContain(each);
  expect(flat).toContain(
    "<driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap' detect_zeroes='on' iothread='1' queues='4'/>",
  );
  expect(flat).toContain("<disk device='disk' model='virtio-transitional' snapshot='no' type='file'>");
  expect(flat).toContain("<source file='/out/vda.qcow2'/>");
  expect(flat.match(/<source/g)).toHaveLength(1);
  for (const gone of ["rbd", "shadow", "auth", "encryption", "lun"]) expect(flat).not.toContain(gone);
});

it("leaves out of a raw disk's driver what only qcow2 has", () => {
  const driver =
    "<driver name='qemu' type='qcow2' discard_no_unref='on'><metadata_cache><max_size>1</max_size></metadata_cache><statistics/></driver>";
  const xml = domain(`<disk type='file'>${driver}<source file='/old'/><target dev='vda'/></disk>`);
  expect(define(xml).xml).toMatch(/discard_no_unref='on'[\s\S]*metadata_cache/);
  expect(define(xml, { format: "raw" }).xml.replace(/\n */g, "")).toContain(
    "<driver name='qemu' type='raw'><statistics/></driver>",
  );
});

it("gives the domain its new name, and neither UUID nor MAC address", () => {
  const { xml, said } = define(
    domain(
      `${DISK}<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/></interface>`,
      `<genid>6695eb01-f6a4-8304-79aa-97f2502e193f</genid><sysinfo type='smbios'><system><entry name='uuid'>6695eb01-f6a4-8304-79aa-97f2502e193f</entry><entry name='product'>x</entry></system></sysinfo>`,
    ),
  );
  expect(said).toEqual([]);
  expect(xml).toContain("<name>new &amp; &lt;x&gt;</name>");
  expect(xml).toContain("<entry name='product'>x</entry>");
  expect(xml).not.toMatch(/6695eb01|52:54/);
});

const HOST: readonly (readonly [what: string, xml: string, left: string, says: RegExp])[] = [
  [
    "a host device",
    "<hostdev mode='subsystem' type='pci'><source><address bus='1'/></source></hostdev>",
    "",
    /<devices\/hostdev>.*--keep hostdev/,
  ],
  [
    "a shared folder",
    "<filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>",
    "",
    /<devices\/filesystem>.* source dir='\/'.*--keep filesystem/,
  ],
  ["shared memory", "<shmem name='x'/>", "", /--keep shmem/],
  ["an emulator", "<emulator>/tmp/evil</emulator>", "", /<devices\/emulator> \/tmp\/evil.*--keep emulator/],
  [
    "a network card with a script",
    "<interface type='ethernet'><script path='/tmp/evil'/></interface>",
    "",
    /type='ethernet'.*--keep interface/,
  ],
  [
    "a card of the host",
    "<interface type='direct'><source dev='eth0' mode='passthrough'/></interface>",
    "",
    /type='direct'/,
  ],
  [
    "a script of a network card",
    "<interface type='bridge'><source bridge='br0'/><script path='/tmp/evil'/></interface>",
    "<interface type='bridge'><source bridge='br0'/></interface>",
    /<devices\/interface\/script> path='\/tmp\/evil'/,
  ],
  [
    "a vhost device",
    "<interface type='network'><source network='n'/><backend tap='/dev/x' vhost='/dev/y'/></interface>",
    "<interface type='network'><source network='n'/></interface>",
    /interface\/backend/,
  ],
  [
    "a ROM file",
    "<interface type='network'><source network='n'/><rom bar='on' file='/etc/shadow'/></interface>",
    "<interface type='network'><source network='n'/><rom bar='on'/></interface>",
    /of <devices\/interface\/rom> file='\/etc\/shadow'/,
  ],
  [
    "a serial port to a file",
    "<serial type='file'><source path='/etc/passwd'/><log file='/x'/><target port='0'/></serial>",
    "<serial type='pty'><target port='0'/></serial>",
    /type='file' source path='\/etc\/passwd'/,
  ],
  [
    "a serial port to a device",
    "<parallel type='dev'><source path='/dev/lp0'/><target port='0'/></parallel>",
    "<parallel type='pty'><target port='0'/></parallel>",
    /\/dev\/lp0/,
  ],
  [
    "a serial port's socket",
    "<console type='unix'><source mode='bind' path='/run/x'/><target type='virtio'/></console>",
    "<console type='pty'><target type='virtio'/></console>",
    /\/run\/x/,
  ],
  [
    "a log file",
    "<serial type='pty'><log file='/x' append='on'/><target port='0'/></serial>",
    "<serial type='pty'><target port='0'/></serial>",
    /serial\/log> file='\/x'/,
  ],
  [
    "an agent's socket",
    "<channel type='unix'><source mode='bind' path='/run/x'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
    /channel\/source> mode='bind' path='\/run\/x'/,
  ],
  [
    "a channel to a file",
    "<channel type='file'><source path='/etc/passwd'/><target type='virtio' name='x'/></channel>",
    "<channel type='pty'><target type='virtio' name='x'/></channel>",
    /\/etc\/passwd/,
  ],
  [
    "input from the host",
    "<input type='evdev'><source dev='/dev/input/event0'/></input>",
    "",
    /evdev.*\/dev\/input\/event0/,
  ],
  [
    "a TPM of the host",
    "<tpm model='tpm-tis'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>",
    "",
    /tpm\/backend> type='passthrough'/,
  ],
  [
    "a TPM's state",
    "<tpm model='tpm-crb'><backend type='emulator' version='2.0'><source type='dir' path='/var/x'/></backend></tpm>",
    "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>",
    /TPM of the new domain is empty|backend\/source> type='dir' path='\/var\/x'/,
  ],
  [
    "a display at a fixed place",
    "<graphics type='vnc' port='5901' autoport='no' listen='0.0.0.0'><listen type='address' address='0.0.0.0'/></graphics>",
    "<graphics type='vnc' autoport='yes'><listen type='address'/></graphics>",
    /port='5901' listen='0.0.0.0'|address='0.0.0.0'/,
  ],
  [
    "a display's socket",
    "<graphics type='vnc' socket='/run/x'><listen type='socket' socket='/run/x'/></graphics>",
    "<graphics type='vnc' autoport='yes'/>",
    /socket='\/run\/x'/,
  ],
  ["a display on the host's own", "<graphics type='sdl' xauth='/root/.Xauthority'/>", "", /sdl/],
  [
    "a graphics card of the host",
    "<video><model type='virtio'><acceleration accel3d='yes' rendernode='/dev/dri/x'/></model></video>",
    "<video><model type='virtio'><acceleration accel3d='yes'/></model></video>",
    /rendernode/,
  ],
  [
    "sound to a file",
    "<audio id='1' type='file' path='/etc/x'><output mixingEngine='yes'/></audio>",
    "<audio id='1' type='none'/>",
    /path='\/etc\/x'/,
  ],
  [
    "entropy from elsewhere",
    "<rng model='virtio'><backend model='egd' type='tcp'><source host='x'/></backend></rng>",
    "",
    /egd/,
  ],
  [
    "entropy from a file",
    "<rng model='virtio'><backend model='random'>/etc/shadow</backend></rng>",
    "",
    /\/etc\/shadow/,
  ],
  ["memory in a file", "<memory model='nvdimm'><source><path>/srv/x</path></source></memory>", "", /nvdimm/],
  [
    "a medium in a drive",
    "<disk type='file' device='cdrom'><source file='/srv/x.iso'/><target dev='sda'/><readonly/></disk>",
    "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>",
    /medium \/srv\/x\.iso \(--keep cdrom/,
  ],
  [
    "a disk that was not restored",
    `<disk type='block'><source dev="/dev/sda"/><target bus='virtio' dev="vdz"/></disk>`,
    "",
    /disk vdz \/dev\/sda: it was not restored/,
  ],
  ["what nobody knows", "<quantum link='x'/>", "", /<devices\/quantum> link='x'/],
];

it.each(HOST)("leaves out %s, and says so", (_, xml, left, says) => {
  const defined = define(domain(DISK + xml));
  expect(defined.status, defined.said.join("\n")).toBe(0);
  expect(devicesOf(defined).replace(/\n */g, "").trim()).toBe(left);
  expect(defined.said.length).toBeGreaterThan(0);
  for (const line of defined.said) expect(line).toMatch(says);
});

it.each([
  [
    "a kernel of the host",
    "<kernel>/boot/vmlinuz</kernel><initrd>/boot/initrd</initrd><cmdline>x</cmdline>",
    "",
    3,
  ],
  ["firmware that can be written", "<loader readonly='no' type='pflash'>/usr/share/x.fd</loader>", "", 1],
  [
    "firmware from elsewhere",
    "<loader readonly='yes' type='pflash'>/usr/share/../../tmp/x.fd</loader>",
    "",
    1,
  ],
  [
    "the old domain's firmware variables",
    "<loader readonly='yes' type='pflash'>/usr/share/x.fd</loader><nvram type='file' template='/usr/share/v.fd'><source file='/var/lib/x'/></nvram>",
    "<loader readonly='yes' type='pflash'>/usr/share/x.fd</loader><nvram template='/usr/share/v.fd'/>",
    1,
  ],
  [
    "the old domain's store of UEFI variables",
    "<loader type='rom' format='raw'>/usr/share/x.fd</loader><varstore template='/usr/share/v.json' path='/var/lib/x.json'/>",
    "<loader type='rom' format='raw'>/usr/share/x.fd</loader><varstore template='/usr/share/v.json'/>",
    1,
  ],
  ["a store of UEFI variables without a template", "<varstore path='/var/lib/x.json'/>", "", 1],
  ["firmware variables from elsewhere", "<nvram template='/tmp/v.fd'/>", "", 1],
] as const)("leaves out %s", (_, os, left, count) => {
  const { xml, said } = define(domain(DISK, "", os));
  expect(said).toHaveLength(count);
  expect(xml.replace(/\n */g, "")).toContain(`<os><type>hvm</type>${left}</os>`);
});

it.each([
  [
    "QEMU's own arguments",
    "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-x'/></qemu:commandline>",
  ],
  ["security labels", "<seclabel type='none'/>"],
  ["other programs' notes", "<metadata><x/></metadata>"],
  ["a partition of the host", "<resource><partition>/x</partition></resource>"],
  ["firmware's own files", "<sysinfo type='fwcfg'><entry name='opt/x' file='/etc/shadow'/></sysinfo>"],
  ["a boot loader", "<bootloader>/bin/sh</bootloader>"],
  [
    "disks outside of the devices",
    "<disk type='file'><source file='/etc/shadow'/><target dev='vdb'/></disk>",
  ],
])("leaves out %s of the domain", (_, more) => {
  const { xml, said } = define(domain(DISK, more));
  expect(said).toHaveLength(1);
  expect(xml).toBe(define(domain(DISK)).xml);
});

it("keeps what is named, as it is there", () => {
  const hostdev = "<hostdev mode='subsystem' type='pci'><source><address bus='1'/></source></hostdev>";
  const xml = domain(
    `${DISK}${hostdev}<serial type='file'><source path='/x'/></serial><disk type='file' device='disk'><source file='/old/vdb'/><target dev='vdb'/></disk><disk type='file' device='cdrom'><source file='/x.iso'/><target dev='sda'/></disk>`,
    "<q:commandline xmlns:q='urn:q'><q:arg value='-x'/></q:commandline>",
  );
  const { xml: kept, said } = define(xml, { keep: "hostdev,serial,disk,cdrom,commandline,watchdog" });
  const flat = kept.replace(/\n */g, "");
  for (const part of [
    hostdev,
    "<source path='/x'/>",
    "<source file='/old/vdb'/>",
    "<source file='/x.iso'/>",
    "<q:arg value='-x'/>",
  ]) {
    expect(flat).toContain(part);
  }
  expect(flat).not.toContain("/old/vda");
  expect(said).toEqual(["warning: --keep watchdog: the saved XML has no such element"]);
  expect(define(xml, { keep: "devices" })).toMatchObject({ status: 3, xml: "" });
});

it.each([
  ["a document that is not well-formed", "<domain", /cannot be used/],
  [
    "a document with entities",
    `<!DOCTYPE domain [<!ENTITY x SYSTEM "/etc/passwd">]>${domain(DISK)}`,
    /DOCTYPE/,
  ],
  ["no domain", "<network><name>x</name></network>", /not the XML of a domain/],
  ["a container", domain(DISK).replace("kvm", "lxc"), /not the XML of a domain of QEMU/],
  ["two names", domain(DISK, "<name>other</name>"), /2 elements <name>/],
  [
    "two lists of devices",
    domain(DISK, `<devices><emulator>/tmp/evil</emulator></devices>`),
    /2 elements <devices>/,
  ],
  ["a disk that stands there twice", domain(DISK + DISK), /disk vda twice/],
  [
    "a disk with two targets",
    domain(DISK.replace("</disk>", "<target dev='vdb'/></disk>")),
    /without a target/,
  ],
  ["no such disk", domain(""), /has no disk vda/],
])("refuses %s", (_, xml, says) => {
  const { status, xml: made, said } = define(xml);
  expect({ status, made }).toEqual({ status: 3, made: "" });
  expect(said.join("\n")).toMatch(says);
});

it("refuses a name that is taken, and a document behind a link", () => {
  const script =
    'source templates/lib/guard.bash off; source templates/lib/restore.bash; ask_libvirt() { echo "new & <x>"; }; refuse_known "new & <x>"';
  expect(spawnSync("bash", ["-c", script], { encoding: "utf8" })).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/there is a domain new & <x> already/),
  });
  define(domain(DISK));
  rmSync(join(folder, point, "domain.xml"));
  writeFileSync(join(folder, "elsewhere.xml"), domain(DISK));
  symlinkSync(join(folder, "elsewhere.xml"), join(folder, point, "domain.xml"));
  const linked = `source templates/lib/guard.bash off; source templates/lib/restore.bash; virsh() { :; }; DOMAIN[folder]=$1; new_domain ${point} new raw "" vda`;
  expect(spawnSync("bash", ["-c", linked, "-", folder], { encoding: "utf8" })).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/it is a link/),
  });
  rmSync(join(folder, point, "domain.xml"));
});
