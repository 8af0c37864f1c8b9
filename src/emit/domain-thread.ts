// The worker of domain-threads.ts, which runs in another thread.
import { parentPort, workerData } from "node:worker_threads";
import type { DomainPlan } from "../plan/plan.js";
import { DomainFiles, type HostOfDomains } from "./domain-files.js";
import type { Answer, Order } from "./domain-threads.js";
import type { StagedDirectory } from "./staging.js";

const files = new DomainFiles(workerData as StagedDirectory);
let host: HostOfDomains | undefined;

parentPort?.on("message", (order: Order) => {
  try {
    send(carryOut(order));
  } catch (error) {
    // The code of an error is lost between threads, so it is sent separately.
    const { message, code } = error as NodeJS.ErrnoException;
    send({ failed: { message, ...(code !== undefined && { code }) } });
  }
});

function carryOut(order: Order): Answer {
  if (order === "end") return { counts: files.close() };
  host = order.host ?? host;
  if (host !== undefined) files.write(host, JSON.parse(order.domain) as DomainPlan);
  return { written: order.domain.length };
}

function send(answer: Answer): void {
  parentPort?.postMessage(answer);
}
