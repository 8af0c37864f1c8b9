import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { fileTrouble, PlanDirectory, type Written } from "../emit/plan-directory.js";
import { PlanWriter } from "../emit/write-plan.js";
import { diffPlans, isUnchanged } from "../plan/diff.js";
import { PLAN_JSON } from "../plan/files.js";
import { readPlannedFiles } from "../plan/read.js";
import { type Prepared, planDomains } from "../planner/compile.js";
import { printDiff } from "./diff.js";
import { type InputOptions, load } from "./load.js";
import { printDomain, printHeader } from "./print-plan.js";
import type { ExitStatus } from "./program.js";
import { fromFile, planInMemory } from "./read-plan.js";
import { report } from "./report.js";

interface CompileOptions extends InputOptions {
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly check?: boolean;
}

/** `tidemark compile`: each policy to its plan directory; nothing is written unless all policies are well. */
export function compileCommand(files: readonly string[], options: CompileOptions): ExitStatus {
  const diagnostics: Diagnostic[] = [];
  const loaded = files.map((file) => {
    const { prepared, diagnostics: found } = load(file, options);
    diagnostics.push(...found);
    return { file, prepared, out: outputOf(file, prepared, files.length, options.out) };
  });
  diagnostics.push(...sameOutput(loaded));
  const ready = loaded.flatMap(({ prepared, out }) => (prepared === undefined ? [] : { prepared, out }));
  if (hasErrors(diagnostics)) {
    for (const { prepared } of ready)
      for (const domain of planDomains(prepared)) diagnostics.push(...domain.diagnostics);
    report(diagnostics, options.format);
    return 1;
  }
  if (options.check === true) return check(ready, diagnostics, options);
  return options.dryRun === true
    ? show(
        ready.map(({ prepared }) => prepared),
        diagnostics,
        options,
      )
    : write(ready, diagnostics, options);
}

function outputOf(
  file: string,
  prepared: Prepared | undefined,
  count: number,
  out: string | undefined,
): string {
  if (out === undefined) return join(dirname(file), "plan");
  return count === 1 ? out : join(out, prepared?.policy.name ?? "");
}

function sameOutput(
  loaded: readonly { file: string; out: string; prepared?: Prepared | undefined }[],
): Diagnostic[] {
  const taken = new Map<string, string>();
  const found: Diagnostic[] = [];
  for (const { file, out, prepared } of loaded) {
    if (prepared === undefined) continue;
    const other = taken.get(resolve(out));
    taken.set(resolve(out), file);
    if (other === undefined) continue;
    found.push({
      code: "TM504",
      severity: "error",
      message: `${other} and ${file} would both be compiled to ${out}`,
      hint: "give the policies different names and -o, or compile them one by one",
    });
  }
  return found;
}

function show(all: readonly Prepared[], diagnostics: Diagnostic[], options: CompileOptions): ExitStatus {
  const output: string[] = [];
  for (const prepared of all) {
    output.push(printHeader(prepared));
    for (const { plan, diagnostics: found } of planDomains(prepared)) {
      diagnostics.push(...found);
      output.push(printDomain(plan));
    }
  }
  report(diagnostics, options.format);
  if (hasErrors(diagnostics)) return 1;
  process.stdout.write(`${output.join("\n")}\n`);
  return 0;
}

/** Everything is staged before the first plan directory changes. */
function write(
  all: readonly { prepared: Prepared; out: string }[],
  diagnostics: Diagnostic[],
  options: CompileOptions,
): ExitStatus {
  const staged: { out: string; directory: PlanDirectory; obsolete: readonly string[]; runs: number }[] = [];
  const discardAll = () => {
    for (const { directory } of staged) directory.discard();
  };
  for (const { prepared, out } of all) {
    const root = resolve(out);
    const earlier = earlierPlan(root, out);
    if ("code" in earlier) {
      diagnostics.push(earlier);
      continue;
    }
    try {
      const directory = new PlanDirectory(root);
      staged.push({ out, directory, obsolete: earlier.files, runs: stage(prepared, directory, diagnostics) });
    } catch (error) {
      diagnostics.push(fileTrouble(error, out));
    }
  }
  report(diagnostics, options.format);
  if (hasErrors(diagnostics)) {
    discardAll();
    return 1;
  }
  for (const { out, directory, obsolete, runs } of staged) {
    try {
      process.stdout.write(`${out}: ${runs} runs; ${summary(directory.commit(obsolete))}\n`);
    } catch (error) {
      discardAll();
      report([fileTrouble(error, out)], options.format);
      return 1;
    }
  }
  return 0;
}

