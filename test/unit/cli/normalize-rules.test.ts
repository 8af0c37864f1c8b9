import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { normalizeCommand } from "../../../src/cli/normalize.js";
import type { Diagnostic } from "../../../src/diagnostics/diagnostic.js";
import { RULES } from "../../../src/libvirt/rules/index.js";
import { checkpoint, DOMAIN, LEAST } from "../../support/broken-calls.js";
import { ROOT } from "../../support/tidemark.js";

/*
 * Each rule speaks through `tidemark normalize`, where there are documents and no policy: what it says and what it advises is in
 * the words of the documents, and it points at the element that is to blame.
 */

const folder = mkdtempSync(join(tmpdir(), "tidemark-rules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

const file = (name: string) => join(folder, name);
writeFileSync(file("domain.xml"), DOMAIN);
for (const [place, count] of [
  ["one", 1],
  ["many", 33],
] as const) {
  mkdirSync(file(place));
  for (let index = 0; index < count; index += 1) {
    const name = index === 0 ? "base" : `c${index}`;
    const dumped = checkpoint("<disk name='vda' checkpoint='bitmap'/>", name);
    writeFileSync(
      file(`${place}/${name}.xml`),
      dumped.replace("</name>", "</name><creationTime>1</creationTime>"),
    );
  }
}

/** What `tidemark normalize` finds in a call, and the line that each finding points at; every element has a line of its own. */
function found(documents: string, checkpoints: string): { finding: Diagnostic; line: string | undefined }[] {
  const isRedefined = documents.startsWith("<redefine/>");
  const [first = "", second] = ["domainbackup", "domaincheckpoint"].flatMap((root) => {
    const text = new RegExp(`<${root}[ >].*</${root}>`).exec(documents)?.[0];
    if (text === undefined) return [];
    writeFileSync(file(`${root}.xml`), text.replaceAll("><", ">\n<"));
    return file(`${root}.xml`);
  });
  const written: string[] = [];
  const keep = (text: string | Uint8Array) => written.push(String(text)) > 0;
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  normalizeCommand(first, {
    domain: file("domain.xml"),
    checkpoints: file(checkpoints),
    format: "json",
    ...(second !== undefined && { with: second }),
    ...(isRedefined && { redefine: true }),
  });
  vi.restoreAllMocks();
  const { diagnostics } = JSON.parse(written.join("")) as { diagnostics: readonly Diagnostic[] };
  return diagnostics.map((finding) => {
    const { location } = finding;
    const lines = location && readFileSync(location.file, "utf8").split("\n");
    return { finding, line: lines?.[(location?.line ?? 0) - 1]?.slice((location?.column ?? 0) - 1) };
  });
}

/** The calls that break each rule, and the checkpoints that the domain has. */
const CALLS = [
  ...LEAST.map(([code, documents]) => [code, documents, "one"] as const),
  ["(TM437)", checkpoint("<disk name='vda'/>"), "many"] as const,
];

/** Keys of the policy that are words of the documents, of a domain's XML or of virsh as well. */
const OF_DOCUMENTS = [
  ...["name", "mode", "server", "transport", "socket", "port", "tls", "host", "target", "scratch", "format"],
  ...["checkpoint", "description", "disks", "block", "usage", "uuid", "label", "model", "relabel", "title"],
  ...["libvirt", "qemu", "metadata", "size"],
];
/** Keys that are English words, and mean nothing of a policy where no colon follows. */
const OF_ENGLISH = ["after", "at", "before", "delete", "for", "from", "include", "keep", "level", "where"];
OF_ENGLISH.push("start", "until", "version");

const keys = [
  ...new Set(keysIn(JSON.parse(readFileSync(join(ROOT, "schemas/policy.schema.json"), "utf8")))),
].filter((key) => /^\w+$/.test(key));

function keysIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(keysIn)];
}

/** How a policy shows in a text. */
function policyIn(text: string): string[] {
  const words = keys.filter((key) => ![...OF_DOCUMENTS, ...OF_ENGLISH].includes(key));
  const own = [
    /\bpolic(?:y|ies)\b/gi,
    // A setting as YAML has it, a path of keys, and what a template has filled in.
    new RegExp(String.raw`\b(?:${keys.join("|")}): (?=[\w{["])`, "g"),
    new RegExp(String.raw`\b(?:${keys.join("|")})\.(?:${keys.join("|")})\b`, "g"),
    /\{\w+\}/g,
    new RegExp(String.raw`(?<![\w$])(?:${words.join("|")})(?!\w)`, "g"),
  ];
  return own.flatMap((pattern) => text.match(pattern) ?? []);
}

