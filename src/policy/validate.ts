import { stringify } from "yaml";
import { asset, type SchemaError, validator } from "../assets/assets.js";
import type { DiagnosticCode } from "../diagnostics/codes.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearest } from "../diagnostics/did-you-mean.js";
import { pointerSegment, unescapeSegment } from "./policy.js";
import { lowerFirst, type SourceTree } from "./yaml.js";

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema | false>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly else?: { readonly required: readonly string[] };
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

let parsed: Schema | undefined;

/** The schema itself. It is needed only for the messages about wrong keys. */
function schema(): Schema {
  parsed ??= JSON.parse(asset("schemas/policy.schema.json")) as Schema;
  return parsed;
}

/** The keys that a file of a policy may have at its top level. */
export function topKeys(): ReadonlySet<string> {
  return new Set(Object.keys(schema().properties ?? {}));
}

/** Checks a document against `schemas/policy.schema.json`. The location of each diagnostic is where it can be corrected. */
export function validate(tree: SourceTree): Diagnostic[] {
  const check = validator("policy");
  const isRight = check(tree.value);
  const errors = [...missingKeys(tree.value, check.errors ?? []), ...(check.errors ?? [])];
  if (isRight && errors.length === 0) return [];
  const misspelt = new Set(
    errors.flatMap((error) => {
      const unknown = unknownKey(error);
      return unknown?.meant === undefined ? [] : `${error.instancePath}${pointerSegment(unknown.meant)}`;
    }),
  );
  const seen = new Set<string>();
  const findings = errors.flatMap((error) => {
    const missing = error.keyword === "required" ? String(error.params["missingProperty"]) : undefined;
    // The key is there under a misspelled name, which has its own diagnostic.
    if (missing !== undefined && misspelt.has(`${error.instancePath}${pointerSegment(missing)}`)) return [];
    const finding = describe(error, tree);
    if (finding === undefined) return [];
    const key = JSON.stringify([finding.location, finding.message]);
    if (seen.has(key)) return [];
    seen.add(key);
    return [finding];
  });
  // An error about which nothing is said must not pass.
  return findings.length > 0 ? findings : errors.slice(0, 1).map((error) => notAllowed(error, tree));
}

/** What a whole policy lacks: the schema lets parts of one pass, as an editor sees each file alone. */
function missingKeys(value: unknown, errors: readonly SchemaError[]): SchemaError[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  if (errors.some(({ keyword, instancePath }) => keyword === "required" && instancePath === "")) return [];
  return (schema().else?.required ?? [])
    .filter((key) => !Object.hasOwn(value, key))
    .map((missingProperty) => ({ keyword: "required", instancePath: "", params: { missingProperty } }));
}

function notAllowed({ instancePath, message }: SchemaError, { values }: SourceTree): Diagnostic {
  const location = values.get(instancePath) ?? values.get("");
  return {
    code: "TM108",
    severity: "error",
    message: `${valueName(instancePath)} ${message ?? "is not allowed"}`,
    hint: `write the value${asIn(instancePath)}`,
    ...(location && { location }),
  };
}

function describe(error: SchemaError, tree: SourceTree): Diagnostic | undefined {
  const at = error.instancePath;
  const where = nameOfPointer(at);
  const finding = (
    code: DiagnosticCode,
    message: string,
    hint: string,
    pointer = at,
    key = false,
  ): Diagnostic => {
    const location =
      (key ? tree.keys.get(pointer) : undefined) ?? tree.values.get(pointer) ?? tree.values.get("");
    return { code, severity: "error", message, hint, ...(location && { location }) };
  };
  const parameters = error.params;
  switch (error.keyword) {
    case "additionalProperties":
    case "unevaluatedProperties": {
      const { key, known, meant } = unknownKey(error) ?? { key: "", known: [], meant: undefined };
      return finding(
        "TM105",
        `unknown key "${key}" ${where}`,
        meant === undefined
          ? (furtherOut(at, key) ?? `known keys: ${known.join(", ")}`)
          : `did you mean "${meant}"?`,
        `${at}${pointerSegment(key)}`,
        true,
      );
    }
    case "required":
      return finding(
        "TM106",
        `the key "${String(parameters["missingProperty"])}" is missing ${where}`,
        `add the key${asIn(`${at}${pointerSegment(String(parameters["missingProperty"]))}`)}`,
      );
    case "type":
      return finding(
        "TM107",
        `${valueName(at)} must be ${listed([parameters["type"]].flat().map(typeName))}, not ${typeName(typeOf(error.data))}`,
        typeHint([parameters["type"]].flat(), error.data, at),
      );
    case "enum": {
      const allowed = (parameters["allowedValues"] as unknown[]).map(String);
      const meant = nearest(String(error.data), allowed);
      return finding(
        "TM108",
        `${valueName(at)} cannot be ${JSON.stringify(error.data)}`,
        meant === undefined
          ? `one of: ${allowed.join(", ")}`
          : `did you mean "${meant}"? One of: ${allowed.join(", ")}`,
      );
    }
    case "false schema":
      return finding(
        "TM114",
        `the key "${at.slice(at.lastIndexOf("/") + 1)}" does not belong to this transport`,
        "unix has the key socket; tcp has host, port and tls",
        at,
        true,
      );
    case "pattern": {
      const isName = at === "/name" || at.startsWith("/adopt");
      return isName
        ? finding(
            at === "/name" ? "TM401" : "TM108",
            `${valueName(at)} ${JSON.stringify(error.data)} has characters that libvirt refuses in the name of a checkpoint`,
            "use letters, digits, _ . and -, without a leading dot",
          )
        : finding(
            "TM108",
            `${valueName(at)} cannot be ${JSON.stringify(error.data)}`,
            `write the value${asIn(at)}`,
          );
    }
    case "minimum":
    case "maximum":
    case "minLength":
    case "maxLength":
    case "minItems":
    case "minProperties":
      if (parameters["limit"] === 1) {
        return finding("TM108", `${valueName(at)} must not be empty`, "write a value, or remove the key");
      }
      return finding(
        "TM108",
        `${valueName(at)} ${error.message ?? "is out of bounds"}`,
        `write the value${asIn(at)}`,
      );
    case "if":
    case "const":
      return undefined;
    default:
      return finding(
        "TM108",
        `${valueName(at)} ${error.message ?? "is not allowed"}`,
        `write the value${asIn(at)}`,
      );
  }
}

