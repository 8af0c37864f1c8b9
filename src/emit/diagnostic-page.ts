import { CODES, type DiagnosticCode } from "../diagnostics/codes.js";
import { IN_A_POLICY } from "../diagnostics/explanations/in-a-policy.js";
import { EXPLANATIONS } from "../diagnostics/explanations/index.js";
import type { Page } from "../libvirt/rule.js";
import { PAGES } from "../libvirt/rules/index.js";

const rules = new Map<DiagnosticCode, Page>(PAGES.map((page) => [page.code, page]));
const inAPolicy: Partial<Record<DiagnosticCode, string>> = IN_A_POLICY;
const others: Partial<Record<DiagnosticCode, string>> = EXPLANATIONS;

/** What a finding means, why it matters and what to do, in Markdown. */
export function explanationOf(code: DiagnosticCode): string {
  const rule = rules.get(code);
  return rule === undefined ? (others[code] ?? "") : ruleText(rule);
}

function ruleText({ code, page, source, since, until, ours }: Page): string {
  const facts = [
    ours === undefined ? "" : `- Refused here, not by libvirt: ${ours}.`,
    since === undefined ? "" : `- Since libvirt ${since}.`,
    until === undefined ? "" : `- Until libvirt ${until}, which takes it.`,
    `- Source: ${source}.`,
  ].filter((line) => line !== "");
  return [page, inAPolicy[code], facts.join("\n")].filter(Boolean).join("\n\n");
}

/** A code for people to read: what `tidemark explain` prints, and what stands in `docs/diagnostics/`. */
export function diagnosticPage(code: DiagnosticCode): string {
  return `# ${code}: ${CODES[code]}\n\n${explanationOf(code)}\n`;
}

/** By the first digit of their codes. */
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
        ? "| code | what | who refuses it |\n| --- | --- | --- |"
        : "| code | what |\n| --- | --- |";
    return `## ${title}\n\n${head}\n${rows.join("\n")}\n`;
  });
  return `# What tidemark says, and why

Each diagnostic by its code, which stays what it is from version to version. \`tidemark explain TM402\` prints a page. These
files are made from the sources (\`src/diagnostics/explanations/\`, and of libvirt's rules \`src/libvirt/rules/\`) by
\`npm run golden:refresh\`, and a test holds them to it.

${groups.join("\n")}`;
}
