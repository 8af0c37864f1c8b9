import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { indexOf, planOf } from "../compilation/read-plan.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { fileTrouble } from "../emit/plan-directory.js";
import { renderHtmlStatus } from "../emit/status-html.js";
import type { LazyPlan } from "../plan/lazy.js";
import { domainLabel } from "../plan/plan.js";
import { MOMENT_FORMS, parseMoment } from "../policy/moment.js";
import { parseSpan, SPAN_EXAMPLES, spanSeconds } from "../policy/span.js";
import type { Moment } from "../status/domain-status.js";
import { factsOf } from "../status/facts.js";
import { type Present, presentInCatalog, presentInRepository } from "../status/present.js";
import type { Status } from "../status/status.js";
import { statusOfPlan, statusOfRepository, withDomains } from "../status/status-of.js";
import { headOf, unplannedOf } from "../status/tell.js";
import { matchingDomains } from "./domain-option.js";
import type { ExitStatus } from "./exit-status.js";
import { onTerminal } from "./progress.js";
import { report, wantsColor } from "./report.js";
import { fit, terminalWidth } from "./terminal.js";
import { writeOut } from "./write-out.js";

interface StatusOptions {
  readonly repository?: string;
  readonly inventory?: string;
  readonly domain?: readonly string[];
  readonly at?: string;
  readonly maxAge?: string;
  readonly strict?: boolean;
  readonly out?: string;
  readonly format: "text" | "json" | "html";
}

/** `tidemark status`: what the plan said beside what is there. */
export function statusCommand(argument: string, options: StatusOptions): ExitStatus {
  const diagnostics: Diagnostic[] = [];
  const status = statusFor(argument, options, diagnostics);
  const form = options.format === "json" ? "json" : "text";
  if (status === undefined || hasErrors(diagnostics)) {
    report(diagnostics, form);
    return 1;
  }
  try {
    writeOut(textOf(status, options), options.out);
  } catch (error) {
    diagnostics.push(fileTrouble(error, options.out ?? "stdout"));
  }
  report(diagnostics, form);
  if (hasErrors(diagnostics)) return 1;
  const { alarm, attention } = status.summary;
  return alarm > 0 || (options.strict === true && attention > 0) ? 2 : 0;
}

function statusFor(argument: string, options: StatusOptions, diagnostics: Diagnostic[]): Status | undefined {
  const isPlan = !isRepository(argument);
  const plan = isPlan ? planOf(argument, pick(options), diagnostics, onTerminal) : undefined;
  if (isPlan && plan === undefined) return undefined;
  const moment = momentOf(options, plan?.header.timezone ?? "UTC", diagnostics);
  if (moment === undefined) return undefined;
  const read = (found: { present: readonly Present[]; diagnostics: readonly Diagnostic[] }) => {
    diagnostics.push(...found.diagnostics);
    return found.present;
  };
  const whole =
    plan === undefined
      ? statusOfRepository(read(presentInRepository(argument, false)), moment)
      : statusOfPlan(plan, presentOf(plan, options, read), moment);
  return options.domain === undefined
    ? whole
    : withDomains(
        { ...whole, unplanned: [] },
        matchingDomains(
          whole.domains,
          options.domain,
          plan === undefined ? "the repository" : "the plan",
          diagnostics,
        ),
      );
}

/** A folder that holds no plan. */
function isRepository(argument: string): boolean {
  return (
    statSync(argument, { throwIfNoEntry: false })?.isDirectory() === true && !existsSync(indexOf(argument))
  );
}

function pick({ inventory }: StatusOptions): { inventory?: string } {
  return inventory === undefined ? {} : { inventory };
}

/** What is there of a domain, in the repository of its host or in the catalog; each is read once. */
function presentOf(
  { header }: LazyPlan,
  { repository, inventory }: StatusOptions,
  read: (found: { present: readonly Present[]; diagnostics: readonly Diagnostic[] }) => readonly Present[],
): (host: string | undefined, directory: string) => Present | undefined {
  const known = new Map<string, ReadonlyMap<string, Present>>();
  return (host, directory) => {
    const root = (inventory ?? repository ?? header.repository).replaceAll("{host}", host ?? "");
    let present = known.get(root);
    if (present === undefined) {
      const found = read(inventory === undefined ? presentInRepository(root, true) : presentInCatalog(root));
      present = new Map(found.map((each) => [each.directory, each]));
      known.set(root, present);
    }
    return present.get(directory);
  };
}

function momentOf(
  { at, maxAge }: StatusOptions,
  timezone: string,
  diagnostics: Diagnostic[],
): Moment | undefined {
  const time = at === undefined ? Date.now() : parseMoment(at, timezone)?.time;
  const age = maxAge === undefined ? undefined : parseSpan(maxAge);
  if (time === undefined)
    diagnostics.push({
      code: "TM001",
      severity: "error",
      message: `--at "${at}" is not a time`,
      hint: `write ${MOMENT_FORMS}`,
    });
  if (maxAge !== undefined && age === undefined)
    diagnostics.push({
      code: "TM001",
      severity: "error",
      message: `--max-age "${maxAge}" is not a span of time`,
      hint: `write it as in ${SPAN_EXAMPLES}`,
    });
  if (time === undefined || hasErrors(diagnostics)) return undefined;
  return { at: time, timezone, ...(age && { maxAge: spanSeconds(age) }) };
}

function textOf(status: Status, { format, out }: StatusOptions): string {
  const isHtml = format === "html" || (format === "text" && /\.html?$/i.test(basename(out ?? "")));
  if (isHtml) return renderHtmlStatus(status);
  if (format === "json") return `${JSON.stringify(status, null, 2)}\n`;
  const isTerminal = out === undefined;
  return forPeople(
    status,
    isTerminal ? terminalWidth() : Number.POSITIVE_INFINITY,
    isTerminal && wantsColor(process.stdout),
  );
}

const COLORS = { alarm: "31", attention: "33", well: "32" } as const;

function forPeople(status: Status, width: number, color: boolean): string {
  const { title, summary } = headOf(status);
  const unplanned = unplannedOf(status);
  const paint = (text: string, state: keyof typeof COLORS) =>
    color ? `\u001b[${COLORS[state]}m${text}\u001b[0m` : text;
  const blocks = status.domains.map((domain) => {
    const { name, host, state, remarks } = domain;
    const rows = factsOf(domain, status).map(([fact, text]) => `  ${fact.padEnd(12)}  ${text}`);
    return [
      `${paint(state.padEnd(9), state)}  ${domainLabel(name, host)}`,
      ...remarks.map(({ grade, text }) =>
        fit(`  ${grade.padEnd(12)}  ${text}`, width).replace(grade, paint(grade, grade)),
      ),
      ...rows.map((row) => fit(row, width)),
    ].join("\n");
  });
  const head = fit([title, summary, ...(unplanned === undefined ? [] : [unplanned])].join("\n"), width);
  return `${[head, ...blocks].join("\n\n")}\n`;
}
