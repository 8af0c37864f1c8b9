import { CODES, type DiagnosticCode } from "../diagnostics/codes.js";
import { IN_A_POLICY } from "../diagnostics/explanations/in-a-policy.js";
import { EXPLANATIONS } from "../diagnostics/explanations/index.js";
import type { Page } from "../libvirt/rule.js";
import { PAGES } from "../libvirt/rules/index.js";

const rules = new Map<DiagnosticCode, Page>(PAGES.map((page) => [page.code, page]));
const inAPolicy: Partial<Record<DiagnosticCode, string>> = IN_A_POLICY;
const others: Partial<Record<DiagnosticCode, string>> = EXPLANATIONS;

/** What a diagnostic means, why it matters and what to do, in Markdown. */
export function explanationOf(code: DiagnosticCode): string {
  const rule = rules.get(code);
  return rule === undefined ? (others[code] ?? "") : ruleText(rule);
}

function ruleText({ code, page, source, since, until, ours }: Page): string {
  const facts = [
    ours === undefined ? "" : `- tidemark refuses this; libvirt does not: ${ours}.`,
    since === undefined ? "" : `- libvirt refuses it since ${since}.`,
    until === undefined ? "" : `- libvirt ${until} and newer accept it.`,
    `- Source: ${source}.`,
  ].filter((line) => line !== "");
  return [page, inAPolicy[code], facts.join("\n")].filter(Boolean).join("\n\n");
}

/** The page of a code: what `tidemark explain` prints, and the file in `docs/diagnostics/`. */
export function diagnosticPage(code: DiagnosticCode): string {
  return `# ${code}: ${CODES[code]}\n\n${explanationOf(code)}\n`;
}

/** Titles of the groups, by the first digit of the code. */
const GROUPS = {
  0: "The command line",
  1: "The policy",
  2: "The inventory",
  3: "The plan",
  4: "What libvirt refuses",
  5: "Files and repositories",
} as const;

/** The list of all codes. */
export function diagnosticIndex(): string {
  const codes = Object.keys(CODES) as DiagnosticCode[];
  const groups = Object.entries(GROUPS).map(([digit, title]) => {
    const rows = codes
      .filter((code) => code.startsWith(`TM${digit}`))
      .map((code) => {
        const rule = rules.get(code);
        const who = rule?.ours === undefined ? "libvirt" : "tidemark";
        return `| [${code}](${code}.md) | ${CODES[code]} |${rule === undefined ? "" : ` ${who} |`}`;
      });
    const head =
      digit === "4"
        ? "| code | diagnostic | who refuses it |\n| --- | --- | --- |"
        : "| code | diagnostic |\n| --- | --- |";
    return `## ${title}\n\n${head}\n${rows.join("\n")}\n`;
  });
  return `# The diagnostics

This is the list of all diagnostics. A code keeps its meaning in all versions of tidemark. \`tidemark explain TM402\` prints the
page of a code. \`npm run golden:refresh\` generates these files from the sources (\`src/diagnostics/explanations/\`, and
\`src/libvirt/rules/\` for libvirt's rules); a test fails if they differ.

${groups.join("\n")}`;
}
