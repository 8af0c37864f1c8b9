import type { Backup } from "../../src/libvirt/backup.js";
import type { DomainPlan, Run } from "../../src/plan/plan.js";
import { compile } from "../../src/planner/compile.js";
import type { Policy } from "../../src/policy/policy.js";
import { policyOf } from "../support/plans.js";
import type { Demand } from "./demand.js";
import { BLOCKS } from "./host.js";
import { wrongContents } from "./observed.js";
import type { Content } from "./played/drive.js";
import { type Instant, type ScriptEnd, World } from "./played/world.js";

/** Name of the domain, and of its folder in plan and repository. */
const NAME = "vm";
const DAY = 86_400_000;
const FROM = Date.UTC(2026, 9, 12);

/** What a plan is for. */
export interface Setting {
  readonly written: Policy;
  readonly mode: "push" | "pull";
  readonly freeze: boolean;
  readonly formats: readonly ("qcow2" | "raw")[];
  readonly days: number;
}

/** A world under a policy: its plan, the runs that are to come, and what the disks held when each job began. */
export class Scene {
  readonly world: World;
  readonly #setting: Setting;
  /** Point → target → content. */
  readonly truths = new Map<string, ReadonlyMap<string, Content>>();
  plan: DomainPlan | undefined;
  runs: Run[] = [];

  private constructor(world: World, setting: Setting) {
    this.world = world;
    this.#setting = setting;
  }

  static async begin(setting: Setting): Promise<Scene> {
    const disks = setting.formats.map((format, index) => ({ target: `vd${"ab"[index]}`, format }));
    const world = await World.make(NAME, disks, BLOCKS);
    world.machine.start();
    const scene = new Scene(world, setting);
    await scene.compile();
    return scene;
  }

  /** The domain's folder in the repository. */
  get stored(): string {
    return `${this.world.repository}/${NAME}`;
  }

  /** Compiles from the next run on, over what a capture finds. */
  async compile(): Promise<void> {
    const from = this.runs[0]?.slot ?? instant(FROM);
    const horizon = { from, until: instant(FROM + this.#setting.days * DAY) };
    const { plan, diagnostics } = compile(this.#policy(), await this.world.inventory(), horizon);
    // Horizons without a run are refused, and made here.
    const wrong = diagnostics.find(({ severity, code }) => severity === "error" && code !== "TM308");
    if (wrong !== undefined) throw new Error(`not compiled: ${wrong.code} ${wrong.message}`);
    if (plan !== undefined) await this.world.write(plan);
    this.plan = plan?.domains[0];
    this.runs = [...(this.plan?.runs ?? [])];
  }

  /** Calls a run. `onBegun`: what happens as soon as its job runs. */
  async night(
    run: Run,
    {
      env,
      instant: struck,
      demand,
      onBegun,
    }: {
      env?: Record<string, string>;
      instant?: Instant | undefined;
      demand?: Demand | undefined;
      onBegun?: () => void;
    } = {},
  ): Promise<ScriptEnd> {
    const { machine } = this.world;
    if (machine.running === undefined && !this.truths.has(run.point))
      this.truths.set(run.point, machine.content());
    const begun = ({ disks = [] }: Backup, makesCheckpoint: boolean) => {
      // To look what changed is no backup of the run's.
      if (!makesCheckpoint && disks.some((disk) => "incremental" in disk)) return;
      this.truths.set(run.point, machine.content());
      onBegun?.();
    };
    machine.on("begun", begun);
    try {
      return await this.world.runScript(NAME, run, env, struck, demand);
    } finally {
      machine.off("begun", begun);
    }
  }

  restore(point: string, to: string): Promise<ScriptEnd> {
    return this.world.restoreScript(NAME, point, to);
  }

  /** What is not as it must be, whatever has happened. */
  wrong(): string[] {
    return [...wrongContents(this.stored, this.truths), ...this.world.unknown];
  }

  #policy(): Policy {
    const { written, mode, freeze } = this.#setting;
    const { repository, folder } = this.world;
    const server = { transport: "unix", socket: `${folder}/s` } as const;
    const pull = mode === "pull" && { mode, server, scratch: `${folder}/tmp` };
    const own = policyOf({ repository, defaults: { freeze, ...pull } });
    return { ...written, repository: own.repository, defaults: own.defaults };
  }
}

function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
