import { Command } from "commander";
import type { ExitStatus } from "../exit-status.js";
import { explained, fitHelp } from "../help.js";
import type { Action } from "./options.js";
import { policyCommands } from "./policy.js";
import { programCommands } from "./program.js";
import { repositoryCommands } from "./repository.js";
import { reviewCommands } from "./review.js";

/** Groups of commands, in the order in which a user needs them. */
const GROUPS = {
  "Policy and plan:": policyCommands,
  "Review:": reviewCommands,
  "Repository:": repositoryCommands,
  "Tidemark itself:": programCommands,
} as const;

/** The tree of commands, from which help, completion and the man page are made. */
export function createProgram(version: string, onEnd: (status: ExitStatus) => void): Command {
  const action: Action =
    (load) =>
    async (...given) => {
      onEnd(await (await load())(...given));
    };
  const program = fitHelp(new Command("tidemark"))
    .description(
      "Compiles a backup policy for libvirt domains into checkpoint and backup XML and a plan to review.",
    )
    .version(version, "-V, --version")
    .helpCommand(false)
    // The caller of the program reports what is wrong with a command line, in the requested format.
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .hook("preAction", (_, command) => {
      const empty = command.options.find((option) =>
        [command.getOptionValue(option.attributeName())].flat().includes(""),
      );
      if (empty !== undefined) command.error(`error: the argument of option '${empty.flags}' is empty`);
    });
  explained(program, { exit: "0 done; 1 error; 2 (diff, compile --check) there are differences" });
  for (const [heading, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    commands(program, action);
  }
  return program;
}
