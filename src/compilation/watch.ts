export type Unit = "bytes" | "domains" | "files";

/** Receives the progress of a piece of long work. */
export interface Meter {
  /** @param done units of @param total */
  update(done: number, total: number): void;
  /** Called when the work has ended, whether it succeeded or not. */
  end(): void;
}

/** Called when a piece of long work begins; returns the meter for it. */
export type Watch = (unit: Unit) => Meter;

/** No progress is shown. */
export const unwatched: Watch = () => ({ update: () => {}, end: () => {} });

/** Passes the domains of an iterable on, and reports progress. */
export function* watched<T>(domains: Iterable<T>, total: number, watch: Watch): Generator<T> {
  const meter = watch("domains");
  let done = 0;
  try {
    for (const domain of domains) {
      yield domain;
      done += 1;
      meter.update(done, total);
    }
  } finally {
    meter.end();
  }
}
