import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { pointsOf } from "../live/guest.js";
import { REPLAY, random, SECONDS, SEED } from "./budget.js";
import { SHELL, SPECIAL } from "./hostile.js";
import { MODES, makeWorld, type Names, names, type World } from "./world.js";

/*
 * Plans of domains, folders and images that are named as nastily as can be, run under bash beside a virsh that agrees: each script
 * does what it is for, and no part of a name is run. Then what a repository holds is changed as somebody might who can write there.
 */

/** Worlds and changes of each that come in any case; more, while there is time. */
const FEWEST = 2;
const CHANGES = 7;
const budget = (SECONDS * 1000 * 0.4) / MODES.length;

it.each(MODES)(
  "%s: scripts run nothing that a name holds",
  (mode) => {
    const next = random(SEED + MODES.indexOf(mode));
    const until = Date.now() + budget;
    const counted = { compiled: 0, refused: 0, scripts: 0, changed: 0 };
    for (const made of fc.sample(names, { seed: SEED + MODES.indexOf(mode), numRuns: 10_000 })) {
      if (counted.compiled >= FEWEST && Date.now() > until) break;
      inWorld(mode, made, (world) => {
        if (!compiles(world)) {
          counted.refused += 1;
          return;
        }
        counted.compiled += 1;
        const slots = slotsOf(world);
        expect(slots).toHaveLength(4);
        counted.scripts += runAll(world, made, slots.slice(0, 3)) + useAll(world, made, mode);
        for (let change = 0; change < CHANGES; change += 1) {
          inCopy(world, () => {
            const what = spoil(world, SPOILED[counted.changed % SPOILED.length] ?? "base", next);
            for (const { script, args } of readersOf(world, slots[3] ?? "")) {
              const { status, stdout, stderr } = world.run(script, ...args);
              expect([0, 1, 3, 5], `${what}\n${script}\n${stdout}${stderr}`).toContain(status);
            }
            expect(world.mischief(), what).toBeUndefined();
          });
          counted.changed += 1;
        }
      });
    }
    expect(counted.compiled).toBeGreaterThanOrEqual(FEWEST);
    console.log(`${mode}: ${JSON.stringify(counted)}, seed ${SEED}`);
  },
  86_400_000,
);

/** @throws what went wrong, with the names it went wrong with */
function inWorld(mode: (typeof MODES)[number], made: Names, use: (world: World) => void): void {
  const world = makeWorld(mode, made);
  try {
    use(world);
  } catch (error) {
    throw new Error(`${JSON.stringify(made)}: ${error instanceof Error ? error.message : error}; ${REPLAY}`);
  } finally {
    world.remove();
  }
}

/** A policy that is refused is refused with diagnostics, and nothing is written. */
function compiles(world: World): boolean {
  const { status, stdout, stderr } = world.tidemark(
    "compile",
    join(world.folder, "policy.yaml"),
    "--inventory",
    join(world.folder, "inventory"),
    "--out",
    join(world.folder, "plan"),
  );
  if (status === 0) return true;
  expect({ status, stdout, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/ error TM\d{3} /),
  });
  expect(existsSync(join(world.folder, "plan"))).toBe(false);
  return false;
}

