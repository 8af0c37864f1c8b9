import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { inReadingOrder } from "../diagnostics/diagnostic.js";
import { printGitHub, printJson, printText } from "../diagnostics/print.js";
import { readBounded } from "../inventory/bounded.js";
import { MAX_POLICY } from "../policy/yaml.js";
import type { InputOptions } from "./input-options.js";
import { terminalWidth } from "./terminal.js";

/** Prints diagnostics on stderr in the form asked for; nothing where there are none and a person reads. */
export function report(diagnostics: readonly Diagnostic[], format: InputOptions["format"]): void {
  const ordered = inReadingOrder(diagnostics);
  switch (format) {
    case "json":
      process.stderr.write(printJson(ordered));
      return;
    case "github":
      process.stderr.write(printGitHub(ordered));
      return;
    case "text":
      if (ordered.length > 0) {
        const width = terminalWidth(process.stderr);
        const color = wantsColor(process.stderr);
        process.stderr.write(printText(ordered, sourcesOf(ordered), { color, width }));
      }
  }
}

/** Colour only on a terminal, and never when NO_COLOR is set (no-color.org). */
export function wantsColor(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

export function sourcesOf(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, string> {
  const files = diagnostics.flatMap(({ location, related }) => [
    ...(location === undefined ? [] : [location.file]),
    ...(related ?? []).map((each) => each.location.file),
  ]);
  const sources = new Map<string, string>();
  for (const file of new Set(files)) {
    try {
      sources.set(file, readBounded(file, MAX_POLICY).toString("utf8"));
    } catch {
      // Without its text a finding is printed without a frame; so is one in a pipe, which has been read.
    }
  }
  return sources;
}
