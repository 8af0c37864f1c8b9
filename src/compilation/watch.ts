export type Unit = "bytes" | "domains" | "files";

/** Learns how far one piece of long work is. */
export interface Meter {
  /** @param done units of @param total */
  update(done: number, total: number): void;
  /** The work is over, whether it succeeded or not. */
  end(): void;
}

/** Called as each piece of long work begins; gives what learns how far it is. */
export type Watch = (unit: Unit) => Meter;

/** Nobody is told. */
export const unwatched: Watch = () => ({ update: () => {}, end: () => {} });

/** The domains of an iterable as they are; a watcher learns how many have come. */
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
