import { describe, expect, it } from "vitest";
import { CODES } from "../../../src/diagnostics/codes.js";
import { checkCall } from "../../../src/libvirt/check-call.js";
import type { Checkpoint } from "../../../src/libvirt/checkpoint.js";
import { readBackup } from "../../../src/libvirt/read-backup.js";
import { readCheckpointDocument } from "../../../src/libvirt/read-checkpoint.js";
import { readDomain } from "../../../src/libvirt/read-domain.js";
import { PAGES, RULES } from "../../../src/libvirt/rules/index.js";
import { readXml, type XmlElement } from "../../../src/libvirt/xml.js";

const disk = (target: string, format: string, extra = "") =>
  `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='/images/${target}'/><target dev='${target}'/>${extra}</disk>`;

const DOMAIN = `<domain><name>vm</name><uuid>6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a01</uuid><devices>
${disk("vda", "qcow2")}${disk("vdb", "qcow2")}${disk("vdc", "raw")}
${disk("vdd", "qcow2", "<readonly/>")}${disk("vde", "qcow2", "<transient/>")}
${disk("vdf", "qcow2", "<shareable/>")}${disk("vdg", "qcow2", "<mirror type='file'/>")}
<disk type='file' device='cdrom'><target dev='sda'/></disk>
</devices></domain>`;

const COVERS_VDA: Checkpoint = { name: "base", disks: [{ name: "vda", checkpoint: "bitmap" }] };

function rootOf(xml: string): XmlElement {
  const { root } = readXml(Buffer.from(xml), "f");
  if (root === undefined) throw new Error("not well-formed");
  return root;
}

/** The rules that a call breaks: codes, those of warnings in parentheses. */
function broken(documents: string, checkpoints: readonly Checkpoint[] = [COVERS_VDA]): string[] {
  const { domain } = readDomain(Buffer.from(DOMAIN), "domain.xml");
  if (domain === undefined) throw new Error("no domain");
  const roots = rootOf(`<all>${documents}</all>`).children;
  const [backup, checkpoint] = ["domainbackup", "domaincheckpoint"].map((name) =>
    roots.find((root) => root.name === name),
  );
  const b = backup && readBackup(backup);
  const c = checkpoint && readCheckpointDocument(checkpoint);
  expect([...(b?.diagnostics ?? []), ...(c?.diagnostics ?? [])]).toEqual([]);
  return checkCall(
    {
      ...(b?.backup && { backup: b.backup }),
      ...(c?.checkpoint && { checkpoint: c.checkpoint }),
      ...(documents.startsWith("<redefine/>") && { redefine: true as const }),
    },
    domain,
    checkpoints,
  ).map(({ rule, severity }) => (severity === undefined ? rule.code : `(${rule.code})`));
}

const push = (disks: string, more = "") => `<domainbackup>${more}<disks>${disks}</disks></domainbackup>`;
const pull = (disks: string, server = "name='h' port='1'") =>
  `<domainbackup mode='pull'><server ${server}/><disks>${disks}</disks></domainbackup>`;
const to = (name: string, attributes = "", inner = "", path = `/b/${name}`) =>
  `<disk name='${name}' type='file' ${attributes}><target file='${path}'>${inner}</target></disk>`;
const scratch = (name: string, attributes = "", path = `/s/${name}`) =>
  `<disk name='${name}' type='file' ${attributes}><scratch file='${path}'/></disk>`;
const checkpoint = (disks: string, name = "new") =>
  `<domaincheckpoint><name>${name}</name><disks>${disks}</disks></domaincheckpoint>`;

describe("each rule, by the least that breaks it", () => {
  it.each<[code: string, documents: string, also?: readonly string[]]>([
    ["TM401", checkpoint("<disk name='vda'/>", "x".repeat(201))],
    ["TM402", push(to("vde"))],
    [
      "TM405",
      push(
        `<disk name='vda' type='file' incremental='base'><driver type='raw'/><target file='/b/a'/></disk>`,
      ),
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
    [
      "TM433",
      push(to("vda", "", "<seclabel model='dac' relabel='no'/><seclabel model='dac' relabel='no'/>")),
    ],
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
  ])("%s", (code, documents) => expect(broken(documents)).toEqual([code]));

  it("TM437, a warning until the image is full", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...COVERS_VDA, name: `c${index}` }));
    expect(broken(checkpoint("<disk name='vda'/>"), many(31))).toEqual([]);
    expect(broken(checkpoint("<disk name='vda'/>"), many(32))).toEqual(["(TM437)"]);
    expect(broken(checkpoint("<disk name='vda'/>"), many(65535))).toEqual(["TM437"]);
  });
});

describe("what libvirt takes", () => {
  it.each<[string, string]>([
    [
      "a full of two disks and a checkpoint of both",
      push(to("vda") + to("vdb")) + checkpoint("<disk name='vda'/><disk name='/images/vdb'/>"),
    ],
    ["an incremental since a checkpoint that covers the disk", push(to("vda", "incremental='base'"))],
    [
      "a full beside an incremental, under one base for all",
      push(to("vda") + to("vdb", "backupmode='full'"), "<incremental>base</incremental>"),
    ],
    ["a raw disk, whole", push(to("vdc"))],
    ["a read-only disk, whole", push(to("vdd"))],
    [
      "an unknown base that no disk uses",
      push(to("vda", "backupmode='full'"), "<incremental>gone</incremental>"),
    ],
    [
      "two disks with bitmaps of one name",
      pull(scratch("vda", "exportbitmap='b'") + scratch("vdb", "exportbitmap='b'")),
    ],
    [
      "a checkpoint that is defined again, with a parent that is there",
      "<redefine/><domaincheckpoint><name>x</name><parent><name>base</name></parent><creationTime>1</creationTime></domaincheckpoint>",
    ],
  ])("%s", (_, documents) => expect(broken(documents)).toEqual([]));
});

it("every code of libvirt's rules has one page, with its source", () => {
  const codes = Object.keys(CODES).filter((code) => code.startsWith("TM4"));
  expect(PAGES.map(({ code }) => code)).toEqual(codes.sort());
  expect(new Set(RULES.map(({ code }) => code)).size).toBe(RULES.length);
  for (const { page, source } of PAGES) expect([page, source].every((text) => text.length > 20)).toBe(true);
});
