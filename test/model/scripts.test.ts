import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { DomainPlan, Run } from "../../src/plan/plan.js";
import { compile } from "../../src/planner/compile.js";
import type { Policy } from "../../src/policy/policy.js";
import { policy } from "../support/plans.js";
import { versionOf } from "./host/drive.js";
import { type Instant, World } from "./host/world.js";
import { BLOCKS, Host } from "./host.js";
import { type Cut, type Outcome, runNight } from "./night.js";
import { observeScripts, observeTwin, readCluster, wrongContents } from "./observed.js";

/*
 * The scripts themselves, on a host of which only libvirt and QEMU are played (host/), beside their twin: nights that are cut at the
 * same places, domains that are down, QEMUs that die. After every night both must have come to the same, and each restore point
 * must read, image by image, as the disks were.
 */
const TIMES = Number(process.env["TIDEMARK_MODEL_TIMES"] ?? 1);
const NIGHTS = 600 * TIMES;
const SEED = Number(process.env["TIDEMARK_MODEL_SEED"] ?? 20261124);
/** One world again: the number that a failure names. */
const ONLY = process.env["TIDEMARK_MODEL_WORLD"];
const DAY = 86_400_000;
const FROM = Date.UTC(2026, 9, 12);
const DAYS = 8;
const UUID = "00000000-0000-4000-8000-000000000001";
/** Scripts wait for other programs most of the time. */
const AT_ONCE = 3;

const counted = { nights: 0, worlds: 0, cut: 0, restored: 0 };
const places = new Map<string, number>();
afterAll(() => {
  console.log(
    `places: ${[...places]
      .map(([place, count]) => `${place} ${count}`)
      .sort()
      .join(", ")}`,
  );
  console.log(
    `worlds: ${counted.worlds}, nights cut: ${counted.cut}, restored by script: ${counted.restored}\nnights through the scripts: ${counted.nights}`,
  );
});

function count(place: string): void {
  places.set(place, (places.get(place) ?? 0) + 1);
}

interface NightEvent {
  /** Which of the places that are reached it is cut at; absent: none. */
  readonly cut?: { readonly at: number; readonly how: Cut["how"]; readonly undoToo: boolean } | undefined;
  /** It is struck at a call of a tool. */
  readonly instant?: Instant | undefined;
  readonly stopped: boolean;
  readonly crash: boolean;
  /** Compile again before it, over what is there. */
  readonly recompile: boolean;
  /** The same run is called once more. */
  readonly again: boolean;
  readonly writes: readonly number[];
  readonly writesMeanwhile: readonly number[];
}

const rarely = (weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const blocks = fc.array(fc.nat(BLOCKS - 1), { maxLength: 3 });
const mishap: fc.Arbitrary<Pick<NightEvent, "cut" | "instant">> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        at: fc.nat(1000),
        how: fc.constantFrom<Cut["how"]>("fail", "kill", "term"),
        undoToo: rarely(6),
      })
      .map((cut) => ({ cut })),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.record({ from: fc.constant("start" as const), at: fc.nat(90) }),
        fc.record({ from: fc.constant("manifest" as const), at: fc.nat(12) }),
      )
      .chain((at) =>
        fc
          .record({ how: fc.constantFrom<Instant["how"]>("kill", "term", "term all") })
          .map((how) => ({ instant: { ...at, ...how } })),
      ),
  },
);
const event: fc.Arbitrary<NightEvent> = fc
  .tuple(
    mishap,
    fc.record({
      stopped: rarely(12),
      crash: rarely(20),
      recompile: rarely(9),
      again: rarely(6),
      writes: blocks,
      writesMeanwhile: blocks,
    }),
  )
  .map(([what, when]) => ({ ...what, ...when }));

interface Spec {
  readonly written: Policy;
  readonly mode: "push" | "pull";
  readonly freeze: boolean;
  readonly formats: readonly ("qcow2" | "raw")[];
  readonly events: readonly NightEvent[];
}

