import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import ejs from "ejs";

/*
 * What the compiler carries beside its code: the one way to `templates/` and `schemas/`. This is how sources have them, under
 * test. `build/assets.mjs` puts a module of the same exports in its place, in which all of it is embedded and compiled already.
 */

/** Turns a value into text that is safe where a template puts it. */
export type Escape = (value: unknown) => string;

/** Says whether a value is as a schema demands, and leaves what is wrong in `errors`. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** What ajv says of one place; `parentSchema` and `data` are there as schemas are compiled with `verbose`. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  readonly parentSchema?: unknown;
  readonly data?: unknown;
}

/** Templates know their view as `it`; nothing in them reads the clock or the environment. */
export const EJS_OPTIONS = {
  _with: false,
  localsName: "it",
  strict: true,
  compileDebug: false,
  // Without `with`, no name of a template is looked up in the view's prototype; a copy of each view guards nothing.
  unsafePrototypeLocals: true,
} as const;

/** Schemas that something read is checked against; the others describe what is printed. */
export const VALIDATED = [
  "policy",
  "host",
  "manifest",
  "damage",
  "evidence",
  "sizes",
  "plan",
  "verified",
] as const;

export const AJV_OPTIONS = {
  strict: true,
  strictRequired: false,
  allErrors: true,
  allowUnionTypes: true,
  verbose: true,
} as const;

const root = new URL("../../", import.meta.url);
const validators = new Map<string, Validator>();

/** A file below the package's top: `templates/lib/run.bash`, `schemas/policy.schema.json`. */
export function asset(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

/** The template `templates/<name>.ejs` as a function of its view. */
export function renderer(name: string, safe: Escape): (view: object) => string {
  const render = ejs.compile(asset(`templates/${name}.ejs`), { ...EJS_OPTIONS, escape: safe });
  return (view) => render(view);
}

/** What checks a value against `schemas/<name>.schema.json`. */
export function validator(name: (typeof VALIDATED)[number]): Validator {
  let validate = validators.get(name);
  if (validate === undefined) {
    validate = new Ajv2020(AJV_OPTIONS).compile(JSON.parse(asset(`schemas/${name}.schema.json`)));
    validators.set(name, validate);
  }
  return validate;
}
