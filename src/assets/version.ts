import { readFileSync } from "node:fs";

/**
 * The version in package.json. `build/assets.mjs` replaces this by the plain text, because scripts ask for it often.
 */
export const VERSION = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
).version;
