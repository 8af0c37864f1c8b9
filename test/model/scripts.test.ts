import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { Policy } from "../../src/policy/policy.js";
import { policy, policyOf } from "../support/plans.js";
import { BLOCKS } from "./host.js";
import { Life, type NightEvent, type Tally } from "./life.js";
import { MISCHANCES } from "./mischances.js";
import type { Cut } from "./night.js";
import type { Instant } from "./played/world.js";
import { Scene, type Setting } from "./scene.js";

/*
 * The scripts themselves, on a host of which only libvirt and QEMU are played (played/), beside their twin: nights that are cut at the
 * same places or struck at any call of a tool, domains that are down, QEMUs that die. After every night both must have come to the
 * same, and each restore point must read, image by image, as the disks were.
 */
const TIMES = Number(process.env["TIDEMARK_MODEL_TIMES"] ?? 1);
const NIGHTS = 600 * TIMES;
const SEED = Number(process.env["TIDEMARK_MODEL_SEED"] ?? 20261124);
/** One world again: the number that a failure names. */
const ONLY = process.env["TIDEMARK_MODEL_WORLD"];
/** Scripts wait for other programs most of the time. */
const AT_ONCE = 3;

const tally: Tally = { nights: 0, cut: 0, restored: 0, demands: 0, places: new Map(), befallen: new Map() };
let worlds = 0;
afterAll(() => {
  const places = [...tally.places].map(([place, count]) => `${place} ${count}`).sort();
  const befallen = [...tally.befallen].map(([what, count]) => `${what} ${count}`).sort();
  console.log(
    `cut at: ${places.join(", ")}\nbefallen: ${befallen.join(", ")}\nworlds: ${worlds}, nights cut: ${tally.cut}, restored by script: ${tally.restored}, on demand: ${tally.demands}\nnights through the scripts: ${tally.nights}`,
  );
});

const rarely = (weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const blocks = fc.array(fc.nat(BLOCKS - 1), { maxLength: 3 });

const cut = fc.record({
  at: fc.nat(1000),
  how: fc.constantFrom<Cut["how"]>("fail", "kill", "term"),
  undoToo: rarely(6),
});

const instant: fc.Arbitrary<Instant> = fc
  .tuple(
    fc.oneof(
      fc.record({ from: fc.constant("start" as const), at: fc.nat(90) }),
      fc.record({ from: fc.constant("manifest" as const), at: fc.nat(12) }),
    ),
    fc.constantFrom<Instant["how"]>("kill", "term", "term all"),
  )
  .map(([at, how]) => ({ ...at, how }));

const mishap: fc.Arbitrary<Pick<NightEvent, "cut" | "instant">> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: cut.map((each) => ({ cut: each })) },
  { weight: 1, arbitrary: instant.map((each) => ({ instant: each })) },
);

const event: fc.Arbitrary<NightEvent> = fc
  .tuple(
    mishap,
    fc.record({
      mischance: fc.oneof(
        { weight: 5, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: fc.constantFrom(...MISCHANCES) },
      ),
      stopped: rarely(4),
      crash: rarely(20),
      recompile: rarely(9),
      demand: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        {
          weight: 1,
          arbitrary: fc.record({
            full: rarely(3),
            pinned: fc.boolean(),
            cut: fc.option(cut, { freq: 1, nil: undefined }),
          }),
        },
      ),
      again: rarely(6),
      writes: blocks,
      writesMeanwhile: blocks,
    }),
  )
  .map(([what, when]) => ({ ...what, ...when }));

/** What folds at each run from the third on. */
const { schedule, retention, consolidate, maxChainLength } = policyOf({
  schedule: [{ level: "incremental", at: "0 */6 * * *" }],
  retention: { keepLast: 2 },
  consolidate: true,
  maxChainLength: 40,
});
const FOLDING = { schedule, retention, consolidate, ...(maxChainLength && { maxChainLength }) };

const small = fc.integer({ min: 1, max: 3 });
const setting: fc.Arbitrary<Setting> = fc.record({
  written: fc
    .record({
      base: policy,
      retention: fc.oneof(
        fc.record({ keepLast: small }),
        fc.record({ keepFull: small, keepLast: small }),
        fc.record({ keepLast: small, keepDaily: small }),
      ),
      consolidate: fc.boolean(),
      onMissingBase: fc.constantFrom<Policy["onMissingBase"]>(
        "last-verified",
        "last-verified",
        "full",
        "fail",
      ),
      onDrift: fc.constantFrom<Policy["onDrift"]>("full", "fail"),
      onStopped: fc.constantFrom<Policy["onStopped"]>("skip", "offline-copy"),
      folding: rarely(2),
    })
    .map(({ base, folding, ...answers }): Policy => ({ ...base, ...answers, ...(folding && FOLDING) })),
  mode: fc.constantFrom("push", "push", "pull"),
  freeze: fc.boolean(),
  formats: fc.array(fc.constantFrom("qcow2", "qcow2", "raw"), { minLength: 1, maxLength: 2 }),
  days: fc.constant(8),
});
const world = fc.record({ setting, events: fc.array(event, { minLength: 6, maxLength: 14 }) });

it("the scripts come to what their twin comes to, and every restore point reads as the disks were", async () => {
  const made = fc.sample(world, { seed: SEED, numRuns: ONLY === undefined ? NIGHTS : Number(ONLY) + 1 });
  const queue = (ONLY === undefined ? made : made.slice(-1)).entries();
  const failures: string[] = [];
  const work = async () => {
    for (const [index, each] of queue) {
      if (tally.nights >= NIGHTS || failures.length > 0) break;
      const wrong = await live(each.setting, each.events);
      worlds += 1;
      const number = ONLY ?? index;
      if (wrong.length > 0) {
        failures.push(
          `world ${number}: ${wrong.join("\n")}\nTIDEMARK_MODEL_SEED=${SEED} TIDEMARK_MODEL_WORLD=${number} npm run test:model`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(failures.join("\n")).toBe("");
});

async function live(lived: Setting, events: readonly NightEvent[]): Promise<string[]> {
  const scene = await Scene.begin(lived);
  try {
    return await new Life(scene, tally).live(events);
  } finally {
    scene.world.remove();
  }
}
