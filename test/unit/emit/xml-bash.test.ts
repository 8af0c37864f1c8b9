import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readXml, type XmlElement } from "../../../src/libvirt/xml.js";

/*
 * lib/xml.bash beside the compiler's reader: the same elements, attributes and texts of the same document; and what a reader could
 * take in two ways is refused.
 */

const SCRIPT = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/xml.bash
while IFS= read -r -d '' text; do
  if xml_read "$text"; then
    for number in "\${!XML_NAME[@]}"; do
      printf '%s\\0%s\\0%s\\0' "\${XML_NAME[number]}" "\${XML_PARENT[number]}" "\${XML_TEXT[number]}"
      for key in \${XML_KEYS[number]}; do printf '%s=%s\\0' "$key" "\${XML_VALUE["$number $key"]}"; done
      printf '\\1\\0'
    done
    printf '\\2%s\\0' "$(xml_write 0)"
  else
    printf '\\3%s\\0' "$XML_FAULT"
  fi
done`;

interface Read {
  readonly elements: readonly string[][];
  /** The document as xml_write writes it. */
  readonly written: string;
}

function readAll(texts: readonly (string | Buffer)[]): (Read | string)[] {
  const input = Buffer.concat(texts.flatMap((text) => [Buffer.from(text), Buffer.of(0)]));
  const done = spawnSync("bash", ["-c", SCRIPT], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  expect(done.stderr).toBe("");
  const read: (Read | string)[] = [];
  let elements: string[][] = [];
  let element: string[] = [];
  for (const field of done.stdout.split("\0").slice(0, -1)) {
    if (field === "\x01") {
      elements.push(element);
      element = [];
    } else if (field.startsWith("\x02")) {
      read.push({ elements, written: field.slice(1) });
      elements = [];
    } else if (field.startsWith("\x03")) read.push(`fault: ${field.slice(1)}`);
    else element.push(field);
  }
  expect(read).toHaveLength(texts.length);
  return read;
}

/** The same of what the compiler's reader made. */
function elementsOf(root: XmlElement): string[][] {
  const all: string[][] = [];
  const add = ({ name, attributes, children, text }: XmlElement, parent: string) => {
    const number = `${all.length}`;
    all.push([name, parent, text, ...[...attributes].map(([key, value]) => `${key}=${value}`)]);
    for (const child of children) add(child, number);
  };
  add(root, "");
  return all;
}

function compiled(text: string): string[][] {
  const { root, diagnostics } = readXml(Buffer.from(text), "x.xml");
  expect(diagnostics, text).toEqual([]);
  return root === undefined ? [] : elementsOf(root);
}

const name = fc.constantFrom("disk", "source", "qemu:arg", "a-b.c", "_x");
const words = fc
  .array(
    fc.constantFrom(
      "a",
      " ",
      "\n",
      "é",
      "€",
      "😀",
      ">",
      "=",
      "/",
      "&amp;",
      "&lt;",
      "&#60;",
      "&#x20AC;",
      "&quot;",
      "-",
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));
const attribute = fc
  .tuple(fc.constantFrom('"', "'"), words, fc.constantFrom("", "'", '"', "<!--".slice(1)))
  .map(([mark, text, odd]) => `${mark}${text.replace(/\n/g, " ")}${odd === mark ? "" : odd}${mark}`);
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      name,
      fc.uniqueArray(fc.constantFrom("type", "device", "xml:lang", "a_1"), { maxLength: 3 }),
      fc.array(attribute, { minLength: 3, maxLength: 3 }),
      fc.array(
        fc.oneof(
          { maxDepth: 4 },
          words,
          fc.constantFrom("<!-- <disk> & -->", "<!---->", "<![CDATA[<disk a=''> ]]]>"),
          tie("element"),
        ),
        { maxLength: 4 },
      ),
      fc.constantFrom(" ", "\n", "\t "),
    )
    .map(([tag, keys, values, content, space]) => {
      const attributes = keys
        .map((key, index) => `${space}${key}${index % 2 ? " = " : "="}${values[index]}`)
        .join("");
      return content.length === 0
        ? `<${tag}${attributes}${space}/>`
        : `<${tag}${attributes}${space}>${content.join("")}</${tag}${space}>`;
    }),
}));

it("reads what the compiler reads", () => {
  const documents = fc.sample(element, { numRuns: 150, seed: 17 });
  for (const [index, read] of readAll(documents).entries()) {
    const document = documents[index] ?? "";
    expect(read, document).toMatchObject({ elements: compiled(document) });
  }
});

it("writes what reads as the same", () => {
  const documents = readAll(fc.sample(element, { numRuns: 100, seed: 18 })) as Read[];
  // What stands between elements is laid out anew.
  const solid = ({ elements }: Read) =>
    elements.map(([tag, parent, text = "", ...attributes]) => [
      tag,
      parent,
      text.replace(/\s+/g, ""),
      ...attributes,
    ]);
  const again = readAll(documents.map(({ written }) => written)) as Read[];
  expect(again.map(solid)).toEqual(documents.map(solid));
});

it("reads a declaration, comments around the root, and line ends of any kind", () => {
  const text =
    "<?xml version='1.0' encoding=\"UTF-8\"?>\r\n<!-- <a> -->\r\n<a b='c\r\nd'>e\r\nf</a>\n<!-- x -->\n";
  expect(readAll([text])[0]).toMatchObject({ elements: [["a", "", "e\nf", "b=c d"]] });
});

it("refuses what is not well-formed, or what two readers could take differently", () => {
  const refused: (string | Buffer)[] = [
    "",
    " ",
    "a",
    "<a>",
    "</a>",
    "<a></b>",
    "<a/><a/>",
    "<a/>x",
    "x<a/>",
    "<a/>&amp;",
    "< a/>",
    "<a / >",
    "<a/",
    "<1/>",
    "<é/>",
    "<a b/>",
    "<a b=c/>",
    "<a b='c'd='e'/>",
    "<a b='c' b='d'/>",
    "<a b='<'/>",
    "<a b=\"c'/>",
    "<a b='&x;'/>",
    "<a>&x;</a>",
    "<a>&amp</a>",
    "<a>&#0;</a>",
    "<a>&#xD800;</a>",
    "<a>&#xFFFF;</a>",
    "<a>&#x110000;</a>",
    "<a>&#99999999;</a>",
    "<a>& </a>",
    "<a>]]></a>",
    "<a>\x01</a>",
    "<a>\uffff</a>",
    "<!DOCTYPE a><a/>",
    "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
    "<a><!ENTITY x 'y'></a>",
    "<!ELEMENT a ANY><a/>",
    "<?x y?><a/>",
    "<a><?x y?></a>",
    "<a/><?x?>",
    " <?xml version='1.0'?><a/>",
    "<?xml version='1.0'?><?xml version='1.0'?><a/>",
    "<!-- a -- b --><a/>",
    "<!-- a ---><a/>",
    "<!--",
    "<!-- a ><a/>",
    "<!-><a/>",
    "<![CDATA[x]]><a/>",
    "<a><![CDATA[x]]</a>",
    "<a><![cdata[x]]></a>",
    Buffer.from([...Buffer.from("<a>"), 0xff, ...Buffer.from("</a>")]),
    `${"<a>".repeat(65)}${"</a>".repeat(65)}`,
  ];
  for (const [index, read] of readAll(refused).entries()) {
    expect(read, `${refused[index]}`).toEqual(expect.stringMatching(/^fault: ./));
  }
});
