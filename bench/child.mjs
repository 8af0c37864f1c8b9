// Runs tidemark with the arguments after the first, and leaves in the file that the first names what it took.
import { readFileSync, writeFileSync } from "node:fs";
import { run } from "../dist/cli/program.js";

const [note, ...args] = process.argv.slice(2);
const status = await run(args, "bench");
const { user, system } = process.cpuUsage();
// The kernel's own high-water mark; getrusage's would count what the parent held when it forked.
const memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) * 1024;
writeFileSync(note, JSON.stringify({ cpu: (user + system) / 1e6, memory }));
process.exitCode = status;
