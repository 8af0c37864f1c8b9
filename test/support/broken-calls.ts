/** One domain with a disk of each kind, and the calls about it that libvirt's rules refuse. */
import type { Checkpoint } from "../../src/libvirt/checkpoint.js";

const disk = (target: string, format: string, extra = "") =>
  `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='/images/${target}'/><target dev='${target}'/>${extra}</disk>`;

export const DOMAIN = `<domain><name>vm</name><uuid>6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a01</uuid><devices>
${disk("vda", "qcow2")}${disk("vdb", "qcow2")}${disk("vdc", "raw")}
${disk("vdd", "qcow2", "<readonly/>")}${disk("vde", "qcow2", "<transient/>")}
${disk("vdf", "qcow2", "<shareable/>")}${disk("vdg", "qcow2", "<mirror type='file'/>")}
<disk type='file' device='cdrom'><target dev='sda'/></disk>
<disk type='file'><driver type='qcow2'/><source file='/images/sdb'/><target dev='sdb' bus='sd'/></disk>
<disk type='vhostuser'><source type='unix' path='/run/x'/><target dev='vdh'/></disk>
<disk type='block' device='lun'><source dev='/dev/sdz'/><target dev='sdc' bus='scsi'/></disk>
<disk type='dir'><driver type='fat'/><source dir='/srv'/><target dev='vdi'/></disk>
<disk type='nvme'><source type='pci' namespace='1'/><target dev='vdj'/></disk>
<disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/><target dev='vdk'/></disk>
</devices></domain>`;

export const COVERS_VDA: Checkpoint = { name: "base", disks: [{ name: "vda", checkpoint: "bitmap" }] };

export const push = (disks: string, more = "") =>
  `<domainbackup>${more}<disks>${disks}</disks></domainbackup>`;
export const pull = (disks: string, server = "name='h' port='1'") =>
  `<domainbackup mode='pull'><server ${server}/><disks>${disks}</disks></domainbackup>`;
export const to = (name: string, attributes = "", inner = "", path = `/b/${name}`) =>
  `<disk name='${name}' type='file' ${attributes}><target file='${path}'>${inner}</target></disk>`;
export const scratch = (name: string, attributes = "", path = `/s/${name}`) =>
  `<disk name='${name}' type='file' ${attributes}><scratch file='${path}'/></disk>`;
export const checkpoint = (disks: string, name = "new") =>
  `<domaincheckpoint><name>${name}</name><disks>${disks}</disks></domaincheckpoint>`;

/** The least that breaks each rule, for `DOMAIN` with the checkpoint `COVERS_VDA`; codes of warnings in parentheses. */
export const LEAST: readonly (readonly [code: string, documents: string])[] = [
  ["TM401", checkpoint("<disk name='vda'/>", "x".repeat(201))],
  ...["vde", "sdb", "vdh", "sdc", "vdi", "vdj", "vdk"].map((target) => ["TM402", push(to(target))] as const),
  [
    "TM405",
    push(`<disk name='vda' type='file' incremental='base'><driver type='raw'/><target file='/b/a'/></disk>`),
  ],
  ["TM410", push(to("vdz") + to("vda"))],
  ["TM411", checkpoint("<disk name='vda'/><disk name='/images/vda'/>")],
  ["TM412", checkpoint("<disk name='vdd'/>")],
  ["TM413", checkpoint("<disk name='vdc'/>")],
  ["TM414", checkpoint("<disk name='vda' bitmap='other'/>")],
  ["TM415", checkpoint("<disk name='vda'/>", "base")],
  ["(TM416)", checkpoint("<disk name='vda' checkpoint='no'/>")],
  ["TM417", push("<disk name='vda' backup='no'/>")],
  ["TM418", push(to("sda"))],
  ["TM420", push(to("vda", "backupmode='incremental'"))],
  ["TM421", push(to("vda", "incremental='gone'"))],
  ["TM422", push(to("vdb", "incremental='base'"))],
  ["TM423", push("<disk name='vda' type='file'/>")],
  ["TM424", pull(scratch("vda"), "name='h'")],
  ["TM424", pull(scratch("vda"), "name='h' port='65536'")],
  ["TM425", pull(scratch("vda"), `transport='unix' socket='/${"é".repeat(54)}'`)],
  ["TM426", pull(scratch("vda", "exportname='x'") + scratch("vdb", "exportname='x'"))],
  ["TM426", pull(scratch("vda", `exportname='${"x".repeat(4097)}'`))],
  ["TM427", pull(scratch("vda", "incremental='base' exportbitmap=''"))],
  ["TM428", push(to("vda", "", "", "/b/x") + to("vdb", "", "", "/b/x"))],
  ["TM429", push(to("vda", "", "", "/images/../images/vdb"))],
  ["(TM429)", push(to("vda", "", "", "/images/backup"))],
  ["TM430", push(`<disk name='vda' type='file'><driver type='bochs'/><target file='/b/a'/></disk>`)],
  [
    "TM432",
    push(
      `<disk name='vda' type='file'><driver type='vmdk'/><target file='/b/a'><encryption format='luks'><secret type='passphrase' usage='u'/></encryption></target></disk>`,
    ),
  ],
  ["TM433", push(to("vda", "", "<seclabel model='dac' relabel='no'/><seclabel model='dac' relabel='no'/>"))],
  ["TM434", push(to("vda")) + checkpoint("<disk name='vda'/><disk name='vdb'/>")],
  ["TM435", checkpoint("<disk name='vdf'/>")],
  ["TM436", push(to("vdg"))],
  ["TM438", "<redefine/><domaincheckpoint><name>x</name></domaincheckpoint>"],
  ["TM438", "<redefine/><domaincheckpoint><creationTime>1</creationTime></domaincheckpoint>"],
  [
    "TM438",
    "<redefine/><domaincheckpoint><name>x</name><parent><name>y</name></parent><creationTime>1</creationTime></domaincheckpoint>",
  ],
  [
    "TM438",
    "<redefine/><domaincheckpoint><name>x</name><parent><name>x</name></parent><creationTime>1</creationTime></domaincheckpoint>",
  ],
  [
    "TM438",
    "<redefine/><domaincheckpoint><name>x</name><creationTime>1</creationTime><domain><uuid>6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a02</uuid></domain></domaincheckpoint>",
  ],
];
