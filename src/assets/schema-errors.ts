import type { Validator } from "./assets.js";

/** What a validator found, as parts of a sentence; of many the first few. */
export function schemaErrors({ errors }: Validator): string[] {
  const found = (errors ?? []).map(({ instancePath, message, params }) => {
    const extra = (params as { additionalProperty?: string }).additionalProperty;
    return `${instancePath.slice(1) || "the whole"} ${message}${extra === undefined ? "" : ` (${extra})`}`;
  });
  return found.length > SHOWN ? [...found.slice(0, SHOWN), `and ${found.length - SHOWN} more`] : found;
}

const SHOWN = 8;
