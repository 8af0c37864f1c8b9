import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { type Guest, startGuest, tidemark } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";
import { count } from "./tally.js";

/*
 * Every place in the scripts where a run can be cut short is named there by `step`, `after_manifest` or `fault`; the names
 * are read from the scripts, so that a new place is tested without being listed here. At each, a run is killed, and fails or is
 * told to end; the next night runs as planned; then every restore point is restored and compared.
 */
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "4M" },
  { target: "vdc", format: "raw", size: "4M" },
] as const;
const TARGETS = DISKS.map(({ target }) => target);
const LIB = fileURLToPath(new URL("../../templates/lib/", import.meta.url));
const PUSH_ONLY = new Set(["wait for the job", "wait", "waited"]);
const PULL_ONLY = /^copied|^copy the disks$/;
/** Too short to be met for sure: a job of these small disks may end before it is looked at. */
const MAY_BE_MISSED = new Set(["wait"]);
/** Not on the way of these runs: `drift.test.ts`, `streams.test.ts`, `demand.test.ts` and the suites of one file go there. */
const ELSEWHERE = new Set(["offline.bash", "pins.bash", "stream.bash", "consolidate.bash", "compress.bash"]);
/** Suites of the places in one file. */
const OF_ONE_FILE: Readonly<Partial<Record<Cut, string>>> = {
  consolidate: "consolidate.bash",
  compress: "compress.bash",
};
/** Only where QEMU is another than the one of the last run. */
const AFTER_A_RESTART = new Set(["probe"]);
/** Only where a run is undone already. */
const WHILE_UNDOING = new Set(["undo"]);

function places(mode: Cut): string[] {
  // What a run reads; a restore has places of its own.
  const sourced = readFileSync(`${LIB}run.bash`, "utf8").matchAll(/^source .*\/(\w+\.bash)"$/gm);
  const text = ["run.bash", ...Array.from(sourced, ([, name = ""]) => name)]
    .filter((name) => {
      const only = OF_ONE_FILE[mode];
      return only === undefined ? !ELSEWHERE.has(name) : name === only;
    })
    .map((name) => readFileSync(`${LIB}${name}`, "utf8"))
    .join("\n");
  const named = [...text.matchAll(/^\s*(?:step|after_manifest|fault) "([^"]+)"/gm)].map(
    ([, name = ""]) => name,
  );
  const expanded = named.flatMap((name) =>
    name.includes("$target") ? TARGETS.map((target) => name.replace("$target", target)) : name,
  );
  return [...new Set(expanded)].filter(
    (name) => name !== "$1" && (mode === "pull" ? !PUSH_ONLY.has(name) : !PULL_ONLY.test(name)),
  );
}

/** A mode, or nights that fold or compress, which are cut only where they do. */
type Cut = "push" | "pull" | "consolidate" | "compress";

/** One in so many of the cuts is tagged `core`, of any way to cut. */
const CORE = 19;

/** The scripts are not without places, whatever their names are. */
const LEAST = { push: 40, pull: 25, consolidate: 11, compress: 6 };

/** The tests of one kind, for a file of its own: they run side by side. */
export function cutShort(mode: Cut): void {
  let guest: Guest | undefined;
  let nights: Nights | undefined;
  let tried = 0;
  afterAll(() => guest?.remove());

  const others = new Set(mode === "pull" ? places("push") : []);
  const cuts = places(mode).flatMap((place, index) => {
    const ways = ["kill", index % 2 === 0 ? "fail" : "term"];
    // Where push runs pass as well, they are cut in both ways, and pull runs in one.
    return (others.has(place) ? ways.slice(index % 4 < 2 ? 0 : 1).slice(0, 1) : ways).map((how) => ({
      place,
      how,
      fault: WHILE_UNDOING.has(place) ? `verify the images:fail,${place}:${how}` : `${place}:${how}`,
    }));
  });

  it("has places to be cut at", () => expect(cuts.length).toBeGreaterThan(LEAST[mode]));

  // One in so many is asked of each libvirt.
  const isCore = (_: unknown, index: number) => index % CORE === 0;
  it.each(cuts.filter(isCore))("at $place: $how", { tags: "core" }, cutAt);
  it.each(cuts.filter((cut, index) => !isCore(cut, index)))("at $place: $how", cutAt);

  function cutAt({ place, fault }: (typeof cuts)[number]): void {
    guest ??= startGuest(`tmlive-faults-${mode}`, DISKS);
    nights ??= yearOf(guest, mode);
    if (tried++ % 3 === 0) {
      // What failed nights kept from being pruned, a night compiled after them catches up on.
      nights.compile();
      nights.run();
    }
    let met = false;
    // Some places are reached only on nights that have something to delete.
    for (let tries = 0; tries < 4 && !met; tries++) {
      if (AFTER_A_RESTART.has(place)) {
        guest.virsh("destroy");
        guest.virsh("start");
      }
      const { status, output } = nights.run({ fault, status: "any" });
      met = status !== 0;
      if (met) expect(output).not.toMatch(/unbound variable|syntax error|command not found/);
    }
    if (!MAY_BE_MISSED.has(place)) expect(met, `${place} was not reached`).toBe(true);
    if (met) count("faults");
    if (mode === "consolidate") {
      // A fold that was cut anywhere leaves what can be restored as it lies, and what verify can make sense of.
      nights.compareRestored();
      const found = JSON.parse(tidemark(guest.folder, "verify", nights.repository, "--format", "json"));
      expect(found.summary.problems).toBe(0);
    }
    nights.run();
    nights.compareAll();
  }
}

/** Nights enough for every cut, with something to retire and prune on most of them. */
function yearOf(guest: Guest, mode: Cut): Nights {
  const vdc = "{ disks: { vdc: { checkpoint: false } } }";
  if (mode === "consolidate") {
    return underPolicy(guest, {
      days: 400,
      top: "consolidate: true",
      retention: "{ keepLast: 2, keepWeekly: 3 }",
      schedule: `[{ level: incremental, at: "0 1 * * *" }]`,
      domain: vdc,
    });
  }
  const folder = JSON.stringify(guest.folder);
  const server = `{ transport: unix, socket: ${JSON.stringify(`${guest.folder}/nbd`)} }`;
  return underPolicy(guest, {
    days: 400,
    retention: "{ keepLast: 2 }",
    schedule: `
  - { level: full, at: "0 1 */3 * *" }
  - { level: incremental, at: "0 1 * * *" }
  - { level: differential, at: "0 1 * * wed" }`,
    defaults: `{ freeze: true, onFreezeFailure: continue, mode: ${mode === "pull" ? mode : "push"}${mode === "compress" ? ", compress: zstd" : ""}${mode === "pull" ? `, scratch: ${folder}, server: ${server}` : ""} }`,
    domain: vdc,
  });
}
