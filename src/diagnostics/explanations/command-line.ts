/** TM0xx: how a command was called. */
export const COMMAND_LINE = {
  TM001: `A command, an option or an argument is not one that tidemark knows, is missing, or is one too many; nothing was read or
written. \`tidemark COMMAND --help\` shows what a command takes, with examples. A file whose name begins with a dash comes
behind \`--\`, or as \`./-name\`. People see the message without the code; with \`--format json\` or \`github\` it is a
finding as all others are.`,
} as const;
