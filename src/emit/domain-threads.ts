import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { DomainFiles, type DomainWriter } from "./domain-files.js";
import type { Counts, Place } from "./staging.js";

/** A smaller plan is written before a thread has loaded what it needs. */
const LEAST_RUNS = 1000;
/** Planning, which one thread does, keeps no more than so many busy. */
const MOST_THREADS = 2;
/** Characters of JSON on the way to a thread; beyond, the planning thread lends a hand. */
const MOST_WAITING = 1 << 20;

/** What writes a plan of at most so many runs on this machine. */
export function domainWriter(place: Place, runs: number): DomainWriter {
  const threads = Math.min(MOST_THREADS, availableParallelism() - 1);
  return threads < 1 || runs < LEAST_RUNS ? new DomainFiles(place) : new DomainThreads(place, threads);
}

/** Whose domains follow. */
export interface HostOfDomains {
  readonly folder: string;
  readonly header: PlanHeader;
}

/** What a thread is told; `host` where it is another than before. */
export type Order = { readonly domain: string; readonly host?: HostOfDomains } | "end";

/** What it answers, once to each. */
export type Answer =
  | { readonly written: number }
  | { readonly counts: Counts }
  | { readonly failed: { readonly message: string; readonly code?: string } };

/** Renders and writes in other threads while this one plans. */
class DomainThreads implements DomainWriter {
  readonly #own: DomainFiles;
  readonly #threads: readonly Thread[];

  constructor(place: Place, count: number) {
    this.#own = new DomainFiles(place);
    this.#threads = Array.from({ length: count }, () => new Thread(place));
  }

  async write(folder: string, header: PlanHeader, domain: DomainPlan, json: string): Promise<void> {
    const idle = this.#threads.find((thread) => thread.waiting < MOST_WAITING);
    if (idle === undefined) this.#own.write(folder, header, domain);
    else idle.send(folder, header, json);
    // What the threads say is heard between two turns of the event loop only.
    await setImmediate();
    for (const thread of this.#threads) thread.check();
  }

  async close(): Promise<Counts> {
    const all = [this.#own.close(), ...(await Promise.all(this.#threads.map((thread) => thread.end())))];
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

  constructor(place: Place) {
    // The command itself, which knows that it is not alone: so it is there whatever it is bundled into.
    this.#worker = new Worker(process.argv[1] as string, { workerData: place });
    this.#worker.on("message", (answer: Answer) => this.#hear(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("a thread that writes files has ended")));
  }

  /** Characters that it has not dealt with. */
  get waiting(): number {
    return this.#waiting;
  }

  send(folder: string, header: PlanHeader, domain: string): void {
    const isOther = folder !== this.#folder;
    this.#folder = folder;
    this.#waiting += domain.length;
    this.#order({ domain, ...(isOther && { host: { folder, header } }) });
  }

  /** @throws what it failed with, if it has */
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

  #hear(answer: Answer): void {
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
