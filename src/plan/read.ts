import { validator } from "../assets/assets.js";
import { schemaErrors } from "../assets/schema-errors.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { held, type LazyDomain, type LazyPlan, namesOf } from "./lazy.js";
import type { DomainPlan, Plan, PlanHeader } from "./plan.js";
import { type Bytes, scanDomains } from "./scan.js";

const KNOWN_MAJOR = "2";

/**
 * Reads `plan.json`. TM502 for a plan of another major format, TM503 for text that is not a plan.
 * @param file as it is shown in diagnostics
 */
export function readPlan(text: string, file: string): { plan?: Plan; diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = readVersioned(text, file, looksWhole);
  return { ...(value && { plan: value as unknown as Plan }), diagnostics };
}

/** Parses JSON of a format that this tidemark knows, and checks it with `isWhole`; no `value` if that fails. */
export function readVersioned(
  text: string,
  file: string,
  isWhole: (value: object) => boolean,
): { value?: object; diagnostics: readonly Diagnostic[] } {
  const value = parsed(text);
  const version =
    typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion;
  if (typeof value !== "object" || value === null || typeof version !== "string") {
    return { diagnostics: [notAPlan(file)] };
  }
  if (version.split(".")[0] !== KNOWN_MAJOR) return { diagnostics: [otherFormat(file, version)] };
  return isWhole(value) ? { value, diagnostics: [] } : { diagnostics: [notAPlan(file)] };
}

/** A plan that has been opened; no `plan` if it could not be. */
interface OpenedPlan {
  readonly plan?: LazyPlan;
  readonly diagnostics: readonly Diagnostic[];
}

/** A plan.json with another layout is parsed as a whole up to this size; a larger one was not written by tidemark. */
const MAX_ODD = 1 << 26;

/**
 * Opens `plan.json`: every domain is checked once, and read again when it is needed. Diagnostics as for `readPlan`.
 * @param asks "files": enough to say which files a plan has; "all": it is to be compared or drawn, so it is as its
 * schema says (TM503), and says all that this tidemark asks of a plan (TM502)
 */
export function openPlan(bytes: Bytes, file: string, asks: "files" | "all"): OpenedPlan {
  const scanned = scanDomains(bytes);
  if (scanned === undefined) return openOddPlan(bytes, file, asks);
  const { value, diagnostics } = readVersioned(scanned.rest, file, looksWhole);
  if (value === undefined) return { diagnostics };
  const { domains: _, ...header } = value as unknown as Plan;
  const ofPlan = asks === "all" ? incomplete(header, [], file) : undefined;
  if (ofPlan !== undefined) return { diagnostics: [ofPlan] };
  const domains: LazyDomain[] = [];
  for (const { from, length } of scanned.domains) {
    const json = () => bytes.read(from, length);
    const plan = () => JSON.parse(json().toString("utf8")) as DomainPlan;
    const first = parsed(json().toString("utf8"));
    if (!looksWhole({ domains: [first] })) return { diagnostics: [notAPlan(file)] };
    const trouble =
      asks === "all" ? incomplete(header, [first as DomainPlan], file, domains.length) : undefined;
    if (trouble !== undefined) return { diagnostics: [trouble] };
    domains.push({ ...namesOf(first as DomainPlan), plan, json });
  }
  return { plan: { header, domains }, diagnostics };
}

/** A plan.json whose layout is not tidemark's, because a tool has written it again. */
function openOddPlan(bytes: Bytes, file: string, asks: "files" | "all"): OpenedPlan {
  if (bytes.size > MAX_ODD) return { diagnostics: [notAPlan(file)] };
  const { plan, diagnostics } = readPlan(bytes.read(0, bytes.size).toString("utf8"), file);
  if (plan === undefined) return { diagnostics };
  const { domains, ...header } = plan;
  const trouble = asks === "all" ? incomplete(header, domains, file) : undefined;
  return trouble === undefined ? { plan: held(plan), diagnostics } : { diagnostics: [trouble] };
}

/** @param at how many domains are before these */
function incomplete(
  header: PlanHeader,
  domains: readonly DomainPlan[],
  file: string,
  at = 0,
): Diagnostic | undefined {
  if (!Array.isArray(header.unplanned) || domains.some(({ figures }) => figures === undefined)) {
    return {
      code: "TM502",
      severity: "error",
      message: `${file} was written by an earlier tidemark and says too little to be compared`,
      hint: "compile it again with this one",
    };
  }
  const validate = validator("plan");
  if (validate({ ...header, domains })) return undefined;
  return notAPlan(file, `: ${schemaErrors(validate).join("; ").replaceAll("/domains/0", `/domains/${at}`)}`);
}

/** The parsed text; undefined if it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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

function otherFormat(file: string, version: string): Diagnostic {
  return {
    code: "TM502",
    severity: "error",
    message: `${file} has plan format ${version}, and this tidemark knows ${KNOWN_MAJOR}.x`,
    hint: "use the tidemark that wrote it, or compile into a new folder",
  };
}

function notAPlan(file: string, why = ""): Diagnostic {
  return {
    code: "TM503",
    severity: "error",
    message: `${file} is not a plan that tidemark wrote${why}`,
    hint: "restore the file from version control, or compile into a new folder",
  };
}
