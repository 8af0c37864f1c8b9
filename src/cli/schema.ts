import { asset } from "../assets/assets.js";
import type { ExitStatus } from "./exit-status.js";

/** `tidemark schema`: prints a schema of the package. */
export function schemaCommand(name: string): ExitStatus {
  process.stdout.write(asset(`schemas/${name}.schema.json`));
  return 0;
}
