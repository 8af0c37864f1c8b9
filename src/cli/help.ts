import { type Command, Help as CommanderHelp } from "commander";
import { wrap } from "../diagnostics/wrap.js";
import { terminalWidth } from "./terminal.js";

/** The help of a command, besides its options. */
export interface Help {
  /** Paragraphs. */
  readonly notes?: readonly string[];
  /** What each exit status means. */
  readonly exit: string;
  /** Command lines for a shell, without a prompt; long ones are continued with backslashes. */
  readonly examples?: readonly string[];
}

const helps = new WeakMap<Command, Help>();

/** Gives a command its notes, exit statuses and examples. */
export function explained(command: Command, help: Help): Command {
  helps.set(command, help);
  return command.addHelpText("after", ({ error }) => {
    const width = helpWidth(error ? process.stderr : process.stdout);
    const { examples = [] } = help;
    const title = examples.length === 1 ? "Example:" : "Examples:";
    return [
      ...notesOf(help).flatMap((note) => ["", ...wrap(note, width)]),
      ...(examples.length > 0 ? ["", title] : []),
      ...examples.map((example) => `  $ ${example.replaceAll("\n", "\n    ")}`),
    ].join("\n");
  });
}

export function helpOf(command: Command): Help | undefined {
  return helps.get(command);
}

/** The paragraphs of a help, with the exit statuses last. */
export function notesOf({ notes = [], exit }: Help): readonly string[] {
  return [...notes, `Exit status: ${exit}.`];
}

/** A description as a sentence; in a list of commands it is not one. */
export function sentence(description: string): string {
  return `${description.charAt(0).toUpperCase()}${description.slice(1).replace(/\.$/, "")}.`;
}

/** Least width of a description beside its option; with less it is on the next line. */
const BESIDE = 26;

/** Makes the help of a program and its commands fit the terminal. */
export function fitHelp(program: Command): Command {
  const { formatItem, subcommandTerm } = CommanderHelp.prototype;
  return program
    .configureOutput({
      getOutHelpWidth: () => helpWidth(process.stdout),
      getErrHelpWidth: () => helpWidth(process.stderr),
    })
    .configureHelp({
      minWidthToWrap: BESIDE,
      commandDescription: (command) => sentence(command.description()),
      // Every command has options.
      subcommandTerm: (command) => subcommandTerm(command).replace(" [options]", ""),
      formatItem: (term, termWidth, description, helper) => {
        const width = helper.helpWidth ?? 80;
        return width - termWidth - 4 >= BESIDE || description === ""
          ? formatItem.call(helper, term, termWidth, description, helper)
          : [`  ${term}`, ...wrap(description, width - 6).map((line) => `      ${line}`)].join("\n");
      },
    });
}

/** Width of help: that of the terminal, but at most 100 columns; 80 without a terminal. */
function helpWidth(stream: NodeJS.WriteStream): number {
  const width = terminalWidth(stream);
  return Number.isFinite(width) ? Math.min(width, 100) : 80;
}
