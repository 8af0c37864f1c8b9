import { CODES, type DiagnosticCode } from "../diagnostics/codes.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import { wrap } from "../diagnostics/wrap.js";
import { diagnosticPage, explanationOf } from "../emit/diagnostic-page.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { terminalWidth } from "./terminal.js";
import { reportUsage } from "./usage.js";

/** Whether an argument of `explain` looks like a diagnostic's code. */
export function isCode(text: string): boolean {
  return /^TM\d+$/i.test(text);
}

/** `tidemark explain TM402`: what the diagnostic means, why it matters, what to do. */
export function explainCode(text: string, format: InputOptions["format"]): ExitStatus {
  const code = text.toUpperCase();
  if (!Object.hasOwn(CODES, code)) {
    const hint = meantOrKnown(code, Object.keys(CODES), "known codes");
    return reportUsage(`there is no diagnostic ${code}`, hint, format);
  }
  const known = code as DiagnosticCode;
  process.stdout.write(format === "json" ? asJson(known) : asText(diagnosticPage(known)));
  return 0;
}

/** `schemas/meaning.schema.json` */
function asJson(code: DiagnosticCode): string {
  const meaning = { formatVersion: "1.0", code, title: CODES[code], explanation: explanationOf(code) };
  return `${JSON.stringify(meaning, null, 2)}\n`;
}

/** Wraps paragraphs and items of lists for a terminal. */
function asText(page: string): string {
  const width = terminalWidth();
  if (!Number.isFinite(width)) return page;
  return flowing(page)
    .split("\n")
    .map((paragraph) => {
      const hang = paragraph.startsWith("- ") ? 2 : 0;
      return wrap(paragraph, Math.min(width, READABLE) - hang).join(`\n${" ".repeat(hang)}`);
    })
    .join("\n");
}

/** Longest line that is easy to read. */
const READABLE = 100;

/** Markdown with each paragraph, and each item of a list, on one line. */
function flowing(markdown: string): string {
  return markdown.replaceAll(/(\S)\n(?!\n|- |$)/g, "$1 ");
}
