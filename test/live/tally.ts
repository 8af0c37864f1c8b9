import { appendFileSync } from "node:fs";

/** What the suite counts over its files; `run.sh` adds the lines up and closes with the sums. */
export function count(what: "compared" | "faults" | "differences" | "restored" | "booted", number = 1): void {
  const file = process.env["TIDEMARK_TALLY"];
  if (file !== undefined) appendFileSync(file, `${what} ${number}\n`);
}
