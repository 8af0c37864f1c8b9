import { idleOption, planOf } from "../compilation/read-plan.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { diffPlans } from "../plan/diff.js";
import { isUnchanged, type PlanDiff } from "../plan/difference.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { printDiffMarkdown, printDiffText } from "./print-diff.js";
import { onTerminal } from "./progress.js";
import { report, wantsColor } from "./report.js";
import { terminalWidth } from "./terminal.js";
import { reportUsage } from "./usage.js";

export type DiffFormat = "text" | "markdown" | "json";

interface DiffOptions extends Omit<InputOptions, "format"> {
  readonly format: DiffFormat;
}

/** `tidemark diff`: what changes from one plan to another. */
export function diffCommand(old: string, now: string, options: DiffOptions): ExitStatus {
  const format = options.format === "json" ? "json" : "text";
  const idle = idleOption([old, now], options);
  if (idle !== undefined) return reportUsage(idle, "leave the option out, or name a policy", format);
  const diagnostics: Diagnostic[] = [];
  const before = planOf(old, options, diagnostics, onTerminal, now);
  const after = planOf(now, options, diagnostics, onTerminal, old);
  report(diagnostics, format);
  if (before === undefined || after === undefined || hasErrors(diagnostics)) return 1;
  const diff = diffPlans(before, after);
  process.stdout.write(printDiff(diff, options.format));
  return isUnchanged(diff) ? 0 : 2;
}

export function printDiff(diff: PlanDiff, format: DiffFormat): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(diff, null, 2)}\n`;
    case "markdown":
      return printDiffMarkdown(diff);
    case "text": {
      return printDiffText(diff, { color: wantsColor(process.stdout), width: terminalWidth() });
    }
  }
}
