import { DateTime } from "luxon";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../emit/documents.js";
import { writeBackup, writeCheckpoint } from "../libvirt/write.js";
import type { DomainPlan, Run } from "../plan/plan.js";
import { planDomain } from "../planner/domain.js";
import { nearest } from "../policy/did-you-mean.js";
import { type InputOptions, load } from "./load.js";
import type { ExitStatus } from "./program.js";
import { report } from "./report.js";

interface XmlOptions extends InputOptions {
  readonly domain: string;
  readonly slot: string;
}

/** `tidemark xml`: one document on stdout, the same bytes that `compile` writes. */
export function xmlCommand(
  file: string,
  kind: "backup" | "checkpoint" | "fallback",
  options: XmlOptions,
): ExitStatus {
  const { prepared, diagnostics } = load(file, options);
  let text: string | undefined;
  if (prepared !== undefined) {
    const domain = prepared.domains.find((each) => each.domain.facts.domain.name === options.domain);
    if (domain === undefined) {
      const names = prepared.domains.map((each) => each.domain.facts.domain.name);
      diagnostics.push(noSuch(`domain "${options.domain}"`, names, nearest(options.domain, names)));
    } else {
      const { plan, diagnostics: planning } = planDomain(prepared, domain);
      diagnostics.push(...planning);
      const found = findRun(plan.runs, options.slot, prepared.policy.timezone);
      if (found.length === 1) text = render(plan, found[0] as Run, kind);
      if (found.length !== 1) {
        diagnostics.push(
          noSuch(
            found.length === 0 ? `slot "${options.slot}"` : `single slot on "${options.slot}"`,
            (found.length === 0 ? plan.runs : found).map((run) => run.slot),
            undefined,
          ),
        );
      } else if (text === undefined) {
        diagnostics.push({
          code: "TM303",
          severity: "error",
          message: `the run of "${options.domain}" at ${found[0]?.slot} has no ${kind} document`,
          hint:
            kind === "fallback"
              ? "a full needs no fallback"
              : "no disk takes part in checkpoints; begin the backup without one",
        });
      }
    }
  }
  report(diagnostics, options.format);
  if (hasErrors(diagnostics) || text === undefined) return 1;
  process.stdout.write(text);
  return 0;
}

function render(plan: DomainPlan, run: Run, kind: "backup" | "checkpoint" | "fallback"): string | undefined {
  switch (kind) {
    case "backup":
      return writeBackup(backupDocument(plan, run));
    case "fallback":
      return run.level === "full" ? undefined : writeBackup(fallbackDocument(plan, run));
    case "checkpoint": {
      const checkpoint = checkpointDocument(plan, run);
      return checkpoint && writeCheckpoint(checkpoint);
    }
  }
}

/** The runs that a slot as typed can mean: its name in checkpoints, an instant, a local time, or all of a day. */
function findRun(runs: readonly Run[], slot: string, timezone: string): readonly Run[] {
  if (/^\d{4}-\d\d-\d\d$/.test(slot)) return runs.filter((run) => run.localTime.startsWith(slot));
  const named = runs.filter((run) => run.point.endsWith(`-${slot}`));
  if (named.length > 0) return named;
  const time = DateTime.fromISO(slot, { zone: timezone });
  return time.isValid ? runs.filter((run) => Date.parse(run.slot) === time.toMillis()) : [];
}

function noSuch(what: string, known: readonly string[], meant: string | undefined): Diagnostic {
  const shown = known.slice(0, 8).join(", ");
  return {
    code: "TM301",
    severity: "error",
    message: `the plan has no ${what}`,
    hint:
      meant === undefined
        ? `it has: ${shown || "none"}${known.length > 8 ? `, and ${known.length - 8} more` : ""}`
        : `did you mean "${meant}"?`,
  };
}
