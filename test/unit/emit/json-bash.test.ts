import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, it } from "vitest";

/*
 * lib/json.bash beside JSON.parse: the same values of the same text, and the same texts refused; where it is stricter than the
 * grammar, each of these is named here.
 */

const SCRIPT = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/json.bash
while IFS= read -r -d '' text; do
  if json_read "$text"; then
    for path in "\${!JSON_TYPE[@]}"; do
      printf '%s\\n%s\\n%s\\n%s\\0' "$path" "\${JSON_TYPE[$path]}" "\${JSON_KEYS[$path]-}" "\${JSON[$path]}"
    done
    printf 'whole\\0'
  else
    printf 'fault: %s\\0' "$JSON_FAULT"
  fi
done`;

type Read = Readonly<Record<string, readonly [type: string, keys: string, value: string]>>;

/** What json_read makes of each text: all its values, or the fault. */
function readAll(texts: readonly (string | Buffer)[], script = SCRIPT): (Read | string)[] {
  const input = Buffer.concat(texts.flatMap((text) => [Buffer.from(text), Buffer.of(0)]));
  const done = spawnSync("bash", ["-c", script], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  expect(done.stderr).toBe("");
  const read: (Read | string)[] = [];
  let values: Record<string, readonly [string, string, string]> = {};
  for (const record of done.stdout.split("\0").slice(0, -1)) {
    const [path = "", type = "", keys = "", ...value] = record.split("\n");
    if (record.startsWith("fault: ")) read.push(record);
    else if (record !== "whole") values[path] = [type, keys, value.join("\n")];
    else {
      read.push(values);
      values = {};
    }
  }
  expect(read).toHaveLength(texts.length);
  return read;
}

/** The same of a value that JSON.parse made. */
function valuesOf(value: unknown, path = ""): Read {
  const at = path || ".";
  const below = (members: readonly (readonly [string, unknown])[]): Read =>
    Object.assign({}, ...members.map(([key, member]) => valuesOf(member, path ? `${path}.${key}` : key)));
  if (Array.isArray(value)) {
    return {
      [at]: ["array", "", `${value.length}`],
      ...below(value.map((member, index) => [`${index}`, member])),
    };
  }
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value);
    return {
      [at]: ["object", members.map(([key]) => key).join(" "), `${members.length}`],
      ...below(members),
    };
  }
  return { [at]: [value === null ? "null" : typeof value, "", value === null ? "" : `${value}`] };
}

const letters = fc.string({
  unit: fc.constantFrom(..."ab\"\\/ \t\n\r\b\f{}[]:,'$`\x7fé€😀\u2028\u0001"),
  maxLength: 12,
});
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    letters,
    fc.integer(),
    fc.constantFrom(true, false, null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[A-Za-z_-][A-Za-z0-9_-]{0,6}$/), tie("value"), { maxKeys: 4 }),
  ),
}));

it("reads what JSON.parse reads, in every layout", () => {
  const values = fc.sample(value, { numRuns: 300, seed: 17 });
  const texts = values.map((made, index) => JSON.stringify(made, null, [0, 2, "\t"][index % 3]));
  expect(readAll(texts)).toEqual(texts.map((text) => valuesOf(JSON.parse(text))));
});

it("reads escapes", () => {
  const text = String.raw`{"a":"\u0041\u00e9\u20AC\ud83d\uDE00\"\\\/\b\f\n\r\t\\","\u0062":"\\\\\"\\"}`;
  expect(readAll([text])).toEqual([valuesOf(JSON.parse(text))]);
});

it("refuses what JSON.parse refuses", () => {
  const random = fc.sample(
    fc
      .tuple(value, fc.nat(), fc.constantFrom("", ...'{}[]:,"\\0-tn \x01'))
      .map(([made, at, mark]): string => {
        const text = JSON.stringify(made);
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + mark + text.slice(cut + (at % 2));
      })
      .filter((text) => {
        try {
          JSON.parse(text);
          return false;
        } catch {
          return true;
        }
      }),
    { numRuns: 600, seed: 17 },
  );
  const known = [
    ...'{}[]:,"-',
    "",
    " ",
    "{",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{,}",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1 "b":2}',
    '{"a":1]',
    "[1}",
    "[]]",
    "[][]",
    "1 2",
    "01",
    "+1",
    "1.",
    ".5",
    "1e",
    "--1",
    "0x1",
    "NaN",
    "True",
    "nul",
    "truefalse",
    "'a'",
    '"\\x"',
    '"\\u12"',
    '"\\',
    '"\\"',
    '"a\nb"',
    '"a\tb"',
    "{1:2}",
    '{"a":1}}',
    "\u00a01",
    "1\v",
    '"a""b"',
    '["a""b"]',
    '["a":1]',
    '{"a","b"}',
    "//\n1",
  ];
  const refused = [...known, ...random];
  for (const [index, read] of readAll(refused).entries()) {
    expect(read, refused[index]).toEqual(expect.stringMatching(/^fault: ./));
  }
});

it("refuses text that could mean two things", () => {
  const texts: (string | Buffer)[] = [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"b":1},"a.b":2}',
    '{"":1}',
    '{"a b":1}',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\ud800\\u0041"',
    Buffer.from([0x22, 0xff, 0x22]),
    Buffer.from([0x22, 0xc0, 0x80, 0x22]),
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]),
    `${"[".repeat(33)}${"]".repeat(33)}`,
  ];
  for (const [index, read] of readAll(texts).entries()) {
    expect(read, `${texts[index]}`).toEqual(expect.stringMatching(/^fault: ./));
  }
  expect(readAll([`${"[".repeat(32)}${"]".repeat(32)}`])[0]).toBeTypeOf("object");
});

it("refuses a file with a NUL, which a variable would lose", () => {
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/json.bash
json_read_file <(printf '1') || echo "$JSON_FAULT"
folder=$(mktemp -d)
printf '{"a":"b\\0"}' >"$folder/nul"
json_read_file "$folder/nul" || echo "$JSON_FAULT"
printf '{"a":"b"}' >"$folder/whole"
json_read_file "$folder/whole" && echo "\${JSON[a]}"
json_read_file "$folder/none" || echo "$JSON_FAULT"
rm -r -- "$folder"`;
  const done = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(done.stdout.split("\n")).toEqual([
    "it is not a file that can be read",
    "it holds a NUL character",
    "b",
    "it is not a file that can be read",
    "",
  ]);
});
