import { appendFileSync } from "node:fs";

/** Other documents each day (in UTC), and the same ones again with the seed that the name of the test shows. */
export function seedOfToday(): number {
  return Number(
    process.env["TIDEMARK_ORACLE_SEED"] ?? new Date().toISOString().slice(0, 10).replaceAll("-", ""),
  );
}

/** What the oracle has looked at; each file of the suite says its part, and `run.sh` sums. */
export const tally = {
  schema: 0,
  daemon: 0,
  disagreements: 0,
  print(): void {
    const file = process.env["TIDEMARK_ORACLE_TALLY"];
    if (file === undefined) return;
    for (const [what, count] of Object.entries({
      schema: tally.schema,
      daemon: tally.daemon,
      disagreements: tally.disagreements,
    }))
      appendFileSync(file, `${what} ${count}\n`);
  },
};
