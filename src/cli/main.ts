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
} else if (!(await import("node:worker_threads")).isMainThread) {
  await import("../emit/domain-thread.js");
} else {
  await keepHeapSmall();
  const { run } = await import("./program.js");
  process.exitCode = await run(process.argv.slice(2), VERSION);
}

/**
 * By itself V8 lets old garbage lie until it is some three times what lives; with this, two fifths, which takes no longer
 * here. It is no limit: a plan that needs more gets more.
 */
async function keepHeapSmall(): Promise<void> {
  // A later Node may not know the flag, and would say so on stderr.
  if (Number.parseInt(process.versions.node, 10) > 24) return;
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--heap-growing-percent=40");
}
