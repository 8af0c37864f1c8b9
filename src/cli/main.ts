#!/usr/bin/env node
import { VERSION } from "../assets/version.js";

// Whoever reads the output may stop before its end: `tidemark xml … | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  process.stderr.write(`error: cannot write the output: ${error.message}\n`);
  process.exit(1);
});

// Asked alone, the version is said before anything else is loaded: scripts ask it often.
if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "-V")) {
  process.stdout.write(`${VERSION}\n`);
} else {
  const { run } = await import("./program.js");
  process.exitCode = await run(process.argv.slice(2), VERSION);
}
