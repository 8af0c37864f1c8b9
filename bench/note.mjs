// Loaded before the command: leaves what the process took in the file that TIDEMARK_BENCH_NOTE names.
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

process.on("exit", () => {
  if (!isMainThread) return;
  const { user, system } = process.cpuUsage();
  // The kernel's own high-water mark; getrusage's would count what the parent held when it forked.
  const memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) * 1024;
  writeFileSync(process.env.TIDEMARK_BENCH_NOTE, JSON.stringify({ cpu: (user + system) / 1e6, memory }));
});
