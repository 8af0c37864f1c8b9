import { escapeMarkdown } from "../emit/plan-markdown.js";
import { humanBytes, humanDuration } from "../plan/amounts.js";
import {
  type Danger,
  type DomainDiff,
  isUnchanged,
  type PlanDiff,
  type PointChange,
  type RunChange,
  type SettingChange,
} from "../plan/diff.js";
import { someOf } from "../plan/overview.js";
import { wrap } from "./help.js";

/** What a line says: danger, more, less, changed, made anew; or it goes on with the one above. */
type Mark = "!" | "+" | "-" | "~" | "-/+" | "";

interface Line {
  readonly mark: Mark;
  readonly text: string;
}

/** Longest list of single restore points or slots. */
const SHOWN = 5;
/** GitHub takes 65,536 characters a comment. */
const MARKDOWN_LIMIT = 65_000;
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
    [title(diff), ...planLines(diff).flatMap(print)],
    ...alike(diff.domains).map((group) => [paint(heading(group), "1"), ...group.lines.flatMap(print)]),
    [summary(diff)],
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
    ...alike(diff.domains).map(
      (group) =>
        `\n<details${group.dangers > 0 ? " open" : ""}><summary>${escapeHtml(heading(group))}</summary>\n\n${fenced(group.lines)}\n</details>\n`,
    ),
  ];
  let text = head;
  for (const [index, block] of blocks.entries()) {
    const rest = `\n_${blocks.length - index} more sections are left out here, as the comment would be too long: run \`tidemark diff\`._\n`;
    if (text.length + block.length + rest.length > MARKDOWN_LIMIT) return text + rest;
    text += block;
  }
  return text;
}

