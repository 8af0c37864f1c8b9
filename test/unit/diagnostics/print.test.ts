import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../src/diagnostics/diagnostic.js";
import { printGitHub, printJson, printText } from "../../../src/diagnostics/print.js";

function finding(column: number, endColumn: number, changes: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: "TM105",
    severity: "error",
    message: "m",
    location: { file: "f", line: 1, column, endColumn },
    ...changes,
  };
}

const text = (source: string, diagnostic: Diagnostic, color = false) =>
  printText([diagnostic], new Map([["f", source]]), { color });

describe("for people", () => {
  it.each([
    ["plain", "abc def", finding(5, 8), "  1 | abc def\n    |     ^^^"],
    ["after a tab", "\tdef", finding(2, 5), "  1 |   def\n    |   ^^^"],
    ["after wide characters", "日本 x", finding(4, 5), "  1 | 日本 x\n    |      ^"],
    ["at the end of the line", "ab", finding(3, 3), "  1 | ab\n    |   ^"],
  ])("a frame %s", (_, source, diagnostic, frame) => expect(text(source, diagnostic)).toContain(frame));

  it("cuts a long line around the mark", () => {
    const [, line = "", marks = ""] = text(
      `${"x".repeat(5000)}HERE${"y".repeat(5000)}`,
      finding(5001, 5005),
    ).split("\n");
    expect(line.length).toBeLessThan(120);
    expect(line.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1)).toBe("HERE");
  });

  it("keeps within the columns of a terminal, and colours what it has broken", () => {
    const message = "one two three four five six seven eight nine ten eleven twelve";
    const hinted = finding(41, 45, { message, hint: message });
    const source = `${"x".repeat(40)}HERE${"y".repeat(40)}`;
    const print = (color: boolean) => printText([hinted], new Map([["f", source]]), { color, width: 40 });
    expect(print(false)).toBe(
      [
        "f:1:41 error TM105 one two three",
        "    four five six seven eight nine ten",
        "    eleven twelve",
        `  1 | …${"x".repeat(16)}HERE${"y".repeat(13)}`,
        `    |  ${" ".repeat(16)}^^^^`,
        "  hint: one two three four five six",
        "        seven eight nine ten eleven",
        "        twelve",
        "",
        "1 error",
        "",
      ].join("\n"),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken away
    expect(print(true).replaceAll(/\u001b\[\d*m/g, "")).toBe(print(false));
  });

  it("lets no name forge a line or move the cursor", () => {
    const printed = text("x", finding(1, 2, { message: "a\nerror: \u001b[2Jb" }));
    expect(printed.split("\n")[0]).toBe("f:1:1 error TM105 a\\nerror: \\u001b[2Jb");
  });

  it("counts at the end, and colours only when asked", () => {
    expect(text("x", finding(1, 2))).toMatch(/\n1 error\n$/);
    expect(text("x", finding(1, 2))).not.toContain("\u001b");
    expect(text("x", finding(1, 2), true)).toContain("\u001b[31merror\u001b[0m");
  });
});

it("for programs, with a version", () => {
  expect(JSON.parse(printJson([finding(1, 2)]))).toMatchObject({
    formatVersion: "1.0",
    diagnostics: [{ code: "TM105" }],
  });
});

it("for GitHub, escaped", () => {
  expect(
    printGitHub([finding(1, 2, { message: "50% a\nb", location: { file: "a,b:c", line: 3, column: 4 } })]),
  ).toBe("::error file=a%2Cb%3Ac,line=3,col=4,title=TM105::50%25 a%0Ab\n");
  expect(printGitHub([finding(1, 2, { message: "\u001b[2J\u202e", hint: "h" })])).toBe(
    "::error file=f,line=1,col=1,title=TM105::\\u001b[2J\\u202e%0Ah\n",
  );
});
