import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { DomainPlan } from "../plan/plan.js";
import { DomainFiles, type DomainWriter, type HostOfDomains } from "./domain-files.js";
import type { Counts, StagedDirectory } from "./staging.js";

/** A smaller plan is written before a thread has loaded its modules. */
const LEAST_RUNS = 1000;
/** More threads would not be busy, because only one thread plans. */
const MOST_THREADS = 2;
/** Characters of JSON that may wait for a thread. If there are more, the planning thread writes a domain itself. */
const MOST_WAITING = 1 << 20;

/** The writer for a plan of at most so many runs on this machine. */
export function domainWriter(directory: StagedDirectory, runs: number): DomainWriter {
  const threads = Math.min(MOST_THREADS, availableParallelism() - 1);
  return threads < 1 || runs < LEAST_RUNS
    ? new DomainFiles(directory)
    : new DomainThreads(directory, threads);
}

/** A message to a thread; `host` is set if it has changed. */
export type Order = { readonly domain: string; readonly host?: HostOfDomains } | "end";

/** The answer of a thread to each message. */
export type Answer =
  | { readonly written: number }
  | { readonly counts: Counts }
  | { readonly failed: { readonly message: string; readonly code?: string } };

/** Renders and writes files in other threads while this thread plans. */
class DomainThreads implements DomainWriter {
  readonly #inThisThread: DomainFiles;
  readonly #threads: readonly Thread[];

  constructor(directory: StagedDirectory, count: number) {
    this.#inThisThread = new DomainFiles(directory);
    this.#threads = Array.from({ length: count }, () => new Thread(directory));
  }

  async write(host: HostOfDomains, domain: DomainPlan, json: string): Promise<void> {
    const idle = this.#threads.find((thread) => thread.waiting < MOST_WAITING);
    if (idle === undefined) this.#inThisThread.write(host, domain);
    else idle.send(host, json);
    // The threads' answers arrive only when the event loop turns.
    await setImmediate();
    for (const thread of this.#threads) thread.check();
  }

  async close(): Promise<Counts> {
    const all = [
      this.#inThisThread.close(),
      ...(await Promise.all(this.#threads.map((thread) => thread.end()))),
    ];
    return {
      staged: all.reduce((sum, { staged }) => sum + staged, 0),
      unchanged: all.reduce((sum, { unchanged }) => sum + unchanged, 0),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }
}

class Thread {
  readonly #worker: Worker;
  #folder: string | undefined;
  #waiting = 0;
  #failure: unknown;
  #ended: { resolve: (counts: Counts) => void; reject: (error: unknown) => void } | undefined;

  constructor(directory: StagedDirectory) {
    // The worker is the command itself, which notices that it runs in a thread; so it works however it is bundled.
    this.#worker = new Worker(process.argv[1] as string, { workerData: directory });
    this.#worker.on("message", (answer: Answer) => this.#receive(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("a thread that writes files has ended")));
  }

  /** Characters that the thread has not written yet. */
  get waiting(): number {
    return this.#waiting;
  }

  send(host: HostOfDomains, domain: string): void {
    const isOther = host.folder !== this.#folder;
    this.#folder = host.folder;
    this.#waiting += domain.length;
    this.#order({ domain, ...(isOther && { host }) });
  }

  /** @throws the thread's error, if it has failed */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async end(): Promise<Counts> {
    this.check();
    this.#order("end");
    return new Promise((resolve, reject) => {
      this.#ended = { resolve, reject };
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }

  #receive(answer: Answer): void {
    if ("failed" in answer) {
      const { message, ...rest } = answer.failed;
      this.#fail(Object.assign(new Error(message), rest));
    } else if ("counts" in answer) this.#ended?.resolve(answer.counts);
    else this.#waiting -= answer.written;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#ended?.reject(this.#failure);
  }
}