it("a policy shows in a text that names one of its keys", () => {
  expect(policyIn("set checkpoint: false for it")).toEqual(["checkpoint: "]);
  expect(policyIn('add "vda" to the domain\'s disks.exclude')).toEqual(["disks.exclude", "exclude"]);
  expect(policyIn("put {disk} into the path")).toEqual(["{disk}"]);
  expect(policyIn("leave out exportName")).toEqual(["exportName"]);
  expect(policyIn("choose a path in the repository")).toEqual(["repository"]);
  expect(policyIn("shorten the policy's name")).toEqual(["policy"]);
  expect(policyIn("leave it out of the checkpoint with checkpoint='no'")).toEqual([]);
});

it.each(CALLS)("%s says what is wrong with a document in the document's words", (code, documents, there) => {
  for (const { finding } of found(documents, there)) {
    expect(`(${finding.code})`).toContain(code.replace(/\W/g, ""));
    expect(policyIn(`${finding.message} ${finding.hint}`)).toEqual([]);
  }
});

it("asks every rule", () => {
  const asked = new Set(CALLS.map(([code]) => code.replace(/\W/g, "")));
  expect(RULES.map(({ code }) => code).filter((code) => !asked.has(code))).toEqual([]);
});

it("points at the element that is to blame", () => {
  const places = CALLS.flatMap(([, documents, there]) =>
    found(documents, there).map(({ finding, line }) => `${finding.code} ${line?.slice(0, 60)}`),
  );
  expect(places).toMatchInlineSnapshot(`
    [
      "TM401 <name>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "TM402 <disk name='vde' type='file' >",
      "TM402 <disk name='sdb' type='file' >",
      "TM402 <disk name='vdh' type='file' >",
      "TM402 <disk name='sdc' type='file' >",
      "TM402 <disk name='vdi' type='file' >",
      "TM402 <disk name='vdj' type='file' >",
      "TM402 <disk name='vdk' type='file' >",
      "TM405 <driver type='raw'/>",
      "TM410 <disk name='vdz' type='file' >",
      "TM411 <disk name='/images/vda'/>",
      "TM412 <disk name='vdd'/>",
      "TM413 <disk name='vdc'/>",
      "TM414 <disk name='vda' bitmap='other'/>",
      "TM415 <name>base</name>",
      "TM416 <domaincheckpoint>",
      "TM417 <domainbackup>",
      "TM418 <disk name='sda' type='file' >",
      "TM420 <disk name='vda' type='file' backupmode='incremental'>",
      "TM421 <disk name='vda' type='file' incremental='gone'>",
      "TM422 <disk name='vdb' type='file' incremental='base'>",
      "TM423 <disk name='vda' type='file'/>",
      "TM424 <server name='h'/>",
      "TM424 <server name='h' port='65536'/>",
      "TM425 <server transport='unix' socket='/éééééééééééééééééééééééééé",
      "TM426 <disk name='vdb' type='file' exportname='x'>",
      "TM426 <disk name='vda' type='file' exportname='xxxxxxxxxxxxxxxxxxx",
      "TM427 <disk name='vda' type='file' incremental='base' exportbitmap",
      "TM428 <target file='/b/x'>",
      "TM429 <target file='/images/../images/vdb'>",
      "TM429 <target file='/images/backup'>",
      "TM430 <driver type='bochs'/>",
      "TM432 <encryption format='luks'>",
      "TM433 <seclabel model='dac' relabel='no'/>",
      "TM434 <disk name='vdb'/>",
      "TM435 <disk name='vdf'/>",
      "TM436 <disk name='vdg' type='file' >",
      "TM438 <domaincheckpoint>",
      "TM438 <domaincheckpoint>",
      "TM438 <domaincheckpoint>",
      "TM438 <domaincheckpoint>",
      "TM438 <domaincheckpoint>",
      "TM437 <disk name='vda'/>",
    ]
  `);
});
