import { validator } from "../assets/assets.js";
import { schemaErrors } from "../assets/schema-errors.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import {
  PLAN_JSON,
  PLAN_MD,
  RUN_DUE,
  restorablePoints,
  restoreFile,
  runFiles,
  TIMELINE_SVG,
  unitFiles,
} from "./files.js";
import type { Plan } from "./plan.js";

const KNOWN_MAJOR = "1";

/**
 * Reads `plan.json`. A plan of another major format is refused by name (TM502); text that is no plan is TM503.
 * @param file as it is shown in diagnostics
 */
export function readPlan(text: string, file: string): { plan: Plan } | Diagnostic {
  const read = readVersioned(text, file, looksWhole);
  return "code" in read ? read : { plan: read.value as unknown as Plan };
}

/** JSON of a format that this tidemark knows, of a shape that `isWhole` finds in order. */
export function readVersioned(
  text: string,
  file: string,
  isWhole: (value: object) => boolean,
): { value: object } | Diagnostic {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || !("formatVersion" in value)) {
    return notAPlan(file);
  }
  const version = String(value.formatVersion);
  if (version.split(".")[0] !== KNOWN_MAJOR) {
    return {
      code: "TM502",
      severity: "error",
      message: `${file} has plan format ${version}, and this tidemark knows ${KNOWN_MAJOR}.x`,
      hint: "use the tidemark that wrote it, or compile into a new folder",
    };
  }
  return isWhole(value) ? { value } : notAPlan(file);
}

/**
 * Reads `plan.json` as a whole, to be compared or drawn: it is as its schema says (TM503), and says all that this tidemark
 * asks of a plan (TM502).
 */
export function readWholePlan(text: string, file: string): { plan: Plan } | Diagnostic {
  const read = readPlan(text, file);
  if ("code" in read) return read;
  const { plan } = read;
  if (!Array.isArray(plan.unplanned) || plan.domains.some(({ figures }) => figures === undefined)) {
    return {
      code: "TM502",
      severity: "error",
      message: `${file} was written by an earlier tidemark and says too little to be compared`,
      hint: "compile it again with this one",
    };
  }
  const validate = validator("plan");
  return validate(plan) ? read : notAPlan(file, `: ${schemaErrors(validate).join("; ")}`);
}

/** The files that the plan of `plan.json` has in its directory, by its own account; none lies outside of it. And whose it is. */
export function readPlannedFiles(
  text: string,
  file: string,
): { files: readonly string[]; policy: string } | Diagnostic {
  const read = readPlan(text, file);
  if ("code" in read) return read;
  const files = read.plan.domains.flatMap((domain) => [
    ...domain.runs.flatMap((run) => Object.values(runFiles(domain, run)) as string[]),
    ...restorablePoints(domain).map((point) => restoreFile(domain, point)),
  ]);
  const policy = String(read.plan.policy?.name);
  const units = read.plan.systemd === undefined ? [] : Object.values(unitFiles(policy));
  return {
    files: [PLAN_JSON, PLAN_MD, TIMELINE_SVG, RUN_DUE, ...units, ...files].filter(staysInside),
    policy,
  };
}

function staysInside(path: string): boolean {
  return (
    !path.startsWith("/") && !path.split("/").some((part) => part === ".." || part === "." || part === "")
  );
}

function looksWhole(value: object): boolean {
  return (
    "domains" in value &&
    Array.isArray(value.domains) &&
    value.domains.every(
      (domain: unknown) =>
        typeof domain === "object" &&
        domain !== null &&
        "directory" in domain &&
        typeof domain.directory === "string" &&
        hasList(domain, "runs") &&
        hasList(domain, "found"),
    )
  );
}

function hasList(domain: object, key: string): boolean {
  const list = (domain as Record<string, unknown>)[key];
  return Array.isArray(list) && list.every((each) => typeof each === "object" && each !== null);
}

function notAPlan(file: string, why = ""): Diagnostic {
  return {
    code: "TM503",
    severity: "error",
    message: `${file} is not a plan that tidemark wrote${why}`,
    hint: "restore the file from version control, or compile into a new folder",
  };
}
