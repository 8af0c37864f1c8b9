import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Run } from "../../src/plan/plan.js";
import type { Host } from "./host.js";
import { createImage } from "./played/qcow2.js";
import type { Scene } from "./scene.js";

/** What else may come upon a night, beside failures of its own. */
export const MISCHANCES = [
  "files exchanged",
  "file copied over",
  "targets swapped",
  "checkpoint made again",
  "checkpoint in the way",
  "another's job",
  "manifest cut short",
  "manifests laid out anew",
  "plan written over",
  "statistics taken",
] as const;
export type Mischance = (typeof MISCHANCES)[number];

/** A mischance that has come upon both sides. */
export interface Befallen {
  readonly what?: Mischance;
  /** The plan is compiled again over it. */
  readonly recompile?: boolean;
  /** What it does as soon as the run's job runs. */
  readonly onBegun?: () => void;
  /** When the script has ended. */
  readonly mend?: () => void;
  /** When what it has come to has been compared; the twin may be another than the one it came upon. */
  readonly leave?: (twin: Host) => void;
}

/** Nothing, where there is nothing for it to come upon. */
export async function befall(what: Mischance | undefined, twin: Host, scene: Scene): Promise<Befallen> {
  const { machine } = scene.world;
  const run = scene.runs[0];
  if (what === undefined || run === undefined || !isAtRest(twin)) return {};
  const [one, other] = machine.disks;
  const areAlike = one?.format === "qcow2" && other?.format === "qcow2";
  switch (what) {
    case "files exchanged":
      if (!areAlike || !one || !other) return {};
      whileStopped(twin, scene, () => {
        renameSync(one.source, `${one.source}.aside`);
        renameSync(other.source, one.source);
        renameSync(`${one.source}.aside`, other.source);
        twin.exchange(one.target, other.target);
      });
      return { what };
    case "file copied over":
      if (!areAlike || !one || !other) return {};
      whileStopped(twin, scene, () => {
        copyFileSync(other.source, one.source);
        twin.copyInto(one.target, other.target);
      });
      return { what };
    case "targets swapped":
      if (!areAlike || !one || !other) return {};
      whileStopped(twin, scene, () => {
        machine.disks = [
          { ...one, source: other.source },
          { ...other, source: one.source },
        ];
        twin.exchange(one.target, other.target);
      });
      return { what, recompile: true };
    case "checkpoint made again":
      return checkpointMadeAgain(twin, scene) ? { what } : {};
    case "checkpoint in the way":
      return checkpointInTheWay(twin, scene, run);
    case "another's job":
      return othersJob(twin, scene);
    case "manifest cut short":
      return manifestCutShort(twin, scene, run);
    case "manifests laid out anew":
      for (const point of twin.catalog.keys()) {
        const path = join(scene.stored, point, "manifest.json");
        writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, "utf8")), null, 4));
      }
      return { what };
    case "plan written over":
      return planWrittenOver(scene);
    case "statistics taken":
      return {
        what,
        onBegun: () => {
          while (machine.job?.backup.mode === "push") machine.step();
          machine.ended = undefined;
        },
      };
  }
}

/** Whether no earlier night has left anything open, which would be in the way of telling what comes of it. */
function isAtRest({ journal, folding, moved, pending, job }: Host): boolean {
  return (
    journal === undefined &&
    folding === undefined &&
    moved.length === 0 &&
    pending.length === 0 &&
    job === undefined
  );
}

function whileStopped(twin: Host, { world: { machine } }: Scene, act: () => void): void {
  const ran = machine.running !== undefined;
  if (ran) machine.stop();
  act();
  if (!ran) return;
  machine.start();
  twin.stop();
  twin.start();
}

function checkpointMadeAgain(twin: Host, { world: { machine } }: Scene): boolean {
  const last = machine.checkpoints.at(-1);
  const targets = machine.disks.filter(({ format }) => format === "qcow2").map(({ target }) => target);
  if (last === undefined || !twin.isRunning) return false;
  if (targets.some((target) => twin.bitmap(last.name, target) === undefined)) return false;
  machine.deleteCheckpoint(last.name, false);
  machine.makeCheckpoint(last.name, (last.creationTime ?? 0) + 1000);
  twin.deleteCheckpoint(last.name);
  twin.makeCheckpoint({ name: last.name, disks: targets.map((name) => ({ name, checkpoint: "bitmap" })) });
  return true;
}

function checkpointInTheWay(twin: Host, { world: { machine } }: Scene, { point }: Run): Befallen {
  const targets = machine.disks.filter(({ format }) => format === "qcow2").map(({ target }) => target);
  if (!twin.isRunning || twin.checkpoints.includes(point)) return {};
  machine.makeCheckpoint(point, 1_700_000_000);
  twin.makeCheckpoint({ name: point, disks: targets.map((name) => ({ name, checkpoint: "bitmap" })) });
  return {
    what: "checkpoint in the way",
    leave: (after) => {
      machine.deleteCheckpoint(point, false);
      after.deleteCheckpoint(point);
    },
  };
}

async function othersJob(twin: Host, { world: { machine, folder } }: Scene): Promise<Befallen> {
  const disk = machine.disks[0];
  if (!twin.isRunning || disk === undefined || machine.job !== undefined) return {};
  const path = join(folder, "tmp", "other.qcow2");
  if (!existsSync(path)) createImage(path, "qcow2", machine.sizes(disk.target).capacity);
  const { steps } = machine;
  machine.steps = 10_000;
  const store = { path };
  await machine.begin(
    { mode: "push", disks: [{ name: disk.target, backup: "yes", type: "file", driver: "qcow2", store }] },
    undefined,
    true,
  );
  machine.steps = steps;
  twin.isBusy = true;
  return {
    what: "another's job",
    leave: (after) => {
      machine.abort();
      after.isBusy = false;
    },
  };
}

function manifestCutShort(twin: Host, { stored }: Scene, run: Run): Befallen {
  const point = [...twin.catalog.keys()].find((each) => each !== run.point);
  if (point === undefined) return {};
  const path = join(stored, point, "manifest.json");
  const text = readFileSync(path);
  truncateSync(path, text.length >> 1);
  twin.damaged = new Set([point]);
  return {
    what: "manifest cut short",
    mend: () => writeFileSync(path, text),
    leave: (after) => {
      after.damaged = new Set();
    },
  };
}

function planWrittenOver({ world }: Scene): Befallen {
  const texts = readdirSync(world.plan, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:sh|bash)$/.test(path))
    .map((path) => join(world.plan, path))
    .map((path) => ({ path, text: readFileSync(path) }));
  return {
    what: "plan written over",
    onBegun: () => {
      for (const { path, text } of texts) writeFileSync(path, "exit 0\n".repeat(text.length / 3));
    },
    mend: () => {
      for (const { path, text } of texts) writeFileSync(path, text);
    },
  };
}
