import { XMLParser, XMLValidator } from "fast-xml-parser";
import { humanBytes } from "../diagnostics/amounts.js";
import type { DiagnosticCode } from "../diagnostics/codes.js";
import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";

/** Characters that no XML 1.0 document can hold, not even as a reference (XML 1.0, 2.2 Char). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u;

/**
 * Largest document read. libvirt takes up to 10 MiB (virxml.c), but no domain's XML comes near a tenth of this, and reading it
 * all takes a second or two.
 */
export const MAX_XML = 4 << 20;
const MAX_DEPTH = 64;

/** An element as plain data; text of mixed content is joined. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  readonly location: Location;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: false,
  captureMetaData: true,
  maxNestedTags: MAX_DEPTH,
});

/** Where the parser notes an element's offset in the text. */
const META = XMLParser.getMetaDataSymbol() as unknown as symbol;

/**
 * Reads an XML document in any encoding that ends up as Unicode. Refuses a DOCTYPE and entities of its own, so that no
 * input can multiply or reach for files. TM201–TM203, each with its place.
 * @param file as it is to be shown in diagnostics
 */
export function readXml(
  bytes: Uint8Array,
  file: string,
): { root?: XmlElement; diagnostics: readonly Diagnostic[] } {
  const refuse = (code: DiagnosticCode, message: string, hint: string, line = 1, column = 1) => ({
    diagnostics: [{ code, severity: "error", message, hint, location: { file, line, column } } as const],
  });
  if (bytes.byteLength > MAX_XML) {
    return refuse(
      "TM201",
      `the file is larger than ${humanBytes(MAX_XML)}`,
      "the file is not a domain's XML; is it an image?",
    );
  }
  const text = decode(bytes);
  if (text === undefined) {
    return refuse("TM201", "the file is not text in the encoding that it declares", "save the file as UTF-8");
  }
  const lines = lineFinder(text);
  const doctype = findDoctype(text);
  if (doctype >= 0) {
    const at = lines(doctype);
    return refuse(
      "TM203",
      "the file declares a DOCTYPE; libvirt's documents have none",
      "remove the DOCTYPE; tidemark does not read entities",
      at.line,
      at.column,
    );
  }
  const forbidden = text.search(FORBIDDEN);
  if (forbidden >= 0) {
    const code = (text.codePointAt(forbidden) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    const at = lines(forbidden);
    const message = `the XML is not well-formed: it contains the character U+${code}, which XML does not allow`;
    return refuse("TM202", message, AGAIN, at.line, at.column);
  }
  const read = parse(text);
  if ("fault" in read) return refuse("TM202", read.fault, AGAIN, read.line, read.column);
  const problems: Diagnostic[] = [];
  const roots = elementsOf(read.parsed, file, lines, problems);
  const root = roots[0];
  if (root === undefined || roots.length > 1) {
    return refuse("TM202", "the XML has no single root element", AGAIN);
  }
  return problems.length > 0 ? { diagnostics: problems } : { root, diagnostics: [] };
}

const AGAIN = "dump the document again with virsh";

/** What the parser makes of a text, or why and where it is not well-formed. */
function parse(
  text: string,
): { readonly parsed: unknown } | { readonly fault: string; readonly line: number; readonly column: number } {
  try {
    const valid = XMLValidator.validate(text);
    if (valid === true) return { parsed: parser.parse(text) };
    const { msg, line, col: column } = valid.err;
    // It may repeat all that is open.
    return { fault: `the XML is not well-formed: ${msg.slice(0, 200).replace(/\.$/, "")}`, line, column };
  } catch {
    // What the parser says here is about itself.
    const fault = "the XML is not well-formed: a tag or a declaration is not closed";
    return { fault, line: 1, column: 1 };
  }
}

export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** Text of a child element, without space around it; undefined if there is no such element or nothing in it. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return childOf(element, name)?.text.trim() || undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 200));
  const mark =
    start[0] === 0xfe && start[1] === 0xff
      ? "utf-16be"
      : start[0] === 0xff && start[1] === 0xfe
        ? "utf-16le"
        : undefined;
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(
    start.toString("latin1"),
  )?.[1];
  try {
    return new TextDecoder(mark ?? declared ?? "utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Offset of a DOCTYPE that is neither in a comment nor in CDATA; -1 if there is none. */
function findDoctype(text: string): number {
  const tokens = /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<!(?:DOCTYPE|ENTITY)/gi;
  for (const match of text.matchAll(tokens)) {
    if (!match[0].startsWith("<!--") && !match[0].startsWith("<![")) return match.index;
  }
  return -1;
}

function lineFinder(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** The parser's ordered form: `[{ name: [children], ":@": { "@attribute": value } }]`, text as `{ "#text": … }`. */
function elementsOf(
  nodes: unknown,
  file: string,
  lines: (offset: number) => { line: number; column: number },
  problems: Diagnostic[],
): XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: Record<string | symbol, unknown>) => {
    const name = Object.keys(node).find((key) => key !== ":@");
    if (name === undefined || name.startsWith("#") || name.startsWith("?")) return [];
    const start = (node[META] as { startIndex?: number } | undefined)?.startIndex ?? 0;
    const location: Location = { file, ...lines(start) };
    const decoded = (raw: string): string => {
      const text = decodeReferences(raw);
      if (text !== undefined) return text;
      problems.push({
        code: "TM202",
        severity: "error",
        message: `the element <${name}> refers to an entity or a character that is not allowed`,
        hint: "only &lt; &gt; &amp; &quot; &apos; and the numbers of XML characters are allowed",
        location,
      });
      return "";
    };
    const content = node[name];
    const texts = Array.isArray(content)
      ? content.flatMap((child: Record<string, unknown>) =>
          typeof child["#text"] === "string" ? child["#text"] : [],
        )
      : [];
    const attributes = (node[":@"] ?? {}) as Record<string, unknown>;
    return [
      {
        name,
        attributes: new Map(
          Object.entries(attributes).map(([key, value]) => [key.slice(1), decoded(String(value))]),
        ),
        children: elementsOf(content, file, lines, problems),
        text: decoded(texts.join("")),
        location,
      },
    ];
  });
}

const PREDEFINED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeReferences(raw: string): string | undefined {
  if (!raw.includes("&")) return raw;
  let known = true;
  const text = raw.replace(/&([^;&<\s]{0,12};?)/g, (_, body: string) => {
    const name = body.endsWith(";") ? body.slice(0, -1) : "";
    const number = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
    const code =
      number === null ? undefined : Number.parseInt(number[1] ?? number[2] ?? "", number[1] ? 16 : 10);
    const decoded =
      code === undefined
        ? Object.hasOwn(PREDEFINED, name)
          ? PREDEFINED[name]
          : undefined
        : isXmlCharacter(code)
          ? String.fromCodePoint(code)
          : undefined;
    if (decoded === undefined) known = false;
    return decoded ?? "";
  });
  return known ? text : undefined;
}

function isXmlCharacter(code: number): boolean {
  return (
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}
