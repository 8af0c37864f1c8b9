import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { DateTime } from "luxon";
import { afterAll, describe, expect, it } from "vitest";
import { type RetainablePoint, retainer } from "../../src/planner/domain/retain.js";
import type { WrittenRetention } from "../../src/policy/written.js";
import { seeded } from "../live/guest.js";
import { retentionOf } from "../support/plans.js";

/*
 * restic as the judge of the rules that we say are restic's: the same times as snapshots of a real repository, and what
 * `restic forget --dry-run` would keep of them. Each snapshot carries random tags, and a case is what one tag selects.
 */
const SEED = "restic 1";
const SNAPSHOTS = 45;
const TAGS = 8;
const CASES_A_ZONE = 55;

const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), "tidemark-restic-"));
let compared = 0;
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  console.log(`restic cases compared: ${compared}`);
});

const count = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(-1));
const span = fc.constantFrom("12h", "1d", "7d", "1m", "2m3d", "1y", "1y2m10d5h");
const rules: fc.Arbitrary<WrittenRetention> = fc
  .record(
    {
      keepLast: fc.integer({ min: 1, max: 12 }),
      keepHourly: count,
      keepDaily: count,
      keepWeekly: count,
      keepMonthly: count,
      keepYearly: count,
      keepWithin: span,
      keepWithinHourly: span,
      keepWithinDaily: span,
      keepWithinWeekly: span,
      keepWithinMonthly: span,
      keepWithinYearly: span,
    },
    { requiredKeys: [] },
  )
  .filter((record) => Object.keys(record).length > 0 && Object.keys(record).length < 5);

// Each call takes the better part of a second to make its key, and does little else.
describe.concurrent.each(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])(
  "in %s",
  (zone) => {
    const env = {
      TZ: zone,
      RESTIC_REPOSITORY: join(scratch, zone.replace("/", "-")),
      RESTIC_PASSWORD: "x",
      RESTIC_CACHE_DIR: join(scratch, "cache"),
    };
    const restic = async (...args: readonly string[]) =>
      (await run("restic", args, { env: { ...process.env, ...env } })).stdout;

    it("keeps what restic keeps", async ({ expect }) => {
      const file = join(scratch, "file");
      writeFileSync(file, "x");
      await restic("init");
      const random = seeded(`${SEED} ${zone}`);
      // Long past: restic counts its spans back from the newest snapshot that is not in the future.
      let time = DateTime.fromISO("2023-01-15T12:00:00", { zone });
      const snapshots: { time: number; tags: string[] }[] = [];
      for (let index = 0; index < SNAPSHOTS; index++) {
        // Hours to weeks apart, so that each rule has something to choose; never in the hours that a zone repeats.
        time = time.plus(
          [{ hours: 1 + random(5) }, { hours: 12 }, { days: 1 + random(3) }, { weeks: 1 + random(5) }][
            random(4)
          ] ?? {},
        );
        if (time.hour < 4) time = time.set({ hour: 5 });
        const tags = Array.from({ length: TAGS }, (_, tag) => `t${tag}`).filter(() => random(3) > 0);
        await restic(
          "backup",
          "--quiet",
          "--time",
          time.toFormat("yyyy-MM-dd HH:mm:ss"),
          ...tags.flatMap((tag) => ["--tag", tag]),
          file,
        );
        snapshots.push({ time: time.toMillis(), tags });
      }
      // Newer releases also keep the oldest snapshot while some of a count is left, as we do; which one this is, it says itself.
      const keepsOldest = (await theirs(restic, "t0", { keepYearly: 100 })).includes(
        snapshots.find(({ tags }) => tags.includes("t0"))?.time ?? 0,
      );
      for (const [index, rule] of fc.sample(rules, { numRuns: CASES_A_ZONE, seed: 7 }).entries()) {
        const tag = `t${index % TAGS}`;
        const chosen = snapshots.filter(({ tags }) => tags.includes(tag));
        expect(ours(chosen, rule, zone, keepsOldest), `${tag} ${JSON.stringify(rule)}`).toEqual(
          await theirs(restic, tag, rule),
        );
        compared += 1;
      }
    });
  },
);

it("there were enough of them", () => expect(compared).toBeGreaterThanOrEqual(200));

/** All fulls: a full kept only as the newest full would be ours alone, but every one of restic's rules keeps the newest. */
function ours(
  snapshots: readonly { time: number }[],
  rule: WrittenRetention,
  zone: string,
  keepsOldest: boolean,
): number[] {
  const points = snapshots.map(
    ({ time }): RetainablePoint => ({ point: String(time), time, level: "full", needs: [] }),
  );
  return retainer(
    retentionOf(rule),
    zone,
  )(points).flatMap((verdict) =>
    verdict.rules.some((why) => keepsOldest || !why.endsWith("(oldest)")) ? Number(verdict.point) : [],
  );
}

async function theirs(
  restic: (...args: readonly string[]) => Promise<string>,
  tag: string,
  rule: WrittenRetention,
): Promise<number[]> {
  const options = Object.entries(rule).flatMap(([name, value]) => [
    `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    // Older releases know no -1; no selection is as large as this.
    value === -1 ? "1000" : String(value),
  ]);
  const groups = JSON.parse(
    await restic("forget", "--dry-run", "--json", "--group-by", "", "--tag", tag, ...options),
  );
  return groups[0].keep
    .map((snapshot: { time: string }) => Date.parse(snapshot.time))
    .sort((a: number, b: number) => a - b);
}
