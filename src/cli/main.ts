#!/usr/bin/env node
import { VERSION } from "../assets/version.js";

// The reader of the output may stop before its end: `tidemark xml … | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  process.stderr.write(`error: cannot write the output: ${error.message}\n`);
  process.exit(1);
});

// `--version` alone is answered before anything else is loaded, because scripts ask for it often.
if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "-V")) {
  process.stdout.write(`${VERSION}\n`);
} else if (!(await import("node:worker_threads")).isMainThread) {
  await import("../emit/domain-thread.js");
} else {
  await keepHeapSmall();
  const { run } = await import("./program.js");
  process.exitCode = await run(process.argv.slice(2), VERSION);
}

/**
 * By default V8 collects garbage when there is about three times as much of it as of live objects; with this, at two
 * fifths, which takes no more time here. It is not a limit: a plan that needs more memory gets it.
 */
async function keepHeapSmall(): Promise<void> {
  // A later Node may not know the flag and would print a warning on stderr.
  if (Number.parseInt(process.versions.node, 10) > 24) return;
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--heap-growing-percent=40");
}
