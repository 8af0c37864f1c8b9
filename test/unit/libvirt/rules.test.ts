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
