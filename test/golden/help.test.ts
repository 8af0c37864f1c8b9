import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/commands/index.js";
import { helpOf } from "../../src/cli/help.js";
import { TIDEMARK } from "../support/tidemark.js";

const commands = createProgram("0", () => {}).commands;

/** Lines as a terminal shows them; util-linux's script makes one. */
function onTerminal(columns: number, ...args: readonly string[]): string[] {
  const command = `stty cols ${columns}; "${process.execPath}" "${TIDEMARK}" ${args.join(" ")}`;
  const done = spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8" });
  return done.stdout.replaceAll("\r", "").split("\n");
}

describe.each(["", ...commands.map((command) => command.name())])("tidemark %s --help", (name) => {
  it.each([40, 60, 80])("fits %i columns, but for what is to be typed", (columns) => {
    const lines = onTerminal(columns, name, "--help");
    const examples = lines.findIndex((line) => /^Examples?:$/.test(line));
    const text = examples < 0 ? lines : lines.slice(0, examples);
    expect(text.filter((line) => line.length > columns && !line.startsWith("Usage: "))).toEqual([]);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(text.join("\n")).toMatch(/^Exit status: 0 /m);
  });
});

it("examples are short enough for the manual page in 80 columns", () => {
  // Seven of them stand before the text, and two more are the prompt.
  const lines = commands
    .flatMap((command) => helpOf(command)?.examples ?? [])
    .flatMap((each) => `$ ${each}`.split("\n"));
  expect(lines.length).toBeGreaterThan(commands.length);
  expect(lines.filter((line) => line.length > 73)).toEqual([]);
});

it("a diagnostic is explained in the terminal's columns, or as it stands in docs", () => {
  const lines = onTerminal(60, "explain", "TM402");
  expect(lines.filter((line) => line.length > 60)).toEqual([]);
  expect(lines).toContain("- transient disks, whose changes are dropped when the");
});
