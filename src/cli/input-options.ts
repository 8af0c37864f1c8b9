import type { LoadOptions } from "../compilation/load.js";

/** Options that every command with a policy takes. */
export interface InputOptions extends LoadOptions {
  readonly format: "text" | "json" | "github";
}