/** The key that an error calls unknown, those that are known there, and which of them may be meant. */
function unknownKey({
  params,
  parentSchema,
}: SchemaError): { key: string; known: readonly string[]; meant: string | undefined } | undefined {
  const key = params["additionalProperty"] ?? params["unevaluatedProperty"];
  if (key === undefined) return undefined;
  const known = knownKeys(parentSchema as Schema);
  return { key: String(key), known, meant: nearest(String(key), known) };
}

/** The object to which a key belongs, if an object around it knows the key, as when it is indented too far. */
function furtherOut(at: string, key: string): string | undefined {
  for (let outer = at; outer !== ""; ) {
    outer = outer.slice(0, outer.lastIndexOf("/"));
    const setting = settingAt(outer);
    if (setting === undefined || !knownKeys(setting).includes(key)) continue;
    const where = outer === "" ? "at the top of the policy" : nameOfPointer(outer);
    return `the key belongs ${where},${asIn(`${outer}${pointerSegment(key)}`)}`;
  }
  return undefined;
}

/** How to write a value as one of the types that it must have. */
function typeHint(types: readonly unknown[], value: unknown, at: string): string {
  if (types.includes("string") && (typeof value === "number" || typeof value === "boolean"))
    return `put the value in quotes if it is text, or write it${asIn(at)}`;
  if (typeof value === "string") {
    if (types.some((type) => type === "integer" || type === "number") && /^-?\d+$/.test(value))
      return `write the number without quotes: ${value}`;
    // In YAML 1.1 these words were booleans.
    const word = /^(?:(yes|on|true)|no|off|false)$/i.exec(value);
    if (types.includes("boolean") && word !== null)
      return `write ${word[1] === undefined ? "false" : "true"}, without quotes`;
  }
  return `write the value${asIn(at)}`;
}

/** An example of a setting and its description: ` as in keepLast: 3 (the newest restore points)`. */
function asIn(pointer: string): string {
  const setting = settingAt(pointer);
  const [example] = setting?.examples ?? [];
  if (example === undefined) return " as described by: tidemark schema policy";
  const key = unescapeSegment(pointer.slice(pointer.lastIndexOf("/") + 1));
  const value = stringify(example, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
  const what =
    setting?.description === undefined ? "" : ` (${lowerFirst(setting.description).replace(/\.$/, "")})`;
  return ` as in ${/^\d+$/.test(key) ? "" : `${key}: `}${value}${what}`;
}

/** The part of the schema that describes the setting at a pointer. */
function settingAt(pointer: string): Schema | undefined {
  let part: Schema | undefined = schema();
  for (const segment of pointer.split("/").slice(1).map(unescapeSegment)) {
    part = part && partOf(part, segment);
  }
  return part && { ...referred(part), ...part };
}

/** The schema of one entry, with references resolved; undefined if no such entry is allowed. */
function partOf(whole: Schema, segment: string): Schema | undefined {
  const part = whole.properties?.[segment] ?? whole.additionalProperties ?? whole.items;
  if (part) return part;
  const other = referred(whole);
  return other && partOf(other, segment);
}

function referred({ $ref }: Schema): Schema | undefined {
  const name = $ref?.split("/").pop();
  return name === undefined ? undefined : schema().$defs?.[name];
}

/** Keys that a schema allows, with references resolved. */
function knownKeys(part: Schema): string[] {
  const other = referred(part);
  return [...Object.keys(part.properties ?? {}), ...(other ? knownKeys(other) : [])].filter(
    (key) => key !== "$schema",
  );
}

function nameOfPointer(pointer: string): string {
  return pointer === ""
    ? "in the policy"
    : `in ${pointer.slice(1).split("/").map(unescapeSegment).join(".")}`;
}

function valueName(pointer: string): string {
  return pointer === "" ? "the policy" : pointer.slice(1).split("/").map(unescapeSegment).join(".");
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** A JSON Schema type in YAML's words. */
function typeName(type: unknown): string {
  const names: Record<string, string> = {
    string: "text",
    number: "a number",
    integer: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a mapping of keys to values",
    null: "nothing",
  };
  return names[String(type)] ?? String(type);
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} or ${parts[parts.length - 1]}`;
}
