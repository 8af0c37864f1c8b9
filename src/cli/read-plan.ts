import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { PLAN_JSON } from "../plan/files.js";
import type { Plan } from "../plan/plan.js";
import { readWholePlan } from "../plan/read.js";
import { type Prepared, planDomains } from "../planner/compile.js";
import { type InputOptions, load } from "./load.js";
import { withProgress } from "./progress.js";

/**
 * The plan that an argument means: a plan directory, plan.json, policy, or `git:REV[:PATH]`.
 * @param other says where a bare `git:REV` is to look
 */
export function planOf(
  argument: string,
  options: Omit<InputOptions, "format">,
  diagnostics: Diagnostic[],
  other = "plan",
): Plan | undefined {
  const git = /^git:([^:]+)(?::(.+))?$/.exec(argument);
  if (git !== null) {
    const [, revision = "", own] = git;
    // Two revisions: what is named of one holds for the other.
    const path = own ?? /^git:[^:]+:(.+)$/.exec(other)?.[1];
    return path === undefined
      ? fromGit(dirname(planFileOf(other)), `${revision}:./${PLAN_JSON}`, argument, diagnostics)
      : fromGit(".", `${revision}:${path}`, argument, diagnostics);
  }
  return /\.ya?ml$/.test(argument)
    ? compiled(argument, options, diagnostics)
    : fromFile(planFileOf(argument), diagnostics);
}

/** The `plan.json` of a plan directory, of a policy with its plan beside it, or itself. */
function planFileOf(argument: string): string {
  if (/\.ya?ml$/.test(argument)) return join(dirname(argument), "plan", PLAN_JSON);
  const isFolder = statSync(argument, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? join(argument, PLAN_JSON) : argument;
}

function compiled(
  file: string,
  options: Omit<InputOptions, "format">,
  diagnostics: Diagnostic[],
): Plan | undefined {
  const { prepared, diagnostics: found } = load(file, { ...options, format: "text" });
  diagnostics.push(...found);
  return prepared && planInMemory(prepared, diagnostics);
}

export function planInMemory(prepared: Prepared, diagnostics: Diagnostic[]): Plan {
  const domains = [...withProgress(planDomains(prepared), prepared.domains.length)].map(
    ({ plan, diagnostics: found }) => {
      diagnostics.push(...found);
      return plan;
    },
  );
  return { ...prepared.header, domains };
}

export function fromFile(file: string, diagnostics: Diagnostic[]): Plan | undefined {
  if (existsSync(file) && statSync(file).isFile()) {
    return planOrNothing(readWholePlan(readFileSync(file, "utf8"), file), diagnostics);
  }
  diagnostics.push({
    code: "TM503",
    severity: "error",
    message: `there is no plan ${file}`,
    hint: "name a plan directory, a plan.json, a policy (.yaml), or git:REV",
  });
  return undefined;
}

function fromGit(
  folder: string,
  object: string,
  argument: string,
  diagnostics: Diagnostic[],
): Plan | undefined {
  try {
    const text = execFileSync("git", ["-C", folder, "show", "--end-of-options", object], {
      encoding: "utf8",
      maxBuffer: 1 << 30,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return planOrNothing(readWholePlan(text, argument), diagnostics);
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    diagnostics.push({
      code: "TM503",
      severity: "error",
      message: `git has no plan ${object} (in ${folder}): ${said.replace(/^fatal: /, "") || "git cannot be run"}`,
      hint: "name a revision that has the plan, or its path from the repository's top: git:REV:PATH",
    });
    return undefined;
  }
}

function planOrNothing(read: ReturnType<typeof readWholePlan>, diagnostics: Diagnostic[]): Plan | undefined {
  if ("plan" in read) return read.plan;
  diagnostics.push(read);
  return undefined;
}
