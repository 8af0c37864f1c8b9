import type { DomainPlan, Run } from "../../src/plan/plan.js";
import { type Demand, demandedAt, demandedManifest, demandedRun } from "./demand.js";
import { Host } from "./host.js";
import { type Befallen, befall, type Mischance } from "./mischances.js";
import { type Cut, type Outcome, runNight } from "./night.js";
import { observeScripts, observeTwin, readCluster } from "./observed.js";
import { type Content, versionOf } from "./played/drive.js";
import type { Instant } from "./played/world.js";
import type { Scene } from "./scene.js";

export interface NightEvent {
  /** Which of the places that are reached it is cut at; absent: none. */
  readonly cut?: { readonly at: number; readonly how: Cut["how"]; readonly undoToo: boolean } | undefined;
  /** It is struck at a call of a tool. */
  readonly instant?: Instant | undefined;
  readonly mischance?: Mischance | undefined;
  readonly stopped: boolean;
  readonly crash: boolean;
  /** Compile again before it, over what is there. */
  readonly recompile: boolean;
  /** A restore point on demand is made before it. */
  readonly demand?: (Demand & Pick<NightEvent, "cut">) | undefined;
  /** The same run is called once more. */
  readonly again: boolean;
  readonly writes: readonly number[];
  readonly writesMeanwhile: readonly number[];
}

interface Write {
  readonly target: string;
  readonly block: number;
  readonly version: number;
}

const STATUS: Readonly<Record<Outcome, number | null>> = {
  done: 0,
  skipped: 0,
  failed: 1,
  refused: 3,
  busy: 4,
  unfinished: 5,
  terminated: 143,
  killed: null,
};

/** What all lives together have come to. */
export interface Tally {
  nights: number;
  cut: number;
  restored: number;
  demands: number;
  readonly places: Map<string, number>;
  readonly befallen: Map<string, number>;
}

/** A plan that is lived through night by night by the scripts and by their twin. */
export class Life {
  readonly #scene: Scene;
  readonly #tally: Tally;
  readonly #targets: readonly string[];
  #twin: Host;
  /** What the guest wrote while the last job ran. */
  #meanwhile: readonly Write[] = [];

  constructor(scene: Scene, tally: Tally) {
    this.#scene = scene;
    this.#tally = tally;
    this.#targets = scene.world.machine.disks.map(({ target }) => target);
    const raw = scene.world.machine.disks.filter(({ format }) => format === "raw");
    this.#twin = new Host(this.#targets, new Set(raw.map(({ target }) => target)));
  }

