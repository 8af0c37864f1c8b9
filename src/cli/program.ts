import { CommanderError } from "commander";
import { createProgram } from "./commands/index.js";

/** What the shells' completion scripts call. */
const COMPLETE = "__complete";

/** Runs the command line and returns its exit status; nothing here throws on bad input. */
export async function run(args: readonly string[], version: string): Promise<number> {
  let status: number = 0;
  const program = createProgram(version, (ended) => {
    status = ended;
  });
  try {
    if (args[0] === COMPLETE) return (await import("./complete.js")).completeCommand(program, args.slice(1));
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // Without arguments, commander has shown the help.
    if (error.code === "commander.help") return 1;
    return (await import("./usage.js")).reportParsing(error, program, args);
  }
}
