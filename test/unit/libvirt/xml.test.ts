import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDomain } from "../../../src/libvirt/read-domain.js";
import { escapeXml } from "../../../src/libvirt/write.js";
import { readXml } from "../../../src/libvirt/xml.js";

const UUID = "6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a01";

const domainXml = (disks: string, name = "vm") =>
  `<domain type='kvm'><name>${name}</name><uuid>${UUID}</uuid><devices>${disks}</devices></domain>`;

const codes = (bytes: Uint8Array) =>
  readXml(bytes, "f").diagnostics.map(
    ({ code, location }) => `${code} ${location?.line}:${location?.column}`,
  );

describe("encodings", () => {
  const text = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>\n<a b='ü'>ä</a>`;
  it.each<[string, Uint8Array]>([
    ["UTF-8", Buffer.from(text("UTF-8"))],
    ["UTF-8 with a mark", Buffer.from(`\ufeff${text("UTF-8")}`)],
    ["ISO-8859-1", Buffer.from(text("ISO-8859-1"), "latin1")],
    ["UTF-16LE with a mark", Buffer.from(`\ufeff${text("UTF-16")}`, "utf16le")],
    ["UTF-16BE with a mark", Buffer.from(`\ufeff${text("UTF-16")}`, "utf16le").swap16()],
  ])("%s", (_, bytes) => {
    const { root } = readXml(bytes, "f");
    expect([root?.attributes.get("b"), root?.text]).toEqual(["ü", "ä"]);
  });
});

describe("what is refused", () => {
  it.each<[string, string, string[]]>([
    ["a DOCTYPE", "<a/>\n<!DOCTYPE a>", ["TM203 2:1"]],
    ["an entity bomb", "<!DOCTYPE a [<!ENTITY x 'xxxx'>]><a>&x;</a>", ["TM203 1:1"]],
    ["an unknown entity", "<a>&nbsp;</a>", ["TM202 1:1"]],
    ["a character that XML has not", "<a>\n <b>x\ufffe</b></a>", ["TM202 2:6"]],
    ["a reference to a character that XML has not", "<a b='&#1;'/>", ["TM202 1:1"]],
    ["an element that is not closed", "<a>\n <b>\n</a>", ["TM202 3:1"]],
    ["deep nesting", "<a>".repeat(100_000), ["TM202 1:1"]],
    ["nothing", "", ["TM202 1:1"]],
  ])("%s", (_, text, expected) => expect(codes(Buffer.from(text))).toEqual(expected));

  it("more than 4 MiB", () => expect(codes(Buffer.alloc(5 << 20, "x"))).toEqual(["TM201 1:1"]));
});

it("a DOCTYPE in a comment or in CDATA is only text", () => {
  expect(codes(Buffer.from("<a><!-- <!DOCTYPE x> --><![CDATA[<!DOCTYPE x>]]></a>"))).toEqual([]);
});

it("what libvirt's escaping writes is read back, whatever it is", () => {
  const legal = fc
    .string({ unit: "grapheme", maxLength: 40 })
    .filter((text) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text) && text.trim() === text && text !== "");
  fc.assert(
    fc.property(legal, (text) => {
      const { root } = readXml(Buffer.from(`<a b='${escapeXml(text)}'>${escapeXml(text)}</a>`), "f");
      expect([root?.attributes.get("b"), root?.text]).toEqual([text, text]);
    }),
    { numRuns: 500, seed: 3 },
  );
});

it("no damage to a document makes a reader throw", () => {
  const whole = Buffer.from(domainXml("<disk type='file'><target dev='vda'/></disk>"));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(whole.length),
      (flips, length) => {
        const bytes = Uint8Array.from(whole.subarray(0, length));
        for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
        expect(() => readDomain(bytes, "f")).not.toThrow();
      },
    ),
    { numRuns: 1000, seed: 4 },
  );
});

describe("disks", () => {
  it.each<[string, string, object]>([
    [
      "a file",
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a b'/><target dev='vda' bus='virtio'/></disk>",
      { type: "file", format: "qcow2", source: "/a b", bus: "virtio", device: "disk" },
    ],
    [
      "no driver is raw",
      "<disk type='block'><source dev='/dev/x'/><target dev='vda'/></disk>",
      { type: "block", format: "raw", source: "/dev/x" },
    ],
    [
      "an empty cdrom",
      "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>",
      { device: "cdrom", readonly: true },
    ],
    [
      "a network disk",
      "<disk type='network'><source protocol='rbd' name='pool/image'><host name='h'/></source><target dev='vda'/></disk>",
      { source: "rbd:pool/image" },
    ],
    [
      "a volume",
      "<disk type='volume'><source pool='p' volume='v'/><target dev='vda'/></disk>",
      { source: "p/v" },
    ],
    [
      "transient and shareable",
      "<disk type='file'><source file='/a'/><target dev='vda'/><transient/><shareable/></disk>",
      { transient: true, shareable: true },
    ],
    [
      "a known chain",
      "<disk type='file'><source file='/c'/><backingStore type='file'><format type='qcow2'/><source file='/b'/><backingStore type='file'><format type='raw'/><source file='/a'/><backingStore/></backingStore></backingStore><target dev='vda'/></disk>",
      {
        source: "/c",
        backingChain: [
          { format: "qcow2", source: "/b" },
          { format: "raw", source: "/a" },
        ],
      },
    ],
    [
      "a chain of nothing",
      "<disk type='file'><source file='/c'/><backingStore/><target dev='vda'/></disk>",
      { backingChain: [] },
    ],
    [
      "a raw data file",
      "<disk type='file'><driver type='qcow2'/><source file='/c'><dataStore type='file'><format type='raw'/><source file='/d'/></dataStore></source><target dev='vda'/></disk>",
      { dataStore: true },
    ],
  ])("%s", (_, disk, expected) => {
    expect(readDomain(Buffer.from(domainXml(disk)), "f").domain?.disks[0]).toMatchObject(expected);
  });

  it("a disk's place is where its element begins", () => {
    const { domain } = readDomain(
      Buffer.from(domainXml("\n\n  <disk type='file'><target dev='vda'/></disk>")),
      "f",
    );
    expect(domain?.disks[0]?.location).toMatchObject({ line: 3, column: 3 });
  });
});