  /** @returns what is wrong after the first night that ends so */
  async live(events: readonly NightEvent[]): Promise<string[]> {
    for (const each of events) {
      if (this.#scene.runs.length === 0) break;
      if (each.recompile) await this.#scene.compile();
      this.#happen(each);
      const befallen = await befall(each.mischance, this.#twin, this.#scene);
      if (befallen.recompile) await this.#scene.compile();
      const { plan } = this.#scene;
      const run = this.#scene.runs.shift();
      if (run === undefined || plan === undefined) break;
      if (each.demand !== undefined && befallen.what === undefined) {
        const wrong = await this.#onDemand(plan, run, each.demand, each);
        if (wrong.length > 0) return wrong;
      }
      const wrong = await this.#night(plan, run, each, befallen);
      if (wrong.length === 0) befallen.leave?.(this.#twin);
      if (wrong.length === 0 && each.again) {
        wrong.push(...(await this.#night(plan, run, { ...each, cut: undefined, instant: undefined }, {})));
      }
      if (each.stopped) this.#start();
      if (wrong.length > 0) return wrong;
    }
    return this.#restore();
  }

  /** Before a night; what the guest does while its job runs is what it does in the night. */
  async #onDemand(
    plan: DomainPlan,
    next: Run,
    demand: NonNullable<NightEvent["demand"]>,
    each: NightEvent,
  ): Promise<string[]> {
    const run = demandedRun(this.#twin, plan, demandedAt(next), demand);
    if (run === undefined) return [];
    this.#tally.demands += 1;
    return this.#night(plan, run, { ...each, cut: demand.cut, instant: undefined }, {}, demand);
  }

  /** What the day brings. */
  #happen({ writes, crash, stopped }: NightEvent): void {
    const { machine } = this.#scene.world;
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
    this.#twin.start();
    this.#scene.world.machine.start();
  }

  #write(twin: Host, list: readonly number[]): Write[] {
    return list.map((block, index) => {
      const target = this.#targets[index % this.#targets.length] as string;
      return { target, block, version: twin.guestWrites(target, block) };
    });
  }

  async #night(
    plan: DomainPlan,
    run: Run,
    each: NightEvent,
    befallen: Befallen,
    demand?: Demand,
  ): Promise<string[]> {
    const { machine } = this.#scene.world;
    const { instant } = each;
    // Its job is complete before the run has looked.
    const cuts = this.#cuts(plan, run, each).filter(
      ({ at }) => befallen.what !== "statistics taken" || at !== "wait",
    );
    const before = this.#twin.clone();
    const outcome = runNight(this.#twin, plan, run, {
      cuts,
      ...(demand && { manifest: demandedManifest(demand) }),
      whileJobRuns: () => {
        this.#meanwhile = this.#write(this.#twin, each.writesMeanwhile);
      },
    });
    const fault = cuts.map(({ at, how }) => `${at}:${how}`).join(",");
    const { status, output } = await this.#scene.night(run, {
      ...(fault !== "" && { env: { TIDEMARK_FAULT: fault } }),
      instant,
      demand,
      onBegun: () => {
        for (const { target, block, version } of this.#meanwhile) machine.write(target, block, version);
        befallen.onBegun?.();
      },
    });
    befallen.mend?.();
    if (befallen.what !== undefined)
      this.#tally.befallen.set(befallen.what, (this.#tally.befallen.get(befallen.what) ?? 0) + 1);
    this.#tally.nights += 1;
    if (cuts.length > 0 || instant !== undefined) this.#tally.cut += 1;
    for (const { at } of cuts) this.#tally.places.set(`${at}`, (this.#tally.places.get(`${at}`) ?? 0) + 1);
    const wrong =
      instant === undefined
        ? this.#compare(outcome, status)
        : this.#compareStruck(before, plan, run, each, outcome, status);
    if (wrong.length === 0) return [];
    const how = [
      ...(fault === "" ? [] : [`cut at ${fault}`]),
      ...(instant === undefined ? [] : [`struck: ${JSON.stringify(instant)}`]),
      ...(each.stopped ? ["stopped"] : []),
      ...(each.crash ? ["QEMU had died"] : []),
      ...(befallen.what === undefined ? [] : [befallen.what]),
    ];
    return [`after ${[run.point, ...how].join(", ")}:`, ...wrong, output];
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
    const expected = observeTwin(this.#twin, this.#scene.stored);
    const found = observeScripts(this.#scene.world.machine, this.#scene.stored);
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
      // Before it had the lock it has nothing to do with what an earlier one left; a guest that one left frozen thaws by itself.
      ...[before.isFrozen, false].map((isFrozen) => {
        const twin = before.clone();
        twin.isFrozen = isFrozen;
        return { twin, outcome: how === "kill" ? ("killed" as const) : ("terminated" as const) };
      }),
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
    const found = observeScripts(this.#scene.world.machine, this.#scene.stored);
    // An image that is just being made may be there or not.
    const agrees = ({ twin, outcome }: { twin: Host; outcome: Outcome }, images: readonly string[]) =>
      STATUS[outcome] === status &&
      JSON.stringify({ ...observeTwin(twin, this.#scene.stored), images }) === JSON.stringify(found);
    const match =
      candidates.find((each) => agrees(each, observeTwin(each.twin, this.#scene.stored).images)) ??
      candidates.find((each) => agrees(each, found.images));
    if (match === undefined) {
      const is = JSON.stringify(found);
      return [
        `its twin never comes to this, wherever it is cut: exit status ${status}, ${is}`,
        ...this.#wrong(),
      ];
    }
    this.#twin = match.twin;
    return this.#wrong();
  }

  /** What is not as it must be on either side. */
  #wrong(): string[] {
    return [...this.#twin.violations(), ...this.#scene.wrong()];
  }

  /** The restore script of one of the plan's points gives what the disks held. */
  async #restore(): Promise<string[]> {
    const { plan, world, truths } = this.#scene;
    const points = (plan?.runs ?? [])
      .map(({ point }) => point)
      .filter((point) => this.#twin.catalog.has(point));
    const point = points[points.length >> 1];
    if (point === undefined || this.#twin.folding !== undefined) return [];
    const to = `${world.folder}/restored`;
    const { status, output } = await this.#scene.restore(point, to);
    this.#tally.restored += 1;
    if (status !== 0) return [`${point} could not be restored: exit status ${status}`, output];
    return [...(truths.get(point) ?? [])].flatMap(([target, was]) => {
      const is: Content = was.map((_, cluster) =>
        versionOf(readCluster(`${to}/${target}.qcow2`, "qcow2", cluster)),
      );
      return `${is}` === `${was}` ? [] : [`${point} ${target} was restored as ${is}, and was ${was}`];
    });
  }
}
