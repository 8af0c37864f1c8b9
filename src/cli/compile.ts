import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type EarlierPlan, earlierPlan, obsoleteFiles } from "../compilation/earlier-plan.js";
import { load } from "../compilation/load.js";
import { fromFile, indexOf } from "../compilation/read-plan.js";
import { plansNow, stage } from "../compilation/stage.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { fileTrouble, PlanDirectory, type Written } from "../emit/plan-directory.js";
import { diffPlans } from "../plan/diff.js";
import { isUnchanged, type PlanDiff } from "../plan/difference.js";
import { joinHosts } from "../plan/fleet.js";
import { domainJson, planJsonEnd, planJsonStart } from "../plan/json.js";
import { OverviewBuilder, someOf } from "../plan/overview.js";
import { planDomains } from "../planner/compile.js";
import type { PreparedFleet } from "../planner/prepare.js";
import { printDiff } from "./diff.js";
import type { InputOptions } from "./input-options.js";
import { printDomain, printHeader, printOverview } from "./print-plan.js";
import type { ExitStatus } from "./program.js";
import { onTerminal, withProgress } from "./progress.js";
import { report } from "./report.js";
import { fit, terminalWidth } from "./terminal.js";

interface CompileOptions extends InputOptions {
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly check?: boolean;
}

/** `tidemark compile`: each policy to its plan directory; nothing is written unless all policies are well. */
export async function compileCommand(files: readonly string[], options: CompileOptions): Promise<ExitStatus> {
  const diagnostics: Diagnostic[] = [];
  const loaded = files.map((file) => {
    const { fleet, diagnostics: found } = load(file, options, onTerminal);
    diagnostics.push(...found);
    return { file, fleet, found, out: outputOf(file, fleet, files.length, options.out) };
  });
  diagnostics.push(...sameOutput(loaded));
  const ready = loaded.flatMap(({ fleet, found, out }) => (fleet === undefined ? [] : { fleet, found, out }));
  if (hasErrors(diagnostics)) {
    for (const prepared of ready.flatMap(({ fleet }) => fleet.hosts))
      for (const domain of planDomains(prepared)) diagnostics.push(...domain.diagnostics);
    report(diagnostics, options.format);
    return 1;
  }
  if (options.check === true) return check(ready, diagnostics, options);
  return options.dryRun === true
    ? show(
        ready.flatMap(({ fleet }) => fleet.hosts),
        diagnostics,
        options,
      )
    : write(ready, diagnostics, options);
}

/** A policy that can be planned, and what was found on the way. */
interface Ready {
  readonly fleet: PreparedFleet;
  readonly found: readonly Diagnostic[];
  readonly out: string;
}

function outputOf(
  file: string,
  fleet: PreparedFleet | undefined,
  count: number,
  out: string | undefined,
): string {
  if (out === undefined) return join(dirname(file), "plan");
  return count === 1 ? out : join(out, fleet?.header.policy.name ?? "");
}

function sameOutput(
  loaded: readonly { file: string; out: string; fleet?: PreparedFleet | undefined }[],
): Diagnostic[] {
  const taken = new Map<string, string>();
  const found: Diagnostic[] = [];
  for (const { file, out, fleet } of loaded) {
    if (fleet === undefined) continue;
    const other = taken.get(resolve(out));
    taken.set(resolve(out), file);
    if (other === undefined) continue;
    found.push({
      code: "TM504",
      severity: "error",
      message: `${other} and ${file} would both be compiled to ${out}`,
      hint: "give the policies different names and use -o, or compile them one by one",
    });
  }
  return found;
}

/**
 * The plans on a terminal, of each its summary last; as JSON what `plan.json` would be, one after the other. All are planned for
 * what there is to say of them before the first is printed.
 */
function show(all: PreparedFleet["hosts"], diagnostics: Diagnostic[], options: CompileOptions): ExitStatus {
  for (const prepared of all)
    for (const { diagnostics: found } of withProgress(planDomains(prepared), prepared.domains.length))
      diagnostics.push(...found);
  report(diagnostics, options.format);
  if (hasErrors(diagnostics)) return 1;
  const isJson = options.format === "json";
  const width = isJson ? Number.POSITIVE_INFINITY : terminalWidth();
  const print = (text: string) => process.stdout.write(fit(text, width));
  for (const prepared of all) {
    const { header } = prepared;
    const overview = new OverviewBuilder(header);
    print(isJson ? planJsonStart(header) : `${printHeader(prepared)}\n`);
    let isFirst = true;
    for (const { plan } of planDomains(prepared)) {
      overview.add(plan);
      print(isJson ? domainJson(plan, isFirst) : `${printDomain(plan, header.timezone)}\n`);
      isFirst = false;
    }
    print(isJson ? planJsonEnd : printOverview(header, overview.build()));
  }
  return 0;
}

