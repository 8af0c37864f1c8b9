import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HANG_MS } from "./budget.js";

export const READERS = ["policy", "domain", "checkpoint", "backup", "host", "manifest", "plan"] as const;

export type Reader = (typeof READERS)[number];

/** Says what went wrong when bytes were read; nothing if they were read, or refused as they should be. */
export interface Reading {
  /** @param other what a plan is compared with */
  readonly read: (reader: Reader, bytes: Uint8Array, other?: Uint8Array) => Promise<string | undefined>;
  readonly end: () => Promise<void>;
}

/**
 * Reads in a process of its own, which is made anew when a case takes longer than HANG_MS: of its own processor's time, so that a
 * busy machine is no finding.
 */
export function startReading(): Reading {
  let child: Promise<ChildProcess> | undefined;
  const start = () =>
    new Promise<ChildProcess>((ready) => {
      const started = fork(fileURLToPath(new URL("./reader.mjs", import.meta.url)), {
        serialization: "advanced",
        execArgv: ["--max-old-space-size=2048"],
      });
      started.once("message", () => ready(started));
    });
  const read = (own: ChildProcess, message: object): Promise<string | undefined> =>
    new Promise((done) => {
      const before = processorMs(own);
      const settle = (said: string | undefined) => {
        clearInterval(watch);
        own.removeListener("message", onMessage);
        own.removeListener("exit", onExit);
        done(said);
      };
      const onMessage = (said: unknown) => settle(said === "" ? undefined : String(said));
      const onExit = (status: number | null, signal: string | null) => {
        child = undefined;
        settle(
          signal === "SIGKILL" ? `took longer than ${HANG_MS} ms` : `ended the process: ${status ?? signal}`,
        );
      };
      const watch = setInterval(() => {
        if (processorMs(own) - before > HANG_MS) own.kill("SIGKILL");
      }, 500);
      own.on("message", onMessage);
      own.on("exit", onExit);
      own.send(message);
    });
  return {
    read: async (reader, bytes, other = bytes) => {
      child ??= start();
      return read(await child, { reader, bytes, other });
    },
    end: async () => {
      (await child)?.kill();
    },
  };
}

/** Processor time that a process has used (proc(5), stat: utime and stime in hundredths of a second). */
function processorMs({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}
