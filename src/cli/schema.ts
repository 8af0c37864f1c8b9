import { asset } from "../assets/assets.js";
import type { ExitStatus } from "./exit-status.js";

/** `tidemark schema`: the schema as the package holds it. */
export function schemaCommand(name: string): ExitStatus {
  process.stdout.write(asset(`schemas/${name}.schema.json`));
  return 0;
}
