import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Backup } from "../../src/libvirt/backup.js";
import type { Run } from "../../src/plan/plan.js";
import { createImage } from "./played/qcow2.js";
import type { ScriptEnd } from "./played/world.js";
import type { Scene } from "./scene.js";

/** A scene with words for what a hazard does in it. Each disk is qcow2, the level incremental, a night a day. */
export class HazardScene {
  readonly scene: Scene;
  /** Restore points that did not read as they must, after any of the nights. */
  readonly wrong: string[] = [];
  #version = 0;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  get machine() {
    return this.scene.world.machine;
  }

  write(target: string, ...clusters: readonly number[]): void {
    for (const cluster of clusters) this.machine.write(target, cluster, ++this.#version);
  }

  get next(): Run {
    const run = this.scene.runs[0];
    if (run === undefined) throw new Error("no run is left");
    return run;
  }

  async night(options: Parameters<Scene["night"]>[1] = {}): Promise<ScriptEnd & { run: Run }> {
    const run = this.next;
    this.scene.runs.shift();
    const end = await this.scene.night(run, options);
    this.wrong.push(...this.scene.wrong().map((text) => `after ${run.point}: ${text}`));
    return { ...end, run };
  }

  /** Nights that go well, each after a day with writes to both disks. */
  async goodNights(count: number): Promise<string[]> {
    const wrong: string[] = [];
    for (let night = 0; night < count; night += 1) {
      this.write("vda", night % 6, (night + 1) % 6);
      this.write("vdb", (night + 3) % 6);
      const { status, output } = await this.night();
      if (status !== 0) wrong.push(`a night that should go well ended with ${status}`, output);
    }
    return wrong;
  }

  whileStopped(act: () => void): void {
    this.machine.stop();
    act();
    this.machine.start();
  }

  source(target: string): string {
    return this.machine.disks.find((disk) => disk.target === target)?.source ?? "";
  }

  manifest(point: string): string {
    return join(this.scene.stored, point, "manifest.json");
  }

  get points(): string[] {
    return readdirSync(this.scene.stored)
      .filter((name) => existsSync(this.manifest(name)))
      .sort();
  }

  /** Another's backup of vda into a file of its own. */
  async othersJob(steps: number): Promise<void> {
    const path = join(this.scene.world.folder, "tmp", "other.qcow2");
    if (!existsSync(path)) createImage(path, "qcow2", this.machine.sizes("vda").capacity);
    const backup: Backup = {
      mode: "push",
      disks: [{ name: "vda", backup: "yes", type: "file", driver: "qcow2", store: { path } }],
    };
    const own = this.machine.steps;
    this.machine.steps = steps;
    const listeners = this.machine.listeners("begun") as (() => void)[];
    this.machine.removeAllListeners("begun");
    await this.machine.begin(backup, undefined, true);
    for (const listener of listeners) this.machine.on("begun", listener);
    this.machine.steps = own;
  }

  /** The whole of the plan directory that shell reads. */
  get scripts(): string[] {
    return readdirSync(this.scene.world.plan, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(?:sh|bash)$/.test(path))
      .map((path) => join(this.scene.world.plan, path))
      .sort();
  }

  /** Those that a run reads. */
  get readByRuns(): string[] {
    const machinery = readFileSync(join(this.scene.world.plan, "lib", "run.bash"), "utf8");
    const read = [...machinery.matchAll(/^source .*\/([a-z]+\.bash)"/gm)].map(([, name]) => name);
    const names = new Set([
      ...read,
      "run.sh",
      "run.bash",
      "guard.bash",
      "plan.bash",
      "domain.bash",
      "runs.bash",
    ]);
    return this.scripts.filter((path) => names.has(basename(path)));
  }

  /** All that a run may change. */
  get state(): string {
    const files = existsSync(this.scene.stored)
      ? readdirSync(this.scene.stored, { recursive: true, encoding: "utf8" }).filter(
          (path) => !path.endsWith("/lock"),
        )
      : [];
    return [...files.sort(), ...this.machine.checkpoints.map(({ name }) => name)].join("\n");
  }
}
