import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { readDomain } from "../../../src/libvirt/read-domain.js";

/** read_disks (lib/host.bash) beside the compiler's reading of the same XML, however that is written. */

const disks = `<disk device="disk" type='file'><target bus='virtio' dev="vda"/><driver name='qemu' type="qcow2"/>
  <backingStore type='file'><format type='raw'/><source file='/below'/></backingStore><source
  index='1' file="/srv/it's &amp; &lt;x&gt;.qcow2"/></disk>
<!-- <disk type='file'><source file='/comment'/><target dev='vdx'/></disk> -->
<disk type='block' device='lun'><driver type='raw'/><source dev='/dev/vg/a'/><target dev='sda'/></disk>
<disk type='volume' device='disk'><source pool='default' volume='web.qcow2'/><driver type='qcow2'/><target dev='vdb'/></disk>
<disk type='network'><source protocol="rbd" name='pool/x'><host name='h'/></source><target dev='vdc'/></disk>
<disk type='file' device='cdrom'><target dev='sdb'/><readonly/></disk>
<disk><source file='/plain'/><target dev='vdd'/></disk>`;
const xml = `<domain type='kvm'><name>web</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid><metadata>
<disk type='file'><source file='/metadata'/><target dev='vdy'/></disk></metadata><devices>${disks}</devices></domain>`;

it("finds the disks that the compiler finds", () => {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/restore.bash
v() { printf '%s' "$XML"; }
read_disks
for target in "\${ATTACHED[@]}"; do
  printf '%s\\0' "$target|\${ATTACHED_TYPE[$target]}|\${ATTACHED_DEVICE[$target]}|\${ATTACHED_FORMAT[$target]}|\${ATTACHED_SOURCE[$target]}"
done`;
  const done = spawnSync("bash", ["-c", script], { encoding: "utf8", env: { ...process.env, XML: xml } });
  expect(done.stderr).toBe("");
  const { domain, diagnostics } = readDomain(Buffer.from(xml), "web.xml");
  expect(diagnostics).toEqual([]);
  expect(done.stdout.split("\0").slice(0, -1)).toEqual(
    domain?.disks.map(({ target, type, device, format, source = "" }) =>
      [target, type, device, format, source].join("|"),
    ),
  );
  expect(domain?.disks).toHaveLength(6);
});

it("refuses what it cannot read, as a disk could be missed", () => {
  const script = `source templates/lib/guard.bash off
source templates/lib/restore.bash
v() { printf '<domain><devices>'; }
read_disks`;
  const done = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(done.status).toBe(3);
  expect(done.stderr).toMatch(/cannot be read: the element <devices> has no end/);
});
