import type { Command, CommanderError } from "commander";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { printUsage } from "../diagnostics/print.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { report } from "./report.js";

/** Reports wrong usage in the format that the command line asks for. */
export function reportUsage(message: string, hint: string, format: InputOptions["format"]): ExitStatus {
  const diagnostic: Diagnostic = { code: "TM001", severity: "error", message, hint };
  if (format === "text") process.stderr.write(printUsage(diagnostic));
  else report([diagnostic], format);
  return 1;
}

/** Reports an error of the command-line parser, which prints nothing itself. */
export function reportParsing(
  { message }: CommanderError,
  program: Command,
  args: readonly string[],
): ExitStatus {
  const command = commandOf(program, args);
  const [, what = message, meant] = /^(?:error: )?(.*?)(?:\n\(Did you mean (.*)\?\))?$/s.exec(message) ?? [];
  const help =
    command === undefined
      ? "tidemark --help shows the commands"
      : `tidemark ${command.name()} --help shows its arguments and options`;
  return reportUsage(
    what,
    meant === undefined ? help : `did you mean ${meant}? ${help}`,
    askedFormat(command, args),
  );
}

function commandOf(program: Command, args: readonly string[]): Command | undefined {
  const name = args.find((arg) => !arg.startsWith("-"));
  return program.commands.find((command) => command.name() === name);
}

/** The last `--format` of a wrong command line, if it is one for programs and the command has it. */
function askedFormat(command: Command | undefined, args: readonly string[]): InputOptions["format"] {
  const option = command?.options.find(({ long }) => long === "--format");
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  const asked = options
    .flatMap(
      (arg, index) => (arg === "--format" ? options[index + 1] : /^--format=(.*)$/s.exec(arg)?.[1]) ?? [],
    )
    .at(-1);
  return (asked === "json" || asked === "github") && option?.argChoices?.includes(asked) === true
    ? asked
    : "text";
}