function fenced(lines: readonly Line[]): string {
  const body = lines.map(({ mark, text }) =>
    `${mark === "-/+" ? "!" : mark} ${mark === "-/+" ? "-/+ " : ""}${text}`.trimStart(),
  );
  const longest = Math.max(2, ...[...body.join("\n").matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}diff\n${body.join("\n")}\n${fence}\n`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function title({ old, new: now }: PlanDiff): string {
  const span = ({ from, until }: typeof old) => `${from} to ${until}`;
  return span(old) === span(now)
    ? `Plan "${now.policy}", ${span(now)}`
    : `Plan "${now.policy}", ${span(old)} → ${span(now)}`;
}

/** The last line, and the only one where nothing changes: it is told from the same value as the exit status. */
function summary(diff: PlanDiff): string {
  if (isUnchanged(diff)) return "No changes.";
  const count = (change: DomainDiff["change"]) =>
    diff.domains.filter((domain) => domain.change === change).length;
  const domains = `${count("added")} domains added, ${count("changed")} changed, ${count("removed")} removed, ${diff.unchangedDomains} as they were.`;
  return diff.dangers === 0
    ? `Nothing dangerous: ${domains}`
    : `${diff.dangers} dangerous ${diff.dangers === 1 ? "change" : "changes"}; ${domains}`;
}

/** Domains of which the same is to be said. */
interface Alike {
  readonly names: string[];
  readonly change: DomainDiff["change"];
  /** Of each. */
  readonly dangers: number;
  readonly lines: readonly Line[];
}

/** A change of the defaults touches a thousand domains in one way, and is told once. */
function alike(domains: readonly DomainDiff[]): readonly Alike[] {
  const groups = new Map<string, Alike>();
  for (const domain of domains) {
    const lines = domainLines(domain);
    const key = JSON.stringify([domain.change, lines]);
    const group = groups.get(key);
    if (group !== undefined) group.names.push(domain.name);
    else {
      const { name, change, dangers } = domain;
      groups.set(key, { names: [name], change, dangers: dangers.length, lines });
    }
  }
  return [...groups.values()];
}

function heading({ names, change, dangers }: Alike): string {
  const what = change === "changed" ? "" : change === "added" ? ", new" : ", removed";
  const danger = dangers > 0 ? ` (${dangers} dangerous${names.length > 1 ? " each" : ""})` : "";
  return `${someOf(names)}${what}${danger}`;
}

function planLines({ settings }: PlanDiff): Line[] {
  return settings.map((each) => ({ mark: "~", text: `${each.setting}: ${each.old} → ${each.new}` }));
}

function domainLines(domain: DomainDiff): Line[] {
  return [
    ...domain.dangers.flatMap(dangerLines),
    ...domain.settings.map(({ setting, old, new: now }): Line => {
      const mark = old === null ? "+" : now === null ? "-" : "~";
      return { mark, text: `${setting}: ${old ?? "not set"} → ${now ?? "not set"}` };
    }),
    ...domain.disks
      .filter(({ change }) => change !== "leaves")
      .map(
        ({ target, change, what }): Line => ({
          mark: change === "joins" ? "+" : "~",
          text: `disk ${target}: ${what}`,
        }),
      ),
    ...domain.runs.map(runLine),
    ...(domain.keptLonger.length > 0
      ? [
          { mark: "+" as const, text: `${points(domain.keptLonger.length)} kept longer` },
          ...pointLines(domain.keptLonger),
        ]
      : []),
    ...domain.figures.flatMap(figureLine),
  ];
}

function dangerLines(danger: Danger): Line[] {
  switch (danger.kind) {
    case "restore-points-lost":
      return [
        { mark: "!", text: `${points(danger.points.length)} lost earlier than planned` },
        ...pointLines(danger.points),
      ];
    case "domain-dropped":
      return [{ mark: "!", text: "the domain is no longer backed up" }];
    case "disk-dropped":
      return [{ mark: "!", text: `disk ${danger.target} is no longer backed up: ${danger.reason}` }];
    case "longer-gap":
      return [
        {
          mark: "!",
          text: `longer without a restore point: ${humanDuration(danger.old)} → ${humanDuration(danger.new)}`,
        },
      ];
    case "chain-restart":
      return [
        {
          mark: "-/+",
          text: `the chain begins anew, with a full that is not scheduled (${danger.reason}): ${slots(danger.slots)}`,
        },
      ];
    case "plain-tcp":
      return [
        { mark: "!", text: `the disks can be read unencrypted at ${danger.address} while a backup runs` },
      ];
  }
}

function pointLines(list: readonly PointChange[]): Line[] {
  const end = (slot: string | null) => (slot === null ? "kept" : `deleted by the run of ${slot}`);
  return [
    ...list
      .slice(0, SHOWN)
      .map(({ point, old, new: now }): Line => ({ mark: "", text: `${point}: ${end(old)} → ${end(now)}` })),
    ...(list.length > SHOWN ? [{ mark: "", text: `and ${list.length - SHOWN} more` } as const] : []),
  ];
}

function runLine({ change, what, slots: when }: RunChange): Line {
  const runs = `${when.length} ${when.length === 1 ? "run" : "runs"}`;
  const tell: Readonly<Record<RunChange["change"], Line>> = {
    appear: { mark: "+", text: `${runs} more (${what})` },
    vanish: { mark: "-", text: `${runs} fewer (${what})` },
    move: { mark: "~", text: `${runs} moved: ${what}` },
    change: { mark: "~", text: `${runs} changed: ${what}` },
    follow: { mark: "+", text: `${runs} after the old plan's end (${what})` },
  };
  const { mark, text } = tell[change];
  return { mark, text: `${text}: ${slots(when)}` };
}

function figureLine({ setting, old, new: now }: SettingChange): Line[] {
  const show = (value: string | number | null) => {
    if (typeof value !== "number") return value ?? "unknown";
    if (setting.startsWith("longest time")) return humanDuration(value);
    return /^repository|^copied/.test(setting) ? humanBytes(value) : String(value);
  };
  return show(old) === show(now) ? [] : [{ mark: "", text: `${setting}: ${show(old)} → ${show(now)}` }];
}

function slots(list: readonly string[]): string {
  return list.length === 1 ? `${list[0]}` : `${list[0]} to ${list.at(-1)}`;
}

function points(count: number): string {
  return count === 1 ? "1 restore point is" : `${count} restore points are`;
}
