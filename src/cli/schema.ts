import { readFileSync } from "node:fs";
import type { ExitStatus } from "./program.js";

/** `tidemark schema`: the schema as the package holds it. */
export function schemaCommand(name: string): ExitStatus {
  process.stdout.write(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), "utf8"));
  return 0;
}
