import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { DomainFiles, type DomainWriter } from "./domain-files.js";
import type { Counts, Place } from "./staging.js";

/** A smaller plan is written before a thread has loaded what it needs. */
const LEAST_RUNS = 1000;
/** Planning, which one thread does, keeps no more than so many busy. */
const MOST_THREADS = 2;
/** Characters of JSON on the way to a thread; beyond, planning waits. */
const MOST_WAITING = 1 << 22;

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
  readonly #threads: readonly Thread[];

  constructor(place: Place, count: number) {
    this.#threads = Array.from({ length: count }, () => new Thread(place));
  }

  async write(folder: string, header: PlanHeader, _: DomainPlan, json: string): Promise<void> {
    const [idlest, ...others] = this.#threads as [Thread, ...Thread[]];
    const thread = others.reduce((one, other) => (other.waiting < one.waiting ? other : one), idlest);
    thread.send(folder, header, json);
    while (this.#threads.every(({ waiting }) => waiting > MOST_WAITING))
      await Promise.race(this.#threads.map((each) => each.answered()));
  }

  async close(): Promise<Counts> {
    const all = await Promise.all(this.#threads.map((thread) => thread.end()));
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
  #counts: Counts | undefined;
  #failure: unknown;
  #wake: () => void = () => {};

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

  /** Comes back with its next answer. @throws what it failed with */
  async answered(): Promise<void> {
    if (this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async end(): Promise<Counts> {
    this.#order("end");
    while (this.#counts === undefined) await this.answered();
    return this.#counts;
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
    } else if ("counts" in answer) this.#counts = answer.counts;
    else this.#waiting -= answer.written;
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }
}
