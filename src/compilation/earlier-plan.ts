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

/** The earlier plan in a folder: a plan for each host, or the only plan with the key "". */
export interface EarlierPlan {
  /** The policy's name; absent if there is no plan. */
  readonly policy?: string;
  readonly plans: ReadonlyMap<string, LazyPlan>;
  /** Files that belong to no single plan. */
  readonly files: readonly string[];
}

/** What was read of an earlier plan; no `earlier` if the folder holds something else. */
interface ReadEarlier {
  readonly earlier?: EarlierPlan;
  readonly diagnostics: readonly Diagnostic[];
}

const NOTHING: ReadEarlier = { earlier: { plans: new Map(), files: [] }, diagnostics: [] };

/** Reads the earlier plan of `policy` in `root`, which may be empty. A diagnostic if `root` holds something else. */
export function earlierPlan(root: string, shown: string, policy: Policy): ReadEarlier {
  const read = planAt(root, shown);
  const owner = read.earlier?.policy;
  if (owner === undefined || ownersOf(policy).includes(owner)) return read;
  const diagnostic: Diagnostic = {
    code: "TM511",
    severity: "error",
    message: `${shown} holds the plan of the policy "${owner}", but this policy is "${policy.name}"`,
    hint: `choose another folder with -o; if the policy was renamed, set adopt: [${owner}] in it to continue its chains; to give its restore points up, remove the folder`,
  };
  return { diagnostics: [diagnostic] };
}

function planAt(root: string, shown: string): ReadEarlier {
  try {
    if (!existsSync(root)) return NOTHING;
    if (existsSync(join(root, FLEET_JSON))) return earlierHosts(root, shown);
    if (existsSync(join(root, PLAN_JSON))) return opened(root, shown, [""]);
    const others = readdirSync(root).filter((name) => name !== ".staging");
    if (others.length === 0) return NOTHING;
    const diagnostic: Diagnostic = {
      code: "TM504",
      severity: "error",
      message: `${shown} holds ${others.slice(0, 3).join(", ")}${others.length > 3 ? ", …" : ""}, but no plan.json, so tidemark did not write it`,
      hint: "choose an empty or a new folder with -o",
    };
    return { diagnostics: [diagnostic] };
  } catch (error) {
    return { diagnostics: [fileTrouble(error, shown)] };
  }
}

function earlierHosts(root: string, shown: string): ReadEarlier {
  const index = readFleet(readFileSync(join(root, FLEET_JSON), "utf8"), join(shown, FLEET_JSON));
  if (index.fleet === undefined) return { diagnostics: index.diagnostics };
  const policy = String(index.fleet.policy?.name);
  const hosts = index.fleet.hosts.map(({ name }) => name);
  const { earlier, diagnostics } = opened(root, shown, hosts);
  const files = Array.from(filesOfFleet(), ({ path }) => path);
  return { ...(earlier && { earlier: { ...earlier, files, policy } }), diagnostics };
}

function opened(root: string, shown: string, hosts: readonly string[]): ReadEarlier {
  const plans = new Map<string, LazyPlan>();
  for (const host of hosts) {
    const path = join(root, host, PLAN_JSON);
    const bytes = existsSync(path) ? fileBytes(path) : bytesOf("");
    const { plan, diagnostics } = openPlan(bytes, join(shown, host, PLAN_JSON), "files");
    if (plan === undefined) return { diagnostics };
    plans.set(host, plan);
  }
  const [first] = plans.values();
  const policy = first && { policy: String(first.header.policy?.name) };
  return { earlier: { ...policy, plans, files: [] }, diagnostics: [] };
}

/**
 * The files of the earlier plan that may be obsolete: the obsolete files of domains, and all other files. The indexes come last, so that
 * they can be read while the others are removed.
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

/** Whether a path stays inside the plan directory. A plan that a person has changed may name any path. */
function staysInside(path: string): boolean {
  return (
    !path.startsWith("/") && !path.split("/").some((part) => part === ".." || part === "." || part === "")
  );
}
