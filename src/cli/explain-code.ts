import { CODES, type DiagnosticCode } from "../diagnostics/codes.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import { rulePage } from "../emit/rule-page.js";
import { PAGES } from "../libvirt/rules/index.js";
import type { ExitStatus } from "./program.js";
import { fit, terminalWidth } from "./terminal.js";

/** Whether what `explain` is given is a diagnostic's code, or meant as one. */
export function isCode(text: string): boolean {
  return /^TM\d+$/i.test(text);
}

/** `tidemark explain TM402`: the page of a rule; of other codes their title. */
export function explainCode(text: string): ExitStatus {
  const code = text.toUpperCase();
  if (!Object.hasOwn(CODES, code)) {
    process.stderr.write(
      `error: there is no diagnostic ${code}\n  hint: ${meantOrKnown(code, Object.keys(CODES), "there are")}\n`,
    );
    return 1;
  }
  const known = code as DiagnosticCode;
  const page = PAGES.find((each) => each.code === known);
  process.stdout.write(
    page === undefined ? `${known}: ${CODES[known]}\n` : fit(rulePage(page), terminalWidth()),
  );
  return 0;
}
