import type { Log, Location as SarifLocation } from "sarif";
import { CODES, type DiagnosticCode } from "./codes.js";
import { compareText, type Diagnostic, type Location, type Severity } from "./diagnostic.js";

const LEVELS = { error: "error", warning: "warning", info: "note" } as const satisfies Record<
  Severity,
  string
>;

/**
 * Static Analysis Results Interchange Format 2.1.0 (OASIS), a report that code hosting sites read: one run, one rule
 * for each code.
 * @param version of this tidemark
 * @param explanationOf what a code means, in Markdown
 */
export function printSarif(
  diagnostics: readonly Diagnostic[],
  version: string,
  explanationOf: (code: DiagnosticCode) => string,
): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort(compareText);
  const log: Log = {
    version: "2.1.0",
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    runs: [
      {
        tool: {
          driver: {
            name: "tidemark",
            semanticVersion: version,
            rules: codes.map((code: DiagnosticCode) => {
              const text = explanationOf(code);
              return { id: code, shortDescription: { text: CODES[code] }, help: { text, markdown: text } };
            }),
          },
        },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map(({ code, severity, message, hint, location, related }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: LEVELS[severity],
          message: { text: hint === undefined ? message : `${message}\n${hint}` },
          ...(location && { locations: [sarifLocation(location)] }),
          ...(related && {
            relatedLocations: related.map((each, index) => ({
              id: index,
              message: { text: each.message },
              ...sarifLocation(each.location),
            })),
          }),
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function sarifLocation({ file, line, column, endColumn }: Location): SarifLocation {
  const path = file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return {
    physicalLocation: {
      artifactLocation: { uri: path.startsWith("/") ? `file://${path}` : path },
      region: { startLine: line, startColumn: column, ...(endColumn !== undefined && { endColumn }) },
    },
  };
}
