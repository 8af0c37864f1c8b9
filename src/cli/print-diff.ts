import { plural } from "../diagnostics/amounts.js";
import { wrap } from "../diagnostics/wrap.js";
import { escapeMarkdown } from "../emit/plan-markdown.js";
import { isUnchanged, type PlanDiff } from "../plan/difference.js";
import { someOf } from "../plan/overview.js";
import { type Alike, alike, clockOf, type Line, type Mark, planLines } from "./diff-lines.js";

/** GitHub allows 65,536 characters in a comment. */
const MARKDOWN_LIMIT = 65_000;
/** The width of a code block that GitHub shows without scrolling. */
const FENCE_WIDTH = 100;
const MARKER = "<!-- tidemark diff -->";

const COLORS: Readonly<Record<Mark, string>> = {
  "!": "31;1",
  "+": "32",
  "-": "31",
  "~": "33",
  "-/+": "35",
  "": "2",
};

/** For a terminal. */
export function printDiffText(
  diff: PlanDiff,
  options: { readonly color: boolean; readonly width: number },
): string {
  if (isUnchanged(diff)) return `${summary(diff)}\n`;
  const paint = (text: string, color: string) => (options.color ? `\u001b[${color}m${text}\u001b[0m` : text);
  const print = ({ mark, text }: Line) => {
    const lines = wrap(text, options.width - 6);
    return lines.map((line, index) =>
      paint(`  ${(index === 0 ? mark : "").padEnd(3)} ${line}`.trimEnd(), COLORS[mark]),
    );
  };
  const sections = [
    [...wrap(title(diff), options.width), ...planLines(diff).flatMap(print)],
    ...alike(diff).map((group) => [
      ...wrap(heading(group), options.width).map((line) => paint(line, "1")),
      ...group.lines.flatMap(print),
    ]),
    wrap(summary(diff), options.width),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** For a comment on a pull request. */
export function printDiffMarkdown(diff: PlanDiff): string {
  const head = `${MARKER}\n**${escapeMarkdown(title(diff))}**\n\n${escapeMarkdown(summary(diff))}\n`;
  if (isUnchanged(diff)) return head;
  const whole = planLines(diff);
  const blocks = [
    ...(whole.length > 0 ? [`\n${fenced(whole)}`] : []),
    ...alike(diff).map(
      (group) =>
        `\n<details${group.dangers > 0 ? " open" : ""}><summary>${escapeHtml(heading(group))}</summary>\n\n${fenced(group.lines)}\n</details>\n`,
    ),
  ];
  let text = head;
  for (const [index, block] of blocks.entries()) {
    const rest = `\n_${blocks.length - index} more sections are left out, because the comment would be too long; call \`tidemark diff\`._\n`;
    if (text.length + block.length + rest.length > MARKDOWN_LIMIT) return text + rest;
    text += block;
  }
  return text;
}

function fenced(lines: readonly Line[]): string {
  const body = lines.flatMap(({ mark, text }) => {
    const marked = mark === "-/+" ? `-/+ ${text}` : text;
    return wrap(marked, FENCE_WIDTH).map((line, index) =>
      index === 0 && mark !== "" ? `${mark === "-/+" ? "!" : mark} ${line}` : `    ${line}`,
    );
  });
  const longest = Math.max(2, ...[...body.join("\n").matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}diff\n${body.join("\n")}\n${fence}\n`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function title(diff: PlanDiff): string {
  const { old, new: now } = diff;
  const clock = clockOf(diff);
  const span = ({ from, until }: typeof old) => `${clock.day(from)} to ${clock.day(until)}`;
  const when = span(old) === span(now) ? span(now) : `${span(old)} → ${span(now)}`;
  return `Plan "${now.policy}", ${when}, times in ${now.timezone}`;
}

/** The last line, and the only one if nothing changes. It is made from the same value as the exit status. */
function summary(diff: PlanDiff): string {
  if (isUnchanged(diff)) return "No changes.";
  const count = (change: "added" | "changed" | "removed") =>
    diff.domains.filter((domain) => domain.change === change).length;
  const counts = [
    [count("removed"), "removed"],
    [count("added"), "added"],
    [count("changed"), "changed"],
    [diff.unchangedDomains, "unchanged"],
  ] as const;
  const parts = counts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const domains = `domains: ${parts.join(", ")}.`;
  return diff.dangers === 0
    ? `No dangerous changes; ${domains}`
    : `${diff.dangers} dangerous ${plural(diff.dangers, "change")}; ${domains}`;
}

function heading({ names, change, dangers }: Alike): string {
  const what = change === "changed" ? "" : change === "added" ? ", new" : ", removed";
  const danger = dangers > 0 ? ` (${dangers} dangerous${names.length > 1 ? " each" : ""})` : "";
  return `${someOf(names)}${what}${danger}`;
}
