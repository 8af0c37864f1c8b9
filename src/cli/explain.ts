import { chooseSlot } from "../compilation/choose.js";
import { type LoadedFleet, load } from "../compilation/load.js";
import { type Explanation, explainDomain } from "../compilation/plans.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { localTime } from "../plan/local-time.js";
import type { ExitStatus } from "./exit-status.js";
import { explainCode, isCode } from "./explain-code.js";
import type { InputOptions } from "./input-options.js";
import { onTerminal } from "./progress.js";
import { report } from "./report.js";
import { fit, terminalWidth } from "./terminal.js";
import { reportUsage } from "./usage.js";

interface ExplainOptions extends InputOptions {
  readonly domain?: string;
  readonly slot?: string;
}

/** `tidemark explain`: why a restore point is what it is, what keeps it and until when, what deletes it. */
export function explainCommand(file: string, options: ExplainOptions): ExitStatus {
  if (isCode(file)) return explainCode(file, options.format);
  const { domain } = options;
  if (domain === undefined) {
    return reportUsage(
      "required option '--domain <name>' not specified",
      "name a domain with --domain, or name a diagnostic's code instead of the policy",
      options.format,
    );
  }
  const { fleet, diagnostics } = load(file, options, onTerminal);
  const text = fleet === undefined ? undefined : explained(fleet, { ...options, domain }, diagnostics);
  report(diagnostics, options.format);
  if (hasErrors(diagnostics) || text === undefined) return 1;
  process.stdout.write(text);
  return 0;
}

function explained(
  fleet: LoadedFleet,
  { domain: name, slot, format }: ExplainOptions & { readonly domain: string },
  diagnostics: Diagnostic[],
): string | undefined {
  const { chosen, diagnostics: planning } = explainDomain(fleet, name);
  diagnostics.push(...planning);
  if (chosen === undefined) return undefined;
  const { header, explanations: all } = chosen;
  const { timezone } = header;
  if (slot === undefined)
    return format === "json"
      ? asJson(name, all)
      : fit(`${all.map((each) => line(each, timezone)).join("\n")}\n`, terminalWidth());
  const { chosen: one, diagnostics: choosing } = chooseSlot(all, slot, timezone);
  diagnostics.push(...choosing);
  if (one === undefined) return undefined;
  return format === "json" ? asJson(name, [one]) : fit(detail(name, one, timezone), terminalWidth());
}

/** `schemas/explanation.schema.json` */
function asJson(domain: string, points: readonly Explanation[]): string {
  return `${JSON.stringify({ formatVersion: "1.0", domain, points }, null, 2)}\n`;
}

function line({ localTime: at, level, point, keptBy, deletedBy }: Explanation, timezone: string): string {
  const last = keptBy.at(-1);
  const fate =
    deletedBy === undefined
      ? `kept (${keptBy
          .filter(({ until }) => until === last?.until)
          .map(({ reason }) => reason)
          .join(", ")})`
      : `${deletedBy.foldedInto === undefined ? "deleted" : `folded into ${deletedBy.foldedInto}`} by the run of ${localTime(deletedBy.slot, timezone)}`;
  return `${at}  ${level.padEnd(12)}  ${point}  ${fate}`;
}

function detail(domain: string, one: Explanation, timezone: string): string {
  const lines = [`${one.point} of ${domain}: ${one.level}, ${one.localTime}`];
  for (const { target, level, base, reason } of one.disks ?? []) {
    lines.push(`  ${target}  ${level}${base === null ? "" : ` since ${base}`}: ${reason}`);
  }
  if (one.disks === undefined) lines.push("  in the catalog: the run was verified before this plan");
  const section = (title: string, texts: readonly string[]) => {
    for (const [index, text] of texts.entries()) {
      lines.push(`  ${(index === 0 ? title : "").padEnd(10)}  ${text}`);
    }
  };
  section(
    "builds on",
    one.buildsOn.length > 0 ? one.buildsOn : ["no other restore point: it can be restored by itself"],
  );
  section("needed by", one.neededBy.length > 0 ? one.neededBy : ["no other restore point"]);
  section(
    "folded in",
    one.foldedIn.map(({ slot, of }) => `${of.join(", ")}, by the run of ${localTime(slot, timezone)}`),
  );
  section(
    "kept by",
    one.keptBy.map(({ reason, until }) => `${reason}, up to the run of ${localTime(until, timezone)}`),
  );
  section(
    "deleted",
    one.deletedBy === undefined
      ? ["not within this plan"]
      : [
          ...(one.deletedBy.foldedInto === undefined
            ? []
            : [`its data is folded into ${one.deletedBy.foldedInto}`]),
          `by the run of ${localTime(one.deletedBy.slot, timezone)}, when no rule keeps it any more and no kept restore point needs it,`,
          `if these are verified: ${one.deletedBy.becauseOf.join(", ")}`,
        ],
  );
  return `${lines.join("\n")}\n`;
}
