import type { Validator } from "./assets.js";

/** The first errors of a validator, as parts of a sentence. */
export function schemaErrors({ errors }: Validator): string[] {
  const found = (errors ?? []).map(({ instancePath, keyword, message, params }) => {
    const place = instancePath.slice(1) || "it";
    if (keyword === "required") return `${place} lacks ${params["missingProperty"]}`;
    if (keyword === "additionalProperties")
      return `${place} has an unknown key ${params["additionalProperty"]}`;
    return `${place} ${message}`;
  });
  return found.length > SHOWN ? [...found.slice(0, SHOWN), `and ${found.length - SHOWN} more`] : found;
}

const SHOWN = 8;
