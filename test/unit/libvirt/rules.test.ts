import { describe, expect, it } from "vitest";
import { CODES } from "../../../src/diagnostics/codes.js";
import { checkCall } from "../../../src/libvirt/check-call.js";
import type { Checkpoint } from "../../../src/libvirt/checkpoint.js";
import { readBackup } from "../../../src/libvirt/read-backup.js";
import { readCheckpointDocument } from "../../../src/libvirt/read-checkpoint.js";
import { readDomain } from "../../../src/libvirt/read-domain.js";
import { PAGES, RULES } from "../../../src/libvirt/rules/index.js";
import { readXml, type XmlElement } from "../../../src/libvirt/xml.js";
import {
  COVERS_VDA,
  checkpoint,
  DOMAIN,
  LEAST,
  pull,
  push,
  scratch,
  to,
} from "../../support/broken-calls.js";

function rootOf(xml: string): XmlElement {
  const { root } = readXml(Buffer.from(xml), "f");
  if (root === undefined) throw new Error("not well-formed");
  return root;
}

/** The rules that a call breaks: codes, those of warnings in parentheses. */
function broken(
  documents: string,
  checkpoints: readonly Checkpoint[] = [COVERS_VDA],
  libvirt?: string,
): string[] {
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
      ...(libvirt !== undefined && { libvirt }),
    },
    domain,
    checkpoints,
  ).map(({ rule, severity }) => (severity === undefined ? rule.code : `(${rule.code})`));
}

describe("each rule, by the least that breaks it", () => {
  it.each(LEAST)("%s", (code, documents) => expect(broken(documents)).toEqual([code]));

  it("TM437, a warning until the image is full", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...COVERS_VDA, name: `c${index}` }));
    expect(broken(checkpoint("<disk name='vda'/>"), many(31))).toEqual([]);
    expect(broken(checkpoint("<disk name='vda'/>"), many(32))).toEqual(["(TM437)"]);
    expect(broken(checkpoint("<disk name='vda'/>"), many(65535))).toEqual(["TM437"]);
  });
});

it("TM424, a server without a port, until libvirt chooses one; too high a port, for ever", () => {
  const serverOf = (port: string) => pull(scratch("vda"), `name='h'${port}`);
  for (const port of ["", " port='0'"]) {
    expect(broken(serverOf(port), [], "12.7.0")).toEqual(["TM424"]);
    expect(broken(serverOf(port), [], "12.8.0")).toEqual([]);
  }
  expect(broken(serverOf(" port='65536'"), [], "12.8.0")).toEqual(["TM424"]);
});

it("TM432, an encrypted image that is raw, since libvirt makes it in another size; qcow2, never", () => {
  const encryption = "<encryption format='luks'><secret type='passphrase' usage='x'/></encryption>";
  const to = (format: string) =>
    push(
      `<disk name='vda' type='file'><driver type='${format}'/><target file='/b/vda'>${encryption}</target></disk>`,
    );
  expect(broken(to("raw"), [], "11.2.0")).toEqual([]);
  expect(broken(to("raw"), [], "11.3.0")).toEqual(["TM432"]);
  expect(broken(to("qcow2"), [], "11.3.0")).toEqual([]);
  expect(broken(to("vmdk"), [], "9.0.0")).toEqual(["TM432"]);
});

it("TM423, a listed file without a path, until libvirt generates one", () => {
  const listed = push("<disk name='vda' type='file'/>");
  expect(broken(listed, [], "11.2.0")).toEqual(["TM423"]);
  expect(broken(listed, [], "11.3.0")).toEqual([]);
});

it("TM423, a block device where libvirt would have to make up a name; a file or a volume, never", () => {
  const domain = (...disks: readonly string[]) =>
    `<domain><name>vm</name><uuid>6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a01</uuid><devices>${disks.join("")}</devices></domain>`;
  const disk = (type: string, source: string) =>
    `<disk type='${type}'><driver type='qcow2'/><source ${source}/><target dev='vda'/></disk>`;
  for (const [xml, codes] of [
    [disk("block", "dev='/dev/vg/a'"), ["TM423"]],
    [disk("network", "protocol='nbd' name='x'"), ["TM423"]],
    [disk("file", "file='/images/a'"), []],
    [disk("volume", "pool='p' volume='v'"), []],
  ] as const) {
    const read = readDomain(Buffer.from(domain(xml)), "domain.xml").domain;
    if (read === undefined) throw new Error("no domain");
    const { backup } = readBackup(rootOf("<domainbackup/>"));
    for (const checkpoint of [
      undefined,
      { name: "c", disks: [{ name: "vda", checkpoint: "bitmap" }] } as const,
    ]) {
      const documents = { ...(backup && { backup }), ...(checkpoint && { checkpoint }) };
      const errors = checkCall(documents, read, []).filter(({ severity }) => severity === undefined);
      expect(errors.map(({ rule }) => rule.code)).toEqual(codes);
    }
  }
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
