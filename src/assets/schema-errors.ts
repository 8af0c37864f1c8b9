import type { Validator } from "./assets.js";

/** The first errors of a validator, as parts of a sentence. */
export function schemaErrors({ errors }: Validator): string[] {
  const messages = (errors ?? []).map(({ instancePath, keyword, message, params }) => {
    const path = instancePath.slice(1) || "it";
    if (keyword === "required") return `${path} lacks ${params["missingProperty"]}`;
    if (keyword === "additionalProperties")
      return `${path} has an unknown key ${params["additionalProperty"]}`;
    return `${path} ${message}`;
  });
  return messages.length > SHOWN
    ? [...messages.slice(0, SHOWN), `and ${messages.length - SHOWN} more`]
    : messages;
}

const SHOWN = 8;
