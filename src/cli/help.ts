import { type Command, Help as CommanderHelp } from "commander";
import { wrap } from "../diagnostics/wrap.js";
import { terminalWidth } from "./terminal.js";

/** What a command's help says beyond its options. */
export interface Help {
  /** Paragraphs. */
  readonly notes?: readonly string[];
  /** What each exit status means. */
  readonly exit: string;
  /** For a shell, without its prompt; the lines of a long one are joined by backslashes, as there. */
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

/** Its paragraphs, the exit statuses last. */
export function notesOf({ notes = [], exit }: Help): readonly string[] {
  return [...notes, `Exit status: ${exit}.`];
}

/** What a command does as it stands by itself; in a list it is no sentence. */
export function sentence(description: string): string {
  return `${description.charAt(0).toUpperCase()}${description.slice(1).replace(/\.$/, "")}.`;
}

/** Least columns that a description is broken in beside its option; in fewer it stands below. */
const BESIDE = 26;

/** Help of a program and all its commands as wide as the terminal is, within reason. */
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

/** Columns: those of a terminal, but none so wide that lines are hard to follow; 80 where there is none. */
function helpWidth(stream: NodeJS.WriteStream): number {
  const width = terminalWidth(stream);
  return Number.isFinite(width) ? Math.min(width, 100) : 80;
}