const small = fc.integer({ min: 1, max: 3 });
const spec: fc.Arbitrary<Spec> = fc.record({
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
    })
    .map(({ base, ...answers }): Policy => ({ ...base, ...answers })),
  mode: fc.constantFrom("push", "push", "pull"),
  freeze: fc.boolean(),
  formats: fc.array(fc.constantFrom("qcow2", "qcow2", "raw"), { minLength: 1, maxLength: 2 }),
  events: fc.array(event, { minLength: 6, maxLength: 14 }),
});

it("the scripts come to what their twin comes to, and every restore point reads as the disks were", async () => {
  const specs = fc.sample(spec, { seed: SEED, numRuns: ONLY === undefined ? NIGHTS : Number(ONLY) + 1 });
  let next = ONLY === undefined ? 0 : Number(ONLY);
  const failures: string[] = [];
  const work = async () => {
    while (next < specs.length && counted.nights < NIGHTS && failures.length === 0) {
      const index = next;
      next += 1;
      const wrong = await live(specs[index] as Spec);
      counted.worlds += 1;
      if (wrong.length > 0)
        failures.push(
          `world ${index}: ${wrong.join("\n")}\nTIDEMARK_MODEL_SEED=${SEED} TIDEMARK_MODEL_WORLD=${index} npm run test:model`,
        );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(failures.join("\n")).toBe("");
});

function policyFor({ written, mode, freeze }: Spec, { repository, folder }: World): Policy {
  return {
    ...written,
    repository,
    defaults: {
      freeze,
      ...(mode === "pull" && {
        mode,
        server: { transport: "unix", socket: `${folder}/s` },
        scratch: `${folder}/tmp`,
      }),
    },
  };
}

/** Runs a plan night by night, on both sides; what is found wrong. */
async function live(made: Spec): Promise<string[]> {
  const disks = made.formats.map((format, index) => ({ target: `vd${"ab"[index]}`, format }));
  const world = await World.make("vm", UUID, disks, BLOCKS);
  try {
    world.machine.start();
    return await new Life(made, world).live();
  } finally {
    world.remove();
  }
}

interface Write {
  readonly target: string;
  readonly block: number;
  readonly version: number;
}

class Life {
  readonly #made: Spec;
  readonly #world: World;
  readonly #targets: readonly string[];
  readonly #truths = new Map<string, ReadonlyMap<string, readonly number[]>>();
  #twin: Host;
  #plan: DomainPlan | undefined;
  #runs: Run[] = [];
  /** What the guest wrote while the last job ran. */
  #meanwhile: readonly Write[] = [];

  constructor(made: Spec, world: World) {
    this.#made = made;
    this.#world = world;
    this.#targets = world.machine.disks.map(({ target }) => target);
    this.#twin = new Host(this.#targets);
  }

  async live(): Promise<string[]> {
    await this.#compile(FROM);
    for (const each of this.#made.events) {
      const next = this.#runs[0];
      if (next === undefined) break;
      if (each.recompile) await this.#compile(Date.parse(next.slot));
      const run = this.#runs.shift();
      if (run === undefined || this.#plan === undefined) break;
      this.#happen(each);
      const wrong = await this.#night(this.#plan, run, each);
      if (wrong.length === 0 && each.again)
        wrong.push(...(await this.#night(this.#plan, run, { ...each, cut: undefined, instant: undefined })));
      if (each.stopped) this.#start();
      if (wrong.length > 0) return wrong;
    }
    return this.#restore();
  }

  /** The restore script of one of the plan's points gives what the disks held. */
  async #restore(): Promise<string[]> {
    const points = (this.#plan?.runs ?? [])
      .map(({ point }) => point)
      .filter((point) => this.#twin.catalog.has(point));
    const point = points[points.length >> 1];
    if (point === undefined || this.#twin.folding !== undefined) return [];
    const to = `${this.#world.folder}/restored`;
    const { status, output } = await this.#world.restoreScript("vm", point, to);
    counted.restored += 1;
    if (status !== 0) return [`${point} could not be restored: exit status ${status}`, output];
    return [...(this.#truths.get(point) ?? [])].flatMap(([target, was]) => {
      const is = was.map((_, cluster) => versionOf(readCluster(`${to}/${target}.qcow2`, "qcow2", cluster)));
      return `${is}` === `${was}` ? [] : [`${point} ${target} was restored as ${is}, and was ${was}`];
    });
  }

  get #stored(): string {
    return `${this.#world.repository}/vm`;
  }

  async #compile(from: number): Promise<void> {
    const horizon = { from: instant(from), until: instant(FROM + DAYS * DAY) };
    const { plan, diagnostics } = compile(
      policyFor(this.#made, this.#world),
      await this.#world.inventory(),
      horizon,
    );
    const wrong = diagnostics.find(({ severity, code }) => severity === "error" && code !== "TM308");
    if (wrong !== undefined) throw new Error(`not compiled: ${wrong.code} ${wrong.message}`);
    if (plan !== undefined) await this.#world.write(plan);
    this.#plan = plan?.domains[0];
    this.#runs = [...(this.#plan?.runs ?? [])];
  }

  /** What the day brings. */
  #happen({ writes, crash, stopped }: NightEvent): void {
    const { machine } = this.#world;
    for (const { target, block, version } of this.#write(this.#twin, writes))
      machine.write(target, block, version);
    if (crash) {
      this.#twin.qemuDies();
      machine.crash();
      machine.start();
    }
    if (stopped) {
      this.#twin.stop();
      machine.stop();
    }
  }

  #start(): void {
    this.#twin.isRunning = true;
    this.#world.machine.start();
  }

  #write(twin: Host, list: readonly number[]): Write[] {
    return list.map((block, index) => {
      const target = this.#targets[index % this.#targets.length] as string;
      return { target, block, version: twin.guestWrites(target, block) };
    });
  }

  async #night(plan: DomainPlan, run: Run, each: NightEvent): Promise<string[]> {
    const { machine } = this.#world;
    const { instant } = each;
    const cuts = this.#cuts(plan, run, each);
    const before = this.#twin.clone();
    const outcome = this.#twinNight(this.#twin, plan, run, each, cuts);
    const meanwhile = this.#meanwhile;
    if (machine.running === undefined && !before.catalog.has(run.point))
      this.#truths.set(run.point, machine.content());
    machine.removeAllListeners("begun").on("begun", () => {
      this.#truths.set(run.point, machine.content());
      for (const { target, block, version } of meanwhile) machine.write(target, block, version);
    });
    const fault = cuts.map(({ at, how }) => `${at}:${how}`).join(",");
    const end = await this.#world.runScript(
      "vm",
      run,
      fault === "" ? {} : { TIDEMARK_FAULT: fault },
      instant,
    );
    counted.nights += 1;
    if (cuts.length > 0 || instant !== undefined) counted.cut += 1;
    for (const { at } of cuts) count(`${at}`);
    const wrong =
      instant === undefined
        ? this.#compare(outcome, end.status)
        : this.#compareStruck(before, plan, run, each, outcome, end.status);
    return wrong.length === 0
      ? []
      : [
          `after ${run.point}${fault === "" ? "" : `, cut at ${fault}`}${instant === undefined ? "" : `, struck: ${JSON.stringify(instant)}`}${machine.running ? "" : ", stopped"}${each.crash ? ", QEMU had died" : ""}:`,
          ...wrong,
          end.output,
        ];
  }

  #twinNight(twin: Host, plan: DomainPlan, run: Run, each: NightEvent, cuts: readonly Cut[]): Outcome {
    return runNight(twin, plan, run, {
      cuts,
      whileJobRuns: () => {
        this.#meanwhile = this.#write(twin, each.writesMeanwhile);
      },
    });
  }

  /** A night that was struck at any instant must have come to where its twin would, cut between some two of its actions. */
  #compareStruck(
    before: Host,
    plan: DomainPlan,
    run: Run,
    each: NightEvent,
    uncut: Outcome,
    status: number | null,
  ): string[] {
    const how = each.instant?.how === "kill" ? "kill" : "term";
    const candidates: { twin: Host; outcome: Outcome }[] = [
      { twin: this.#twin, outcome: uncut },
      // Before it had the lock it has nothing to do with what an earlier one left.
      { twin: before.clone(), outcome: how === "kill" ? "killed" : "terminated" },
    ];
    for (let at = 0, reached = true; reached; at += 1) {
      const twin = before.clone();
      let actions = 0;
      const outcome = runNight(twin, plan, run, {
        cuts: [{ at, how }],
        whileJobRuns: () => this.#write(twin, each.writesMeanwhile),
        onAction: () => {
          actions += 1;
        },
      });
      reached = actions > at;
      if (reached) candidates.push({ twin, outcome });
    }
    const found = observeScripts(this.#world.machine, this.#stored);
    const { images: _, ...told } = found;
    const agrees = ({ twin, outcome }: { twin: Host; outcome: Outcome }, withImages: boolean) => {
      const expected = observeTwin(twin, this.#stored);
      const { images: __, ...rest } = expected;
      return (
        STATUS[outcome] === status &&
        JSON.stringify(withImages ? expected : rest) === JSON.stringify(withImages ? found : told)
      );
    };
    const match =
      candidates.find((candidate) => agrees(candidate, true)) ??
      candidates.find((candidate) => agrees(candidate, false));
    if (match === undefined) {
      return [
        `its twin never comes to this, wherever it is cut: exit status ${status}, ${JSON.stringify(found)}`,
        ...this.#wrong(),
      ];
    }
    this.#twin = match.twin;
    return this.#wrong();
  }

  /** Places that the night would reach, one of which it is cut at. */
  #cuts(plan: DomainPlan, run: Run, { cut, writesMeanwhile }: NightEvent): Cut[] {
    if (cut === undefined) return [];
    const reached = new Set<string>();
    const twin = this.#twin.clone();
    const onAction = (place: string | undefined) => place !== undefined && reached.add(place);
    runNight(twin, plan, run, { cuts: [], whileJobRuns: () => this.#write(twin, writesMeanwhile), onAction });
    const at = [...reached][cut.at % Math.max(reached.size, 1)];
    if (at === undefined) return [];
    return [
      { at, how: cut.how },
      ...(cut.undoToo && at !== "undo" ? [{ at: "undo", how: "fail" as const }] : []),
    ];
  }

  #compare(outcome: Outcome, status: number | null): string[] {
    const { machine } = this.#world;
    const expected = observeTwin(this.#twin, this.#stored);
    const found = observeScripts(machine, this.#stored);
    const differences = (Object.keys(expected) as (keyof typeof expected)[])
      .filter((key) => JSON.stringify(expected[key]) !== JSON.stringify(found[key]))
      .map(
        (key) =>
          `${key}: the scripts have\n  ${JSON.stringify(found[key])}\nand their twin\n  ${JSON.stringify(expected[key])}`,
      );
    return [
      ...(status === STATUS[outcome] ? [] : [`the exit status is ${status}, and the twin was ${outcome}`]),
      ...differences,
      ...this.#wrong(),
    ];
  }

  /** What is not as it must be on either side. */
  #wrong(): string[] {
    return [...this.#twin.violations(), ...wrongContents(this.#stored, this.#truths), ...this.#world.unknown];
  }
}

const STATUS: Readonly<Record<Outcome, number | null>> = {
  done: 0,
  skipped: 0,
  failed: 1,
  refused: 3,
  unfinished: 5,
  terminated: 143,
  killed: null,
};

function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
