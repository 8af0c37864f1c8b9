import { Worker } from "node:worker_threads";

/** A smaller file is read before a thread has started. */
export const LEAST_BYTES = 4 << 20;

type Answer = { readonly bytes: number } | { readonly sum: string } | { readonly failed: string };

/** What the thread runs: a text, so that it works however the command is bundled. It reads a file to its end for each path. */
const PROGRAM = `
const { createHash } = require("node:crypto");
const { closeSync, openSync, readSync } = require("node:fs");
const { parentPort } = require("node:worker_threads");
const piece = Buffer.allocUnsafe(4 << 20);
parentPort.on("message", (path) => {
  try {
    const hash = createHash("sha256");
    const file = openSync(path, "r");
    try {
      for (let bytes; (bytes = readSync(file, piece)) > 0; ) {
        hash.update(piece.subarray(0, bytes));
        parentPort.postMessage({ bytes });
      }
    } finally {
      closeSync(file);
    }
    parentPort.postMessage({ sum: hash.digest("hex") });
  } catch (error) {
    parentPort.postMessage({ failed: error.message });
  }
});
`;

/** Computes checksums in a thread of its own, because hashing keeps the thread busy that does it. */
export class HashThread {
  #worker: Worker | undefined;

  /**
   * The sha256 of a file; one at a time.
   * @throws if the file cannot be read to its end
   */
  sum(path: string, onBytes: (bytes: number) => void): Promise<string> {
    this.#worker ??= new Worker(PROGRAM, { eval: true });
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const onMessage = (answer: Answer) => {
        if ("bytes" in answer) onBytes(answer.bytes);
        else if ("sum" in answer) end(() => resolve(answer.sum));
        else end(() => reject(new Error(answer.failed)));
      };
      const onError = (error: unknown) => end(() => reject(error));
      const end = (settle: () => void) => {
        worker.off("message", onMessage).off("error", onError);
        settle();
      };
      worker.on("message", onMessage).on("error", onError);
      worker.postMessage(path);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
