import type { Argument, Command, Option } from "commander";
import { CODES } from "../diagnostics/codes.js";
import { template } from "../templates/template.js";
import type { ExitStatus } from "./exit-status.js";
import { helpOf, notesOf, sentence } from "./help.js";

interface ManView {
  readonly version: string;
  readonly description: string;
  readonly commands: readonly {
    readonly name: string;
    readonly usage: string;
    readonly description: string;
    readonly terms: readonly { readonly term: string; readonly description: string }[];
    readonly notes: readonly string[];
    readonly examples: readonly string[];
  }[];
  readonly codes: readonly (readonly [string, string])[];
}

const manTemplate = template<ManView>("tidemark.1", roff);

/** Escapes a text for roff, so that it is set unchanged and its hyphens can be copied. */
function roff(value: unknown): string {
  return String(value)
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll(/^\./gm, "\\&.");
}

/** `tidemark man`: prints the manual page, from the same tree of commands as the help. */
export function manCommand(program: Command): ExitStatus {
  process.stdout.write(
    manTemplate({
      version: program.version() ?? "",
      description: program.description(),
      commands: program.commands.map((command) => {
        const help = helpOf(command);
        return {
          name: command.name(),
          usage: command.registeredArguments.map(usageOf).join(" "),
          description: sentence(command.description()),
          terms: [...command.registeredArguments.map(argumentTerm), ...command.options.map(optionTerm)],
          notes: help === undefined ? [] : notesOf(help),
          examples: help?.examples ?? [],
        };
      }),
      codes: Object.entries(CODES),
    }),
  );
  return 0;
}

function usageOf(argument: Argument): string {
  const name = `${argument.name().toUpperCase()}${argument.variadic ? "..." : ""}`;
  return argument.required ? name : `[${name}]`;
}

function argumentTerm(argument: Argument) {
  return { term: usageOf(argument), description: withChoices(argument.description, argument) };
}

function optionTerm(option: Option) {
  return { term: option.flags, description: withChoices(option.description, option) };
}

function withChoices(
  description: string,
  { argChoices, defaultValue }: { argChoices?: readonly string[] | undefined; defaultValue?: unknown },
): string {
  return [
    description,
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(", ")}`]),
    ...(defaultValue === undefined ? [] : [`default: ${String(defaultValue)}`]),
  ].join("; ");
}
