import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ROOT } from "../support/tidemark.js";
import { REPLAY, random, SECONDS, SEED } from "./budget.js";
import { mutate } from "./mutate.js";
import { READERS, type Reader, startReading } from "./reading.js";

/*
 * Valid inputs, the goldens', changed a little: each is read or refused with a diagnostic, in time, and nothing else happens.
 */
const reading = startReading();
afterAll(() => reading.end());

const corpus = gather();

/** The readers of text that people write come more often. */
const SHARE: Readonly<Record<Reader, number>> = {
  policy: 4,
  domain: 3,
  checkpoint: 2,
  backup: 2,
  host: 1,
  manifest: 2,
  plan: 2,
};
const shares = Object.values(SHARE).reduce((sum, share) => sum + share, 0);

it.each(READERS)("%s: changed inputs are read or refused", async (reader) => {
  const inputs = corpus[reader];
  expect(inputs.length).toBeGreaterThan(0);
  const next = random(SEED + READERS.indexOf(reader));
  const until = Date.now() + (SECONDS * 1000 * 0.5 * SHARE[reader]) / shares;
  let cases = 0;
  for (; cases < inputs.length || Date.now() < until; cases += 1) {
    const input = inputs[cases < inputs.length ? cases : next(inputs.length)] as Buffer;
    const other = inputs[next(inputs.length)] as Buffer;
    const bytes = cases < inputs.length ? input : mutate(input, other, next);
    const said = await reading.read(reader, bytes, input);
    if (said !== undefined) expect.fail(`${said}\ncase ${cases}, kept as ${kept(reader, bytes)}; ${REPLAY}`);
  }
  console.log(`${reader}: ${cases} inputs, seed ${SEED}`);
});

function kept(reader: Reader, bytes: Uint8Array): string {
  const path = join(tmpdir(), `tidemark-fuzz-${reader}`);
  writeFileSync(path, bytes);
  return path;
}

function gather(): Record<Reader, Buffer[]> {
  const found: Record<Reader, Buffer[]> = {
    policy: [],
    domain: [],
    checkpoint: [],
    backup: [],
    host: [],
    manifest: [],
    plan: [],
  };
  for (const folder of ["golden", "plans"]) {
    for (const path of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).sort()) {
      const reader = readerOf(path);
      if (reader === undefined) continue;
      const bytes = readFileSync(join(ROOT, folder, path));
      // Many documents are alike, and a large plan takes the time of many small ones.
      if (bytes.length < 64 << 10 && found[reader].length < 120) found[reader].push(bytes);
    }
  }
  return found;
}

function readerOf(path: string): Reader | undefined {
  if (/(?:^|\/)policy\.yaml$/.test(path)) return "policy";
  if (/\/(?:expected|plan)\/.*checkpoint\.xml$|\/checkpoints\/.*\.xml$/.test(path)) return "checkpoint";
  if (/\.backup\.xml$/.test(path)) return "backup";
  if (/\/inventory\/.*\.xml$/.test(path)) return "domain";
  if (/\/host\.json$/.test(path)) return "host";
  if (/\/catalog\/.*\.json$/.test(path)) return "manifest";
  if (/\/plan\.json$/.test(path)) return "plan";
  return undefined;
}
