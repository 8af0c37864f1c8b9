import type { Command } from "commander";
import { nearest } from "../diagnostics/did-you-mean.js";
import type { ExitStatus } from "./exit-status.js";
import { reportUsage } from "./usage.js";

/** `tidemark help`: the help of the program or of one command. */
export function helpCommand(program: Command): (name?: string) => ExitStatus {
  return (name) => {
    const command = name === undefined ? program : program.commands.find((each) => each.name() === name);
    if (command !== undefined) {
      command.outputHelp();
      return 0;
    }
    const meant = nearest(
      name ?? "",
      program.commands.map((each) => each.name()),
    );
    const help = "tidemark --help shows the commands";
    return reportUsage(
      `unknown command '${name}'`,
      meant === undefined ? help : `did you mean ${meant}? ${help}`,
      "text",
    );
  };
}