/** Whether each plan directory is what its policy compiles to; says how it differs, by meaning and by files. */
function check(
  all: readonly { prepared: Prepared; out: string }[],
  diagnostics: Diagnostic[],
  options: CompileOptions,
): ExitStatus {
  const output: string[] = [];
  let differs = false;
  for (const { prepared, out } of all) {
    const root = resolve(out);
    const plan = planInMemory(prepared, diagnostics);
    const earlier = earlierPlan(root, out);
    if ("code" in earlier) {
      diagnostics.push(earlier);
      continue;
    }
    if (!existsSync(join(root, PLAN_JSON))) {
      differs = true;
      output.push(`${out}: there is no plan yet\n`);
      continue;
    }
    const committed = fromFile(join(out, PLAN_JSON), diagnostics);
    if (committed === undefined) continue;
    try {
      const directory = new PlanDirectory(root);
      const writer = new PlanWriter(directory, prepared.header);
      for (const domain of plan.domains) writer.add(domain);
      writer.close();
      const files = directory.preview(earlier.files);
      directory.discard();
      const isSame = files.created + files.changed + files.removed === 0;
      differs ||= !isSame;
      output.push(
        isSame
          ? `${out}: is what the policy compiles to\n`
          : `${out}: ${summary(files)}, if it were compiled\n`,
      );
      const diff = diffPlans(committed, plan);
      if (!isUnchanged(diff)) output.push(printDiff(diff, "text"));
    } catch (error) {
      diagnostics.push(fileTrouble(error, out));
    }
  }
  report(diagnostics, options.format);
  if (hasErrors(diagnostics)) return 1;
  process.stdout.write(output.join("\n"));
  return differs ? 2 : 0;
}

function stage(prepared: Prepared, directory: PlanDirectory, diagnostics: Diagnostic[]): number {
  const writer = new PlanWriter(directory, prepared.header);
  let runs = 0;
  for (const { plan, diagnostics: found } of planDomains(prepared)) {
    diagnostics.push(...found);
    // After an error nothing will be kept, but the other domains' findings still are of use.
    if (!hasErrors(diagnostics)) writer.add(plan);
    runs += plan.runs.length;
  }
  writer.close();
  return runs;
}

/** The files that an earlier plan wrote at `root`; a diagnostic if something else is there. */
function earlierPlan(root: string, shown: string): { files: readonly string[] } | Diagnostic {
  try {
    if (!existsSync(root)) return { files: [] };
    const path = join(root, PLAN_JSON);
    if (existsSync(path)) return readPlannedFiles(readFileSync(path, "utf8"), join(shown, PLAN_JSON));
    const others = readdirSync(root).filter((name) => name !== ".staging");
    if (others.length === 0) return { files: [] };
    return {
      code: "TM504",
      severity: "error",
      message: `${shown} holds ${others.slice(0, 3).join(", ")}${others.length > 3 ? ", …" : ""}, and no plan.json that says tidemark wrote it`,
      hint: "choose an empty or a new folder with -o",
    };
  } catch (error) {
    return fileTrouble(error, shown);
  }
}

function summary({ created, changed, unchanged, removed }: Written): string {
  const parts = [
    [created, "created"],
    [changed, "changed"],
    [removed, "removed"],
    [unchanged, "unchanged"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return created + changed + removed === 0 ? "no changes" : `files: ${said.join(", ")}`;
}
