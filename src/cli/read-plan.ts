import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { FLEET_JSON, PLAN_JSON } from "../plan/files.js";
import { joinHosts, readFleet } from "../plan/fleet.js";
import type { Plan } from "../plan/plan.js";
import { readWholePlan } from "../plan/read.js";
import { planDomains } from "../planner/compile.js";
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
    if (path !== undefined) return fromGit(".", `${revision}:${path}`, argument, diagnostics);
    const folder = dirname(planFileOf(other));
    const fleet = `${revision}:./${FLEET_JSON}`;
    const index = isInGit(folder, fleet) ? fleet : `${revision}:./${PLAN_JSON}`;
    return fromGit(folder, index, argument, diagnostics);
  }
  return /\.ya?ml$/.test(argument)
    ? compiled(argument, options, diagnostics)
    : fromFile(planFileOf(argument), diagnostics);
}

/** The index of a plan directory, of a policy with its plan beside it, or itself: `plan.json`, of several hosts `fleet.json`. */
function planFileOf(argument: string): string {
  if (/\.ya?ml$/.test(argument)) return indexOf(join(dirname(argument), "plan"));
  const isFolder = statSync(argument, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? indexOf(argument) : argument;
}

export function indexOf(folder: string): string {
  return join(folder, existsSync(join(folder, FLEET_JSON)) ? FLEET_JSON : PLAN_JSON);
}

function compiled(
  file: string,
  options: Omit<InputOptions, "format">,
  diagnostics: Diagnostic[],
): Plan | undefined {
  const { fleet, diagnostics: found } = load(file, { ...options, format: "text" });
  diagnostics.push(...found);
  if (fleet === undefined) return undefined;
  const plans = fleet.hosts.map((prepared): Plan => {
    const planned = [...withProgress(planDomains(prepared), prepared.domains.length)];
    diagnostics.push(...planned.flatMap((domain) => domain.diagnostics));
    return { ...prepared.header, domains: planned.map(({ plan }) => plan) };
  });
  return joinHosts(fleet.header, plans);
}

/** @param file plan.json, or the fleet.json of several hosts */
export function fromFile(file: string, diagnostics: Diagnostic[]): Plan | undefined {
  if (existsSync(file) && statSync(file).isFile()) {
    const read = (path: string) => {
      const beside = join(dirname(file), path);
      return existsSync(beside) ? readFileSync(beside, "utf8") : "";
    };
    try {
      return fromIndex(readFileSync(file, "utf8"), file, read, diagnostics);
    } catch (error) {
      const reason = fileReason(error);
      if (reason === undefined) throw error;
      const message = `cannot read the plan ${file}, or what is beside it: ${reason}`;
      diagnostics.push({ code: "TM503", severity: "error", message, hint: "let this user read it" });
      return undefined;
    }
  }
  diagnostics.push({
    code: "TM503",
    severity: "error",
    message: `there is no plan ${file}`,
    hint: "name a plan directory, a plan.json, a policy (.yaml), or git:REV",
  });
  return undefined;
}

function isInGit(folder: string, object: string): boolean {
  return spawnSync("git", ["-C", folder, "cat-file", "-e", object], { stdio: "ignore" }).status === 0;
}

function fromGit(
  folder: string,
  object: string,
  argument: string,
  diagnostics: Diagnostic[],
): Plan | undefined {
  try {
    const show = (name: string) =>
      execFileSync("git", ["-C", folder, "show", "--end-of-options", name], {
        encoding: "utf8",
        maxBuffer: 1 << 30,
        stdio: ["ignore", "pipe", "pipe"],
      });
    const base = object.replace(/[^/:]*$/, "");
    return fromIndex(show(object), argument, (path) => show(`${base}${path}`), diagnostics);
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

/** @param read gives the text of a file beside the index */
function fromIndex(
  text: string,
  file: string,
  read: (path: string) => string,
  diagnostics: Diagnostic[],
): Plan | undefined {
  const index = readFleet(text, file);
  if ("code" in index) return planOrNothing(readWholePlan(text, file), diagnostics);
  const { hosts, ...header } = index.fleet;
  const plans = hosts.map(({ name }) => {
    const path = `${name}/${PLAN_JSON}`;
    return planOrNothing(readWholePlan(read(path), `${file} ${path}`), diagnostics);
  });
  const whole = plans.flatMap((plan) => plan ?? []);
  return whole.length < hosts.length ? undefined : joinHosts(header, whole);
}

function planOrNothing(read: ReturnType<typeof readWholePlan>, diagnostics: Diagnostic[]): Plan | undefined {
  if ("plan" in read) return read.plan;
  diagnostics.push(read);
  return undefined;
}
