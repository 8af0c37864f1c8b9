import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { ansiblePaths } from "../emit/ansible.js";
import { fileTrouble } from "../emit/plan-directory.js";
import { libFiles } from "../emit/run-script.js";
import { FLEET_JSON, PLAN_JSON, PLAN_MD, TIMELINE_SVG } from "../plan/files.js";
import { readFleet } from "../plan/fleet.js";
import { readPlannedFiles } from "../plan/read.js";
import { ownersOf, type Policy } from "../policy/policy.js";

/** What is in the place of a plan directory. */
interface EarlierPlan {
  /** Those that an earlier plan wrote. */
  readonly files: readonly string[];
  /** Whose plan it is; absent if there is none. */
  readonly policy?: string;
}

/** The earlier plan of `policy` at `root`, if there is one; a diagnostic if something else is there. */
export function earlierPlan(root: string, shown: string, policy: Policy): EarlierPlan | Diagnostic {
  const found = planAt(root, shown);
  if ("code" in found || found.policy === undefined || ownersOf(policy).includes(found.policy)) return found;
  return {
    code: "TM511",
    severity: "error",
    message: `${shown} holds the plan of the policy "${found.policy}", and this one is "${policy.name}"`,
    hint: `choose another folder with -o; if the policy was renamed, set adopt: [${found.policy}] in it, so that its restore points are carried on; to give them up, remove the folder`,
  };
}

function planAt(root: string, shown: string): EarlierPlan | Diagnostic {
  try {
    if (!existsSync(root)) return { files: [] };
    const read = (path: string) =>
      existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "";
    if (existsSync(join(root, FLEET_JSON))) return earlierHosts(read, shown);
    if (existsSync(join(root, PLAN_JSON))) return filesOf(read, shown);
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

/** @param folder of one host, ending in `/`; or nothing */
function filesOf(
  read: (path: string) => string,
  shown: string,
  folder = "",
): Required<EarlierPlan> | Diagnostic {
  const path = `${folder}${PLAN_JSON}`;
  const planned = readPlannedFiles(read(path), join(shown, path));
  if ("code" in planned) return planned;
  const machinery = libFiles().map((file) => file.path);
  return { ...planned, files: [...planned.files, ...machinery].map((file) => folder + file) };
}

function earlierHosts(read: (path: string) => string, shown: string): EarlierPlan | Diagnostic {
  const index = readFleet(read(FLEET_JSON), join(shown, FLEET_JSON));
  if ("code" in index) return index;
  const files = [FLEET_JSON, PLAN_MD, TIMELINE_SVG, ...ansiblePaths()];
  for (const { name } of index.fleet.hosts) {
    const own = filesOf(read, shown, `${name}/`);
    if ("code" in own) return own;
    files.push(...own.files);
  }
  return { files, policy: String(index.fleet.policy?.name) };
}
