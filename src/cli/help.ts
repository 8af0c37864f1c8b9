import type { Command } from "commander";
import { wrap } from "./terminal.js";

/** What a command's help says beyond its options. */
export interface Help {
  /** Paragraphs. */
  readonly notes?: readonly string[];
  /** Lines for a shell, without its prompt. */
  readonly examples: readonly string[];
}

const helps = new WeakMap<Command, Help>();

/** Gives a command its notes and examples. */
export function explained(command: Command, help: Help): Command {
  helps.set(command, help);
  const width = Math.min(100, process.stdout.columns ?? 80);
  const notes = (help.notes ?? []).flatMap((note) => ["", ...wrap(note, width)]);
  const examples = help.examples.map((example) => `  $ ${example}`);
  const title = help.examples.length === 1 ? "Example:" : "Examples:";
  return command.addHelpText("after", [...notes, "", title, ...examples].join("\n"));
}

export function helpOf(command: Command): Help {
  return helps.get(command) ?? { examples: [] };
}
