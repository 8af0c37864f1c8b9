import { verbatim } from "../templates/template.js";
import type { ExitStatus } from "./exit-status.js";

/** `tidemark completion`: the script that asks `tidemark __complete`. */
export function completionCommand(shell: "bash" | "zsh" | "fish"): ExitStatus {
  process.stdout.write(verbatim(`completion/tidemark.${shell}`));
  return 0;
}
