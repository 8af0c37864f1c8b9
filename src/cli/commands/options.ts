import { type Command, Option } from "commander";
import type { ExitStatus } from "../exit-status.js";

/** Wraps what a command does, whose module is loaded only when it runs. */
export type Action = <T extends unknown[]>(
  load: () => Promise<(...given: T) => ExitStatus | Promise<ExitStatus>>,
) => (...given: T) => Promise<void>;

/** Of commands that compile a policy. */
export function horizon(command: Command): Command {
  return command
    .option(
      "--inventory <dir>",
      "read the inventory here, not where the policy says; of several hosts each in a folder of its name",
    )
    .option("--from <time>", "begin of the horizon: 2026-12-01, or an instant such as 2026-12-01T00:00:00Z")
    .option("--until <time>", "end of the horizon, exclusive");
}

export function format(formats: readonly string[] = ["text", "json", "github"]): Option {
  return new Option("--format <format>", "form of what is printed").choices(formats).default("text");
}
