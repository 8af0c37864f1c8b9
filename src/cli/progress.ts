import { type Meter, type Unit, type Watch, watched } from "../compilation/watch.js";
import { humanBytes } from "../diagnostics/amounts.js";

/** A progress line on a terminal's stderr; nothing elsewhere. */
export class Progress implements Meter {
  readonly #started = Date.now();
  readonly #unit: Unit;
  #shown = 0;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  update(done: number, total: number): void {
    const now = Date.now();
    // Work that takes less than a second needs no line, and ten updates in a second are enough.
    if (process.stderr.isTTY !== true || now - this.#started < 1000 || now - this.#shown < 100) return;
    this.#shown = now;
    const rate = done / ((now - this.#started) / 1000);
    const percent = total === 0 ? 100 : Math.floor((done * 100) / total);
    const left = rate === 0 ? "" : `, about ${Math.ceil((total - done) / rate)} s left`;
    const amount =
      this.#unit === "bytes" ? `${humanBytes(total)}, ${humanBytes(rate)}/s` : `${total} ${this.#unit}`;
    process.stderr.write(`\r\x1b[K${percent} % of ${amount}${left}`);
  }

  end(): void {
    if (this.#shown > 0) process.stderr.write("\r\x1b[K");
  }
}

/** Shows progress on the terminal. */
export const onTerminal: Watch = (unit) => new Progress(unit);

/** Passes the domains of an iterable on, with a progress line. */
export function withProgress<T>(domains: Iterable<T>, total: number): Generator<T> {
  return watched(domains, total, onTerminal);
}
