/** TM0xx: how a command was called. */
export const COMMAND_LINE = {
  TM001: `A command, an option or an argument is unknown, is missing, or is one too many. Nothing was read or written.
\`tidemark COMMAND --help\` shows the arguments and options of a command, with examples. If a file's name begins with a dash,
write \`--\` before it, or \`./-name\`. On a terminal the message has no code. With \`--format json\` or \`github\` it is a
diagnostic like all others.`,
} as const;
