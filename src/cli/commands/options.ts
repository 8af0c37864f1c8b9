import { type Command, Option } from "commander";
import type { ExitStatus } from "../exit-status.js";

/** Wraps the action of a command; the command's module is loaded only when it runs. */
export type Action = <T extends unknown[]>(
  load: () => Promise<(...given: T) => ExitStatus | Promise<ExitStatus>>,
) => (...given: T) => Promise<void>;

/** Options of commands that compile a policy. */
export function horizon(command: Command): Command {
  return command
    .option(
      "--inventory <dir>",
      "read the inventory from this folder instead of the policy's; with several hosts, from a folder for each host in it",
    )
    .option(
      "--from <time>",
      "beginning of the horizon: 2026-12-01, or an instant such as 2026-12-01T00:00:00Z",
    )
    .option("--until <time>", "end of the horizon, exclusive");
}

export function format(formats: readonly string[] = ["text", "json", "github"]): Option {
  return new Option("--format <format>", "format of the output").choices(formats).default("text");
}
