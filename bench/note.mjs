// Loaded before the command: writes the process's times and memory to the file in TIDEMARK_BENCH_NOTE.
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

process.on("exit", () => {
  if (!isMainThread) return;
  const { user, system } = process.cpuUsage();
  // The kernel's high-water mark; that of getrusage would include the parent's memory at the fork.
  const memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) * 1024;
  writeFileSync(process.env.TIDEMARK_BENCH_NOTE, JSON.stringify({ cpu: (user + system) / 1e6, memory }));
});
