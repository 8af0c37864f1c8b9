import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sh } from "../guest.js";

const PID = "/run/libvirtd.pid";

/** Ends libvirtd and waits until it is gone, or at least dead where nobody reaps it; domains go on. */
export function stopLibvirtd(signal = "TERM"): void {
  const pid = readFileSync(PID, "utf8").trim();
  sh("kill", [`-${signal}`, pid]);
  while (/^State:\s+[^ZX]/m.test(sh("cat", [`/proc/${pid}/status`], { status: "any" }).stdout))
    sh("sleep", ["0.05"]);
}

/** Starts libvirtd, and waits until it answers. */
export function startLibvirtd(): void {
  sh("bash", [join(import.meta.dirname, "../setup.sh")]);
}
