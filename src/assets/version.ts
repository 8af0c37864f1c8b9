import { readFileSync } from "node:fs";

/** This tidemark's version, as its package says; `build/assets.mjs` puts the bare text here, as scripts ask for it often. */
export const VERSION = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
).version;
