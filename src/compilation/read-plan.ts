import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { FLEET_JSON, PLAN_JSON } from "../plan/files.js";
import { joinHosts, readFleet } from "../plan/fleet.js";
import type { LazyPlan } from "../plan/lazy.js";
import { openPlan } from "../plan/read.js";
import { type Bytes, bytesOf } from "../plan/scan.js";
import { fileBytes } from "./file-bytes.js";
import { type LoadOptions, load } from "./load.js";
import { diagnosticsOf, lazyPlanOf } from "./plans.js";
import type { Watch } from "./watch.js";

/**
 * The plan of an argument: a plan directory, plan.json, policy, or `git:REV[:PATH]`.
 * @param other the other argument, whose path a bare `git:REV` uses
 */
export function planOf(
  argument: string,
  options: LoadOptions,
  diagnostics: Diagnostic[],
  watch: Watch,
  other = "plan",
): LazyPlan | undefined {
  const git = /^git:([^:]+)(?::(.+))?$/.exec(argument);
  if (git !== null) {
    const [, revision = "", ownPath] = git;
    // With two revisions, the path of one is used for the other.
    const path = ownPath ?? /^git:[^:]+:(.+)$/.exec(other)?.[1];
    if (path !== undefined) return fromGit(".", `${revision}:${path}`, argument, diagnostics);
    const folder = dirname(planFileOf(other));
    const fleet = `${revision}:./${FLEET_JSON}`;
    const index = isInGit(folder, fleet) ? fleet : `${revision}:./${PLAN_JSON}`;
    return fromGit(folder, index, argument, diagnostics);
  }
  return isPolicy(argument)
    ? compiled(argument, options, diagnostics, watch)
    : fromFile(planFileOf(argument), diagnostics);
}

/** The message for an option about compiling that has no effect, because only compiled plans are named. */
export function idleOption(
  named: readonly string[],
  { inventory, from, until }: LoadOptions,
): string | undefined {
  if (named.some(isPolicy)) return undefined;
  const [idle] = Object.entries({ inventory, from, until }).find(([, value]) => value !== undefined) ?? [];
  return idle && `option '--${idle}' is for policies, but a plan is compiled already`;
}

function isPolicy(argument: string): boolean {
  return /\.ya?ml$/.test(argument);
}

/**
 * The index of a plan directory, or of the plan beside a policy, or the file itself: `plan.json`, for several hosts
 * `fleet.json`.
 */
function planFileOf(argument: string): string {
  if (isPolicy(argument)) return indexOf(join(dirname(argument), "plan"));
  const isFolder = existsSync(argument) && statSync(argument).isDirectory();
  return isFolder ? indexOf(argument) : argument;
}

export function indexOf(folder: string): string {
  return join(folder, existsSync(join(folder, FLEET_JSON)) ? FLEET_JSON : PLAN_JSON);
}

/** Every domain is planned once for its diagnostics, and again when it is needed. */
function compiled(
  file: string,
  options: LoadOptions,
  diagnostics: Diagnostic[],
  watch: Watch,
): LazyPlan | undefined {
  const { fleet, diagnostics: loading } = load(file, options, watch);
  diagnostics.push(...loading);
  if (fleet === undefined) return undefined;
  diagnostics.push(...diagnosticsOf(fleet, watch));
  return lazyPlanOf(fleet);
}

/** @param file plan.json, or fleet.json for several hosts */
export function fromFile(file: string, diagnostics: Diagnostic[]): LazyPlan | undefined {
  if (existsSync(file) && statSync(file).isFile()) {
    const read = (path: string) => {
      const beside = join(dirname(file), path);
      return existsSync(beside) ? fileBytes(beside) : bytesOf("");
    };
    try {
      return fromIndex(basename(file), file, read, diagnostics);
    } catch (error) {
      const reason = fileReason(error);
      if (reason === undefined) throw error;
      const message = `cannot read the plan ${file} or a file beside it: ${reason}`;
      diagnostics.push({
        code: "TM503",
        severity: "error",
        message,
        hint: "give this user the permission to read it",
      });
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
): LazyPlan | undefined {
  try {
    const show = (name: string) =>
      bytesOf(
        execFileSync("git", ["-C", folder, "show", "--end-of-options", name], {
          maxBuffer: 1 << 30,
          stdio: ["ignore", "pipe", "pipe"],
        }),
      );
    const [, base = "", name = ""] = /^(.*[/:])([^/:]*)$/s.exec(object) ?? [];
    return fromIndex(name, argument, (path) => show(`${base}${path}`), diagnostics);
  } catch (error) {
    const reason = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    diagnostics.push({
      code: "TM503",
      severity: "error",
      message: `git has no plan ${object} (in ${folder}): ${reason.replace(/^fatal: /, "") || "git cannot be run"}`,
      hint: "name a revision that has the plan, or give its path from the top of the git repository: git:REV:PATH",
    });
    return undefined;
  }
}

/** @param read reads the index, or a file by its path relative to the index */
function fromIndex(
  name: string,
  shown: string,
  read: (path: string) => Bytes,
  diagnostics: Diagnostic[],
): LazyPlan | undefined {
  const opened = (path: string, label: string): LazyPlan | undefined => {
    const { plan, diagnostics: opening } = openPlan(read(path), label, "all");
    diagnostics.push(...opening);
    return plan;
  };
  if (name !== FLEET_JSON) return opened(name, shown);
  const bytes = read(name);
  const index = readFleet(bytes.read(0, bytes.size).toString("utf8"), shown);
  diagnostics.push(...index.diagnostics);
  if (index.fleet === undefined) return undefined;
  const { hosts, ...header } = index.fleet;
  const plans = hosts.map((host) => {
    const path = `${host.name}/${PLAN_JSON}`;
    return opened(path, `${shown} ${path}`);
  });
  const whole = plans.flatMap((plan) => plan ?? []);
  return whole.length < hosts.length ? undefined : joinHosts(header, whole);
}
