import { isDeepStrictEqual } from "node:util";
import type { Diagnostic, Location, Severity } from "./diagnostic.js";
import { wrap } from "./wrap.js";

const COLORS = {
  error: "31",
  warning: "33",
  info: "36",
  dim: "2",
  bold: "1",
} as const;

const TAB = "  ";
/** The most columns of a source line in a code frame; longer lines are cut around the mark. */
const FRAME_WIDTH = 100;
/** A space at which no line is broken. */
const UNBROKEN = "\u00a0";

type Paint = (text: string, color: keyof typeof COLORS) => string;

/**
 * For people: `file:line:col severity CODE message`, the line with the location marked, the hint, and a count at the
 * end. Of several with the same location and hint, only the first shows them.
 * @param sources text of each file that a location may name; without it the frame is left out
 * @param options `width`: columns at which lines are broken; without it they are not broken
 */
export function printText(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: { readonly color: boolean; readonly width?: number },
): string {
  const { width: columns = Number.POSITIVE_INFINITY } = options;
  /** Continuation lines are aligned with the beginning of the text, or indented. */
  const hanging = (text: string, margin: number) =>
    wrap(text, columns - margin).join(`\n${" ".repeat(margin)}`);
  const paint: Paint = (text, color) => (options.color ? `\u001b[${COLORS[color]}m${text}\u001b[0m` : text);
  const lines = new Map<string, readonly string[]>();
  const lineOf = ({ file, line }: Location): string | undefined => {
    const source = sources.get(file);
    if (source === undefined) return undefined;
    const split = lines.get(file) ?? source.split(/\r\n|\r|\n/);
    lines.set(file, split);
    return split[line - 1];
  };
  const blocks = diagnostics.map((diagnostic, index) => {
    const { location, severity, code, message, hint, related } = diagnostic;
    // Colours are added after lines are broken, because they take no columns.
    const what = `${severity}${UNBROKEN}${code}`;
    const head = hanging(
      `${location === undefined ? "" : `${locationText(location)} `}${what} ${oneLine(message)}`,
      4,
    ).replace(what, `${paint(severity, severity)} ${paint(code, "bold")}`);
    const also = (related ?? []).map(
      (each) =>
        `  ${paint(hanging(`see ${locationText(each.location)}: ${oneLine(each.message)}`, 6), "dim")}`,
    );
    // A thousand domains may have the same diagnostic.
    const goesOn = isSameTrouble(diagnostic, diagnostics[index - 1]);
    const [marked, advice] = goesOn
      ? [[], []]
      : [
          location === undefined ? [] : frame(location, lineOf(location), severity, paint, columns),
          hint === undefined ? [] : [`  hint: ${hanging(oneLine(hint), "  hint: ".length)}`],
        ];
    return `${goesOn ? "\n" : "\n\n"}${[head, ...marked, ...also, ...advice].join("\n")}`;
  });
  return `${`${blocks.join("")}\n\n${count(diagnostics)}`.slice(2)}\n`;
}

/** Whether location and hint are those of the diagnostic before. */
function isSameTrouble(one: Diagnostic, before: Diagnostic | undefined): boolean {
  return (
    before?.location !== undefined &&
    one.code === before.code &&
    one.severity === before.severity &&
    one.hint === before.hint &&
    isDeepStrictEqual(one.location, before.location)
  );
}

/** For programs; the major of `formatVersion` rises if a reader would break. */
export function printJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ formatVersion: "1.0", diagnostics }, null, 2)}\n`;
}

/** GitHub's workflow commands, which annotate the lines of a pull request. */
export function printGitHub(diagnostics: readonly Diagnostic[]): string {
  const commands: Record<Severity, string> = { error: "error", warning: "warning", info: "notice" };
  const data = (text: string) =>
    text
      .split(/([%\r\n])/)
      .map((part, index) => (index % 2 === 0 ? oneLine(part) : encodeURIComponent(part)))
      .join("");
  const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return diagnostics
    .map(({ code, severity, message, hint, location }) => {
      const where =
        location === undefined
          ? ""
          : `file=${property(location.file)},line=${location.line},col=${location.column},`;
      const text = hint === undefined ? message : `${message}\n${hint}`;
      return `::${commands[severity]} ${where}title=${property(code)}::${data(text)}\n`;
    })
    .join("");
}

function locationText({ file, line, column }: Location): string {
  return `${oneLine(file)}:${line}:${column}`;
}

function frame(
  location: Location,
  text: string | undefined,
  severity: Severity,
  paint: Paint,
  columns: number,
): string[] {
  if (text === undefined) return [];
  const gutter = String(location.line);
  const most = Math.min(FRAME_WIDTH, columns - gutter.length - "   | …".length);
  const start = location.column - 1;
  const end = Math.max(start + 1, (location.endColumn ?? 0) - 1);
  const [before, marked, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)].map(
    expand,
  ) as [string, string, string];
  const fits = before.length + marked.length + after.length <= most;
  const skip = fits ? 0 : Math.max(0, Math.ceil(before.length - most / 2));
  const shown = (before.slice(skip) + marked + after).slice(0, most);
  const carets = "^".repeat(Math.max(1, Math.min(width(marked), most - (before.length - skip))));
  return [
    `  ${paint(`${gutter} |`, "dim")} ${skip > 0 ? "…" : ""}${shown}`,
    `  ${paint(`${" ".repeat(gutter.length)} |`, "dim")} ${" ".repeat(width(before.slice(skip)) + (skip > 0 ? 1 : 0))}${paint(carets, severity)}`,
  ];
}

/** Replaces tabs by spaces and control characters by pictures, so that the mark is under the marked text. */
function expand(text: string): string {
  return text
    .replaceAll("\t", TAB)
    .replaceAll(/\p{Cc}/gu, (control) =>
      String.fromCodePoint(0x2400 + Math.min(control.codePointAt(0) ?? 0, 0x21)),
    );
}

/** Columns on a terminal: combining marks take none, East Asian wide characters and emoji two. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{Mn}/u.test(character)) continue;
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return columns;
}

/** For people, about a command line: in one or two lines, as shell commands do, and without the code. */
export function printUsage({ message, hint }: Diagnostic): string {
  return `error: ${oneLine(message)}\n${hint === undefined ? "" : `  hint: ${oneLine(hint)}\n`}`;
}

/**
 * Makes text from files safe for a terminal: no control character may move the cursor or forge a line, and none may
 * change the direction of text.
 */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (control) =>
    control < " "
      ? JSON.stringify(control).slice(1, -1)
      : `\\u${(control.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

function count(diagnostics: readonly Diagnostic[]): string {
  const parts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const number = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    const word = severity === "info" ? "note" : severity;
    return number === 0 ? [] : [`${number} ${word}${number === 1 ? "" : "s"}`];
  });
  return parts.join(", ");
}
