import { VERSION } from "../assets/version.js";
import { load } from "../compilation/load.js";
import { diagnosticsOf } from "../compilation/plans.js";
import { hasErrors, inReadingOrder } from "../diagnostics/diagnostic.js";
import { printSarif } from "../diagnostics/sarif.js";
import { explanationOf } from "../emit/diagnostic-page.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { onTerminal } from "./progress.js";
import { report } from "./report.js";

interface ValidateOptions extends Omit<InputOptions, "format"> {
  readonly format: InputOptions["format"] | "sarif";
}

/** `tidemark validate`: prints all diagnostics of compiling, and writes nothing. */
export function validateCommand(
  files: readonly string[],
  { format, ...options }: ValidateOptions,
): ExitStatus {
  const diagnostics = files.flatMap((file) => {
    const { fleet, diagnostics: loading } = load(file, options, onTerminal);
    return fleet === undefined ? loading : [...loading, ...diagnosticsOf(fleet, onTerminal)];
  });
  // A SARIF report goes to stdout; all other formats of diagnostics go to stderr.
  if (format === "sarif")
    process.stdout.write(printSarif(inReadingOrder(diagnostics), VERSION, explanationOf));
  else report(diagnostics, format);
  return hasErrors(diagnostics) ? 1 : 0;
}