/** Each does what it is for: a help and a dry run that change nothing, then a restore point. */
function runAll(world: World, made: Names, slots: readonly string[]): number {
  const script = join(world.plan, "run.sh");
  for (const slot of slots) {
    succeed(world, script, "--list");
    succeed(world, script, slot, "--dry-run");
    const before = pointsOf(world.stored);
    succeed(world, script, slot);
    expect(pointsOf(world.stored)).not.toEqual(before);
    const told = readFileSync(join(world.folder, "vault", "ended"), "utf8");
    expect(told.startsWith(`${made.domain}\n${world.stored}\ndone\n`), told).toBe(true);
    const label = made.domain.replaceAll(/[\\"]/g, "\\$&");
    expect(metricsOf(world)).toContain(`{policy="nightly",domain="${label}"} 0\n`);
  }
  succeed(world, script, "--help");
  expect(world.calls().length).toBeGreaterThan(slots.length);
  return slots.length * 3 + 1;
}

/** What is done with a repository: it is checked, restored, and libvirt is told again what it lost. */
function useAll(world: World, made: Names, mode: (typeof MODES)[number]): number {
  const out = join(world.folder, "out");
  const point = pointsOf(world.stored).at(-1) ?? "";
  const restore = join(world.plan, "restore.sh");
  succeed(world, restore, "--help");
  succeed(world, restore, "--list");
  succeed(world, restore, point, "--check-only");
  succeed(world, restore, point, "--to", join(out, "$(canary)"), "--define", made.defined);
  expect(readdirSync(join(out, "$(canary)"))).toContain("vda.qcow2");
  const due = join(world.folder, "plan", "run-due.sh");
  succeed(world, due, "--list", "--at", "2026-12-12");
  succeed(world, due, "--dry-run", "--at", "2026-12-08T12:00:00Z");
  expect(world.tidemark("verify", world.repository)).toMatchObject({ status: 0 });
  if (mode === "offline") return 6;
  const redefine = join(world.folder, "redefine");
  const xml = join(world.folder, "fake", "domain.xml");
  expect(world.tidemark("redefine", world.repository, "--domain-xml", xml, "--out", redefine)).toMatchObject({
    status: 0,
  });
  succeed(world, join(redefine, "redefine.sh"));
  return 7;
}

function metricsOf({ folder }: World): string {
  const name = readdirSync(join(folder, "vault")).find((each) => each.endsWith(".prom"));
  return readFileSync(join(folder, "vault", name ?? ""), "utf8");
}

function succeed(world: World, script: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = world.run(script, ...args);
  expect(status, `${script} ${args.join(" ")}\n${stdout}${stderr}`).toBe(0);
  expect(world.mischief()).toBeUndefined();
}

/** What reads the repository: restore scripts, and the next run, which prunes and folds. */
function readersOf(world: World, next: string): { script: string; args: string[] }[] {
  const point = pointsOf(world.stored).at(-1) ?? "";
  const script = join(world.plan, "restore.sh");
  return [
    { script, args: [point, "--check-only"] },
    { script, args: [point, "--to", join(world.folder, "out", "again")] },
    { script: join(world.plan, "run.sh"), args: [next] },
  ];
}

/** What a manifest or a state file may be changed in; each comes in turn, so that each mode sees all. */
const SPOILED = [
  ...[
    "size",
    "virtualSize",
    "base",
    "format",
    "image",
    "target",
    "sha256",
    "bitmap",
    "point",
    "checkpoint",
    "finished",
  ],
  ...["journal", "pending", "folding"],
] as const;
const SUMS = ["a[$(canary)]", "x[`canary`]+1", "$((a[$(canary)]))", "1;canary", "FAKE[$(canary)]"] as const;
const PLACES = ["../../cwd", "../../images", "."] as const;

/** Changes something in the repository into what no run wrote. @returns what, for the failure's message */
function spoil(world: World, what: (typeof SPOILED)[number], next: (below: number) => number): string {
  const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;
  const words = () => Array.from({ length: 1 + next(3) }, () => pick([...SHELL, ...SPECIAL])).join("");
  const hostile = /size/i.test(what) ? pick(SUMS) : next(3) === 0 ? pick(PLACES) : words();
  if (what === "journal" || what === "pending" || what === "folding") {
    const lines = `${hostile}\nbegin ${hostile}\nimage ${join(world.stored, words())}\nsent ${words()} vda ${words()}\n`;
    writeFileSync(join(world.stored, ".tidemark", what), what === "journal" ? lines : `${hostile}\n`);
    return `${what}: ${hostile}`;
  }
  const manifest = join(world.stored, pick(pointsOf(world.stored)), "manifest.json");
  const text = readFileSync(manifest, "utf8");
  const values = [
    ...text.matchAll(new RegExp(`(?<="${what}": ?)(?:"(?:[^"\\\\]|\\\\.)*"|[a-z0-9]+|\\{[^{}]*\\})`, "g")),
  ];
  const value = pick(values);
  const put = next(3) === 0 ? hostile : JSON.stringify(hostile);
  writeFileSync(manifest, `${text.slice(0, value.index)}${put}${text.slice(value.index + value[0].length)}`);
  return `${manifest}: ${what} is ${put} in place of ${value[0]}`;
}

/** Puts the repository, and what libvirt knows, back as they were. */
function inCopy(world: World, use: () => void): void {
  const kept = ["fake", "vault", world.repository.slice(world.folder.length + 1)];
  const copy = join(world.folder, "tmp", "copy");
  for (const each of kept) cpSync(join(world.folder, each), join(copy, each), { recursive: true });
  use();
  for (const each of kept) {
    rmSync(join(world.folder, each), { recursive: true });
    cpSync(join(copy, each), join(world.folder, each), { recursive: true });
  }
  for (const each of [copy, join(world.folder, "out")]) rmSync(each, { recursive: true, force: true });
}

function slotsOf(world: World): string[] {
  const table = readFileSync(join(world.plan, "runs.bash"), "utf8");
  return [...table.matchAll(/^slot (\S+) /gm)].map(([, slot = ""]) => slot);
}
