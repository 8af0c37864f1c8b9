import { dirname, join, resolve } from "node:path";
import { checkPlans } from "../compilation/check.js";
import { type LoadedFleet, load } from "../compilation/load.js";
import { isUnwritten, type Outcome } from "../compilation/outcome.js";
import { diagnosticsOf, type HostPlans, plansOf } from "../compilation/plans.js";
import { type Order, writePlans } from "../compilation/write.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { domainWriter } from "../emit/domain-threads.js";
import type { Written } from "../emit/plan-directory.js";
import { isUnchanged } from "../plan/difference.js";
import { domainJson, planJsonEnd, planJsonStart } from "../plan/json.js";
import { OverviewBuilder, someOf } from "../plan/overview.js";
import { printDiff } from "./diff.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { printDomain, printHeader, printOverview } from "./print-plan.js";
import { onTerminal, withProgress } from "./progress.js";
import { report } from "./report.js";
import { fit, terminalWidth } from "./terminal.js";

interface CompileOptions extends InputOptions {
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly check?: boolean;
}

/** `tidemark compile`: compiles each policy into its plan directory. Nothing is written if any policy has an error. */
export async function compileCommand(files: readonly string[], options: CompileOptions): Promise<ExitStatus> {
  const diagnostics: Diagnostic[] = [];
  const loaded = files.map((file) => {
    const { fleet, diagnostics: loading } = load(file, options, onTerminal);
    diagnostics.push(...loading);
    return { file, fleet, loading, out: outputOf(file, fleet, files.length, options.out) };
  });
  diagnostics.push(...sameOutput(loaded));
  const ready = loaded.flatMap(({ fleet, loading, out }) =>
    fleet === undefined ? [] : { fleet, loading, out },
  );
  if (hasErrors(diagnostics)) {
    for (const { fleet } of ready) diagnostics.push(...diagnosticsOf(fleet, onTerminal));
    report(diagnostics, options.format);
    return 1;
  }
  const orders = ready.map(
    ({ fleet, loading, out }): Order => ({ plans: plansOf(fleet), out, diagnostics: loading }),
  );
  if (options.check === true) return check(orders, diagnostics, options);
  return options.dryRun === true
    ? show(
        orders.flatMap(({ plans }) => plans.hosts),
        diagnostics,
        options,
      )
    : write(orders, diagnostics, options);
}

function outputOf(
  file: string,
  fleet: LoadedFleet | undefined,
  count: number,
  out: string | undefined,
): string {
  if (out === undefined) return join(dirname(file), "plan");
  return count === 1 ? out : join(out, fleet?.header.policy.name ?? "");
}

function sameOutput(
  loaded: readonly { file: string; out: string; fleet?: LoadedFleet | undefined }[],
): Diagnostic[] {
  const taken = new Map<string, string>();
  const collisions: Diagnostic[] = [];
  for (const { file, out, fleet } of loaded) {
    if (fleet === undefined) continue;
    const other = taken.get(resolve(out));
    taken.set(resolve(out), file);
    if (other === undefined) continue;
    collisions.push({
      code: "TM504",
      severity: "error",
      message: `${other} and ${file} would both be compiled to ${out}`,
      hint: "give the policies different names and use -o, or compile them one by one",
    });
  }
  return collisions;
}

/**
 * Prints the plans, each with its summary last; as JSON, each as its `plan.json`. All are planned for their diagnostics
 * before the first is printed.
 */
function show(all: readonly HostPlans[], diagnostics: Diagnostic[], options: CompileOptions): ExitStatus {
  for (const { domains, count } of all)
    for (const { diagnostics: planning } of withProgress(domains(), count)) diagnostics.push(...planning);
  report(diagnostics, options.format);
  if (hasErrors(diagnostics)) return 1;
  const isJson = options.format === "json";
  const width = isJson ? Number.POSITIVE_INFINITY : terminalWidth();
  const print = (text: string) => process.stdout.write(fit(text, width));
  for (const host of all) {
    const { header } = host;
    const overview = new OverviewBuilder(header);
    print(isJson ? planJsonStart(header) : `${printHeader(host)}\n`);
    let isFirst = true;
    for (const { plan } of host.domains()) {
      overview.add(plan);
      print(isJson ? domainJson(plan, isFirst) : `${printDomain(plan, header.timezone)}\n`);
      isFirst = false;
    }
    print(isJson ? planJsonEnd : printOverview(header, overview.build()));
  }
  return 0;
}

async function write(
  orders: readonly Order[],
  diagnostics: readonly Diagnostic[],
  options: CompileOptions,
): Promise<ExitStatus> {
  const { outcomes, diagnostics: writing } = await writePlans(orders, domainWriter, onTerminal);
  report([...diagnostics, ...writing], options.format);
  if (outcomes === undefined) return 1;
  process.stdout.write(
    options.format === "json"
      ? asJson(outcomes)
      : outcomes
          .map(
            ({ directory, runs, files, unplanned, outside }) =>
              `${directory}: ${runs} runs; ${summary(files)}${unplanned.length > 0 ? `; no entry covers ${someOf(unplanned)}` : ""}\n${outside.map(({ part, domains, why }) => `  not protected: ${part} of ${someOf(domains)}: ${why}\n`).join("")}`,
          )
          .join(""),
  );
  return 0;
}

/** Says whether each plan directory is up to date with its policy, and how it differs. */
async function check(
  orders: readonly Order[],
  diagnostics: readonly Diagnostic[],
  options: CompileOptions,
): Promise<ExitStatus> {
  const { outcomes, diagnostics: checking } = await checkPlans(orders, domainWriter, onTerminal);
  const all = [...diagnostics, ...checking];
  report(all, options.format);
  if (hasErrors(all)) return 1;
  process.stdout.write(options.format === "json" ? asJson(outcomes) : outcomes.map(checkedText).join("\n"));
  return outcomes.every(({ files }) => isUnwritten(files)) ? 0 : 2;
}

function checkedText({ directory, files, diff }: Outcome): string {
  if (diff === null) return `${directory}: there is no plan yet\n`;
  if (isUnwritten(files)) return `${directory}: up to date with the policy\n`;
  const changed =
    diff === undefined || isUnchanged(diff)
      ? "the runs do the same as before; an estimate, the inventory, a script or another text has changed\n"
      : `\n${printDiff(diff, "text")}`;
  return `${directory}: ${summary(files)} if compiled now\n${changed}`;
}

function asJson(plans: readonly Outcome[]): string {
  return `${JSON.stringify({ formatVersion: "1.0", plans }, null, 2)}\n`;
}

function summary(files: Written): string {
  const { created, changed, unchanged, removed } = files;
  const parts = [
    [created, "created"],
    [changed, "changed"],
    [removed, "removed"],
    [unchanged, "unchanged"],
  ] as const;
  const counts = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return isUnwritten(files) ? "no changes" : `files: ${counts.join(", ")}`;
}
