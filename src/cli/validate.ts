import { hasErrors } from "../diagnostics/diagnostic.js";
import { planDomains } from "../planner/compile.js";
import { type InputOptions, load } from "./load.js";
import type { ExitStatus } from "./program.js";
import { report } from "./report.js";

/** `tidemark validate`: all that compiling would find, with nothing written. */
export function validateCommand(files: readonly string[], options: InputOptions): ExitStatus {
  const diagnostics = files.flatMap((file) => {
    const { prepared, diagnostics: found } = load(file, options);
    if (prepared !== undefined) for (const domain of planDomains(prepared)) found.push(...domain.diagnostics);
    return found;
  });
  report(diagnostics, options.format);
  return hasErrors(diagnostics) ? 1 : 0;
}
