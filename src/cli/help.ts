import type { Command } from "commander";

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

/** Breaks at spaces; a word that is longer stays whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
