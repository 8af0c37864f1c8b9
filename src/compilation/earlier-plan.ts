import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { fileTrouble } from "../emit/plan-directory.js";
import { FLEET_JSON, filesOfDomain, filesOfFleet, filesOfPlan, PLAN_JSON } from "../plan/files.js";
import { readFleet } from "../plan/fleet.js";
import { isSameText, type LazyPlan } from "../plan/lazy.js";
import { openPlan } from "../plan/read.js";
import { bytesOf } from "../plan/scan.js";
import { ownersOf, type Policy } from "../policy/policy.js";
import { fileBytes } from "./file-bytes.js";

/** The earlier plan in a folder: of each host, or of the only host as "". */
export interface EarlierPlan {
  /** The policy's name; absent if there is no plan. */
  readonly policy?: string;
  readonly plans: ReadonlyMap<string, LazyPlan>;
  /** Files that belong to no single plan. */
  readonly files: readonly string[];
}

const NOTHING: EarlierPlan = { plans: new Map(), files: [] };

/** The earlier plan of `policy` in `root`, if there is one; a diagnostic if `root` contains something else. */
export function earlierPlan(root: string, shown: string, policy: Policy): EarlierPlan | Diagnostic {
  const found = planAt(root, shown);
  if ("code" in found || found.policy === undefined || ownersOf(policy).includes(found.policy)) return found;
  return {
    code: "TM511",
    severity: "error",
    message: `${shown} holds the plan of the policy "${found.policy}", but this policy is "${policy.name}"`,
    hint: `choose another folder with -o; if the policy was renamed, set adopt: [${found.policy}] in it to continue its chains; to give its restore points up, remove the folder`,
  };
}

function planAt(root: string, shown: string): EarlierPlan | Diagnostic {
  try {
    if (!existsSync(root)) return NOTHING;
    if (existsSync(join(root, FLEET_JSON))) return earlierHosts(root, shown);
    if (existsSync(join(root, PLAN_JSON))) return opened(root, shown, [""]);
    const others = readdirSync(root).filter((name) => name !== ".staging");
    if (others.length === 0) return NOTHING;
    return {
      code: "TM504",
      severity: "error",
      message: `${shown} holds ${others.slice(0, 3).join(", ")}${others.length > 3 ? ", …" : ""}, but no plan.json, so tidemark did not write it`,
      hint: "choose an empty or a new folder with -o",
    };
  } catch (error) {
    return fileTrouble(error, shown);
  }
}

function earlierHosts(root: string, shown: string): EarlierPlan | Diagnostic {
  const index = readFleet(readFileSync(join(root, FLEET_JSON), "utf8"), join(shown, FLEET_JSON));
  if ("code" in index) return index;
  const hosts = index.fleet.hosts.map(({ name }) => name);
  const found = opened(root, shown, hosts);
  const files = Array.from(filesOfFleet(), ({ path }) => path);
  return "code" in found ? found : { ...found, files, policy: String(index.fleet.policy?.name) };
}

function opened(root: string, shown: string, hosts: readonly string[]): EarlierPlan | Diagnostic {
  const plans = new Map<string, LazyPlan>();
  for (const host of hosts) {
    const path = join(root, host, PLAN_JSON);
    const bytes = existsSync(path) ? fileBytes(path) : bytesOf("");
    const plan = openPlan(bytes, join(shown, host, PLAN_JSON), "files");
    if ("code" in plan) return plan;
    plans.set(host, plan);
  }
  const [first] = plans.values();
  return { ...(first && { policy: String(first.header.policy?.name) }), plans, files: [] };
}

/**
 * The files of the earlier plan that may be obsolete: of domains only the obsolete ones, besides them all files. The
 * indexes come last, so that they can be read while the others are removed.
 */
export function* obsoleteFiles(earlier: EarlierPlan, now: ReadonlyMap<string, LazyPlan>): Generator<string> {
  for (const [host, plan] of earlier.plans) {
    const folder = host === "" ? "" : `${host}/`;
    for (const path of ofDomains(plan, now.get(host))) if (staysInside(path)) yield folder + path;
    for (const { path } of filesOfPlan(plan.header)) if (staysInside(path)) yield folder + path;
  }
  yield* earlier.files;
}

function* ofDomains(before: LazyPlan, after: LazyPlan | undefined): Generator<string> {
  if (after === before) return;
  const others = new Map(after?.domains.map((domain) => [domain.directory, domain]));
  for (const was of before.domains) {
    const is = others.get(was.directory);
    if (is !== undefined && isSameText(was, is)) continue;
    const stay = new Set<string>();
    if (is !== undefined) for (const { path } of filesOfDomain(is.plan())) stay.add(path);
    for (const { path } of filesOfDomain(was.plan())) if (!stay.has(path)) yield path;
  }
}

/** A plan that somebody has changed may name anything. */
function staysInside(path: string): boolean {
  return (
    !path.startsWith("/") && !path.split("/").some((part) => part === ".." || part === "." || part === "")
  );
}
