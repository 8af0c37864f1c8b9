import { CODES } from "../diagnostics/codes.js";
import type { Page } from "../libvirt/rules/index.js";

/** A rule for people to read, in Markdown: what `tidemark explain` prints, and what stands in `docs/rules/`. */
export function rulePage({ code, page, source, since, until, ours }: Page): string {
  const facts = [
    ours === undefined ? "" : `- Refused here, not by libvirt: ${ours}.`,
    since === undefined ? "" : `- Since libvirt ${since}.`,
    until === undefined ? "" : `- Until libvirt ${until}, which takes it.`,
    `- Source: ${source}.`,
  ].filter((line) => line !== "");
  return `# ${code}: ${CODES[code]}\n\n${page}\n\n${facts.join("\n")}\n`;
}

/** The list of all rules, by code. */
export function ruleIndex(pages: readonly Page[]): string {
  const rows = pages.map(
    ({ code, ours }) =>
      `| [${code}](${code}.md) | ${CODES[code]} | ${ours === undefined ? "libvirt" : "tidemark"} |`,
  );
  return `# What is refused, and why

Each rule that stands between a document and libvirt. \`tidemark explain TM402\` prints a page. These files are made from the
rules themselves (\`src/libvirt/rules/\`) by \`npm run golden:refresh\`, and a test holds them to it.

| code | what | who refuses it |
| --- | --- | --- |
${rows.join("\n")}
`;
}
