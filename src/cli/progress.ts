import { type Meter, type Unit, type Watch, watched } from "../compilation/watch.js";
import { humanBytes } from "../diagnostics/amounts.js";

/** A line on a terminal's stderr that says how far long work is; silent anywhere else. */
export class Progress implements Meter {
  readonly #started = Date.now();
  readonly #unit: Unit;
  #shown = 0;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  update(done: number, total: number): void {
    const now = Date.now();
    // Work of under a second needs no line, and no reader wants more than ten a second.
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

/** Tells whoever sits at the terminal. */
export const onTerminal: Watch = (unit) => new Progress(unit);

/** The domains of an iterable as they are, with a line that says how many have come. */
export function withProgress<T>(domains: Iterable<T>, total: number): Generator<T> {
  return watched(domains, total, onTerminal);
}
