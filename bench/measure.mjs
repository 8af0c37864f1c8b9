import { spawnSync } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../dist/bin/tidemark.js", import.meta.url));
const note = fileURLToPath(new URL("note.mjs", import.meta.url));

/**
 * A whole process of the command as it is installed: seconds by the clock and of CPU, peak memory in bytes. Where others use
 * the machine too, CPU tells more.
 * @param statuses exit statuses that are as they should be
 */
export function tidemark(folder, args, statuses = [0]) {
  const noted = join(folder, "measured.json");
  const out = openSync(join(folder, "stdout"), "w");
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["--import", note, bin, ...args], {
    cwd: folder,
    env: { ...process.env, TIDEMARK_BENCH_NOTE: noted },
    encoding: "utf8",
    stdio: ["ignore", out, "pipe"],
  });
  const seconds = (performance.now() - started) / 1000;
  if (!statuses.includes(status))
    throw new Error(`tidemark ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return { seconds, ...JSON.parse(readFileSync(noted, "utf8")) };
}

/** Measures a process of another program and its children; their memory is not known. */
export function command(program, args) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-c", '"$@" >/dev/null || exit; times', "-", program, ...args],
    {
      encoding: "utf8",
    },
  );
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stderr}`);
  // Two lines, of bash itself and of its children: `0m0.876s 0m0.295s`.
  const times = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => minutes * 60 + Number(rest),
  );
  return { seconds, cpu: times.reduce((sum, each) => sum + each, 0), memory: null };
}

/** Measures work in this process. */
export function inProcess(work) {
  const before = process.cpuUsage();
  const started = performance.now();
  work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpu: (user + system) / 1e6 };
}

/** Measures `work` and `floor` alternately, so that other load affects both, and takes the best of each. */
export function paired(rounds, work, floor) {
  const works = [];
  const floors = [];
  for (let round = 0; round < rounds; round++) {
    works.push(work());
    floors.push(floor());
  }
  return { best: best(works), floor: best(floors) };
}

export function best(all) {
  return all.reduce((least, each) => (each.seconds < least.seconds ? each : least));
}

/** Three significant digits. */
export function rounded(value) {
  return Number(value.toPrecision(3));
}
