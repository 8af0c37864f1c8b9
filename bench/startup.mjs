// Start-up as a ratio to `node -e 0`, measured in turns so that a busy machine slows both. Nothing here passes or fails.
//
//   npm run bench:startup [-- --rounds 30 --json]
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "30" },
    case: { type: "string", default: "push-incremental" },
    json: { type: "boolean", default: false },
  },
});
const root = fileURLToPath(new URL("../", import.meta.url));
const installed = join(root, "dist/bin/tidemark.js");
const single = join(root, "dist/tidemark.mjs");
const modules = join(root, "dist/cli/main.js");
const scratch = mkdtempSync(join(tmpdir(), "tidemark-startup-"));

const measured = [
  { name: "node -e 0", args: ["-e", "0"], aim: undefined },
  { name: "tidemark --version", args: [installed, "--version"], aim: 1.5 },
  { name: "tidemark --help", args: [installed, "--help"], aim: 1.5 },
  { name: "tidemark validate", args: [installed, "validate", "policy.yaml"], aim: undefined },
  { name: "tidemark compile", args: [installed, "compile", "policy.yaml", "-o", "plan"], aim: undefined },
  { name: "--version, one file", args: [single, "--version"], aim: undefined },
  { name: "compile, as modules", args: [modules, "compile", "policy.yaml", "-o", "plan"], aim: undefined },
].map((command) => ({ ...command, seconds: [] }));

try {
  cpSync(join(root, "golden", values.case), scratch, { recursive: true });
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { args, seconds } of measured) {
      rmSync(join(scratch, "plan"), { recursive: true, force: true });
      const started = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: scratch, encoding: "utf8" });
      seconds.push((performance.now() - started) / 1000);
      if (status !== 0) throw new Error(stderr);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

const floor = median(measured[0].seconds);
const cases = measured.map(({ name, seconds, aim }) => ({
  name,
  seconds: median(seconds),
  floor,
  ratio: median(seconds) / floor,
  ...(aim !== undefined && { aim }),
}));
if (values.json) console.log(JSON.stringify({ cases }, null, 2));
else {
  for (const { name, seconds, ratio, aim } of cases) {
    const goal = aim === undefined ? "" : `  (aim: under ${aim})`;
    console.log(
      `${name.padEnd(20)} ${(seconds * 1000).toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)}${goal}`,
    );
  }
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
