import { chooseSlot } from "../compilation/choose.js";
import { type LoadedFleet, load } from "../compilation/load.js";
import { planOfDomain } from "../compilation/plans.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { writeBackup, writeCheckpoint } from "../libvirt/write.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../plan/documents.js";
import type { DomainPlan, Run } from "../plan/plan.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { onTerminal } from "./progress.js";
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
  const { fleet, diagnostics } = load(file, options, onTerminal);
  const text = fleet && documentOf(fleet, kind, options, diagnostics);
  report(diagnostics, options.format);
  if (hasErrors(diagnostics) || text === undefined) return 1;
  process.stdout.write(text);
  return 0;
}

/** The document that is asked for; undefined if there is none, and `diagnostics` say why. */
function documentOf(
  fleet: LoadedFleet,
  kind: "backup" | "checkpoint" | "fallback",
  { domain, slot }: XmlOptions,
  diagnostics: Diagnostic[],
): string | undefined {
  const { chosen, diagnostics: planning } = planOfDomain(fleet, domain);
  diagnostics.push(...planning);
  if (chosen === undefined) return undefined;
  const { chosen: run, diagnostics: choosing } = chooseSlot(chosen.plan.runs, slot, chosen.header.timezone);
  diagnostics.push(...choosing);
  if (run === undefined) return undefined;
  const text = render(chosen.plan, run, kind);
  if (text === undefined) diagnostics.push(noDocument(domain, run, kind));
  return text;
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

function noDocument(domain: string, run: Run, kind: string): Diagnostic {
  return {
    code: "TM303",
    severity: "error",
    message: `the run of "${domain}" at ${run.localTime} has no ${kind} document`,
    hint:
      kind === "fallback"
        ? "a full needs no fallback"
        : "no disk of the run has a checkpoint; begin the backup without one",
  };
}