/** Everything is staged before the first plan directory changes. */
async function write(
  all: readonly Ready[],
  diagnostics: Diagnostic[],
  options: CompileOptions,
): Promise<ExitStatus> {
  const staged: Staged[] = [];
  const discardAll = () => {
    for (const { directory } of staged) directory.discard();
  };
  for (const { fleet, found, out } of all) {
    const root = resolve(out);
    const earlier = earlierPlan(root, out, fleet.policy);
    if ("code" in earlier) {
      diagnostics.push(earlier);
      continue;
    }
    let directory: PlanDirectory | undefined;
    try {
      directory = new PlanDirectory(root);
      const planning: Diagnostic[] = [];
      const runs = await stage(fleet, directory, planning, found, onTerminal);
      diagnostics.push(...planning);
      staged.push({ out, fleet, directory, earlier, runs });
    } catch (error) {
      directory?.discard();
      diagnostics.push(fileTrouble(error, out));
    }
  }
  report(diagnostics, options.format);
  if (hasErrors(diagnostics)) {
    discardAll();
    return 1;
  }
  const outcomes: Outcome[] = [];
  for (const { out, fleet, directory, earlier, runs } of staged) {
    try {
      const now = earlier.plans.size === 0 ? new Map() : plansNow(fleet, directory, out, earlier);
      const files = directory.commit(() => obsoleteFiles(earlier, now));
      outcomes.push({ ...outcomeOf(fleet, out), runs, files });
    } catch (error) {
      discardAll();
      report([fileTrouble(error, out)], options.format);
      return 1;
    }
  }
  process.stdout.write(
    options.format === "json"
      ? asJson(outcomes)
      : outcomes
          .map(
            ({ directory, runs, files, unplanned }) =>
              `${directory}: ${runs} runs; ${summary(files)}${unplanned.length > 0 ? `; no entry covers ${someOf(unplanned)}` : ""}\n`,
          )
          .join(""),
  );
  return 0;
}

interface Staged {
  readonly out: string;
  readonly fleet: PreparedFleet;
  readonly directory: PlanDirectory;
  readonly earlier: EarlierPlan;
  readonly runs: number;
}

/** What became of a policy: `schemas/compilation.schema.json`. */
interface Outcome {
  readonly policy: string;
  readonly directory: string;
  /** Names, where the policy names hosts. */
  readonly hosts?: readonly string[];
  readonly domains: number;
  readonly unplanned: readonly string[];
  readonly runs: number;
  /** Of the plan directory; with --check those that it would be. */
  readonly files: Written;
  /** With --check: what changes from the committed plan, null if there is none yet. */
  readonly diff?: PlanDiff | null;
}

function outcomeOf(
  { header, hosts }: PreparedFleet,
  directory: string,
): Pick<Outcome, "policy" | "directory" | "hosts" | "domains" | "unplanned"> {
  const names = hosts.flatMap((prepared) => prepared.header.host ?? []);
  return {
    policy: header.policy.name,
    directory,
    ...(names.length > 0 && { hosts: names }),
    domains: hosts.reduce((sum, { domains }) => sum + domains.length, 0),
    unplanned: header.unplanned,
  };
}

function asJson(plans: readonly Outcome[]): string {
  return `${JSON.stringify({ formatVersion: "1.0", plans }, null, 2)}\n`;
}

/** Whether each plan directory is what its policy compiles to; says how it differs, by meaning and by files. */
async function check(
  all: readonly Ready[],
  diagnostics: Diagnostic[],
  options: CompileOptions,
): Promise<ExitStatus> {
  const outcomes: Outcome[] = [];
  for (const { fleet, found, out } of all) {
    const root = resolve(out);
    const earlier = earlierPlan(root, out, fleet.policy);
    if ("code" in earlier) {
      diagnostics.push(earlier);
      continue;
    }
    const isThere = existsSync(indexOf(root));
    const committed = isThere ? fromFile(indexOf(out), diagnostics) : undefined;
    if (isThere && committed === undefined) continue;
    let directory: PlanDirectory | undefined;
    try {
      directory = new PlanDirectory(root);
      const planning: Diagnostic[] = [];
      const runs = await stage(fleet, directory, planning, found, onTerminal);
      diagnostics.push(...planning);
      if (!hasErrors(diagnostics)) {
        const now = plansNow(fleet, directory, out, earlier);
        const diff =
          committed === undefined ? null : diffPlans(committed, joinHosts(fleet.header, [...now.values()]));
        const files = directory.preview(() => obsoleteFiles(earlier, now));
        outcomes.push({ ...outcomeOf(fleet, out), runs, files, diff });
      }
    } catch (error) {
      diagnostics.push(fileTrouble(error, out));
    } finally {
      directory?.discard();
    }
  }
  report(diagnostics, options.format);
  if (hasErrors(diagnostics)) return 1;
  process.stdout.write(options.format === "json" ? asJson(outcomes) : outcomes.map(checkedText).join("\n"));
  return outcomes.every(({ files }) => isSame(files)) ? 0 : 2;
}

function checkedText({ directory, files, diff }: Outcome): string {
  if (diff === null) return `${directory}: there is no plan yet\n`;
  if (isSame(files)) return `${directory}: up to date with the policy\n`;
  const changed =
    diff === undefined || isUnchanged(diff)
      ? "the runs do the same as before; an estimate, the inventory, a script or another text has changed\n"
      : `\n${printDiff(diff, "text")}`;
  return `${directory}: ${summary(files)} if compiled now\n${changed}`;
}

function isSame({ created, changed, removed }: Written): boolean {
  return created + changed + removed === 0;
}

function summary(files: Written): string {
  const { created, changed, unchanged, removed } = files;
  const parts = [
    [created, "created"],
    [changed, "changed"],
    [removed, "removed"],
    [unchanged, "unchanged"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return isSame(files) ? "no changes" : `files: ${said.join(", ")}`;
}
