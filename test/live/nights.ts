import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { directoryOf } from "../../src/inventory/directory.js";
import type { Manifest } from "../../src/inventory/manifest.js";
import { captureInventory, checkpointsOf, type Guest, pointsOf, seeded, sh, tidemark } from "./guest.js";
import { count } from "./tally.js";

/** A guest under a compiled policy, whose nights are run one after the other while it writes. */
export interface Nights {
  readonly guest: Guest;
  readonly repository: string;
  /** The domain's folder in the repository. */
  readonly folder: string;
  /** Compiles the policy over what the host says now; nights that have happened are left out. */
  readonly compile: () => void;
  /** The scripts of the domain's runs, and of its restore points. */
  readonly script: string;
  readonly restoreScript: string;
  /** Slots that have not been run, in order, as `run.sh` takes them. */
  readonly left: () => string[];
  /** Lets the guest write, keeps the truth, and runs the next night. */
  readonly run: (options?: NightOptions) => Night;
  /** Lets the guest write, keeps the truth, and makes a restore point on demand; `point` is "" if there is none after it. */
  readonly demand: (options?: NightOptions) => Night;
  /** sha256 of each disk as it was at a restore point. */
  readonly truthOf: (point: string) => ReadonlyMap<string, string>;
  /** Restores every restore point there is and compares it with the truth. */
  readonly compareRestored: () => readonly string[];
  /** Restores every restore point there is and compares it with the truth; checks that nothing else is left behind. */
  readonly compareAll: () => number;
}

export interface NightOptions {
  /** `PLACE:kill|fail|term|stop[,…]`, see `lib/run.bash`. */
  readonly fault?: string;
  /** Expected exit status; a signal counts as `signal`. */
  readonly status?: number | "signal" | "any";
  readonly args?: readonly string[];
  /** A folder whose programs come before those of the host. */
  readonly path?: string;
  /** What happens when a run has been stopped by a fault; it goes on afterwards. */
  readonly whileStopped?: (pid: number) => void;
}

export interface Night {
  readonly point: string;
  readonly status: number | "signal";
  readonly output: string;
}

export interface PolicyText {
  readonly defaults?: string;
  readonly top?: string;
  readonly schedule?: string;
  readonly retention?: string;
  readonly domain?: string;
  readonly days?: number;
  /** The first day of the horizon. */
  readonly from?: string;
}

const WEEK = `
  - { level: full, at: "0 1 * * sun" }
  - { level: differential, at: "0 1 * * wed" }
  - { level: incremental, at: "0 1 * * mon-sat" }`;

/** `defaults` of pull mode with everything in one folder; over a Unix socket unless a server is given. */
export function pullMode(
  folder: string,
  server = `{ transport: unix, socket: ${JSON.stringify(`${folder}/nbd`)} }`,
): string {
  return `{ mode: pull, scratch: ${JSON.stringify(folder)}, server: ${server} }`;
}

export function underPolicy(guest: Guest, text: PolicyText = {}, repositoryName = "the repository"): Nights {
  const repository = join(guest.folder, repositoryName);
  const segment = directoryOf(guest.name);
  const folder = join(repository, segment);
  const plan = join(guest.folder, "plan", segment);
  const truths = new Map<string, ReadonlyMap<string, string>>();
  const random = seeded(guest.name);
  const done = new Set<string>();
  writeFileSync(
    join(guest.folder, "policy.yaml"),
    `version: 1
name: nightly
repository: ${JSON.stringify(repository)}
horizon: { from: ${text.from ?? "2026-12-06"}, for: ${text.days ?? 14}d }
schedule: ${text.schedule ?? WEEK}
retention: ${text.retention ?? "{ keepLast: 6 }"}
${text.top ?? ""}
defaults: ${text.defaults ?? "{ mode: push }"}
domains:
  ${JSON.stringify(guest.name)}: ${text.domain ?? "{}"}
`,
  );

  const left = () => {
    const table = readFileSync(join(plan, "runs.bash"), "utf8");
    const slots = [...table.matchAll(/^slot (\S+) /gm)].map(([, slot = ""]) => slot.replaceAll(/[-:]/g, ""));
    return slots.filter((slot) => !done.has(slot));
  };
  const writeAtRandom = () => {
    for (const { target, content } of guest.disks) {
      if (content !== undefined) continue;
      const commands = Array.from({ length: 1 + random(3) }, () => {
        const offset = random(60) * 64;
        const length = 4 * (1 + random(64));
        const kind = [`write -P ${1 + random(250)}`, `write -P ${1 + random(250)}`, "write -z", "discard"][
          random(4)
        ];
        return `${kind} ${offset}k ${length}k`;
      });
      guest.write(target, ...commands);
    }
  };

  const nights: Nights = {
    guest,
    repository,
    folder,
    script: join(plan, "run.sh"),
    restoreScript: join(plan, "restore.sh"),
    left,
    compile: () => {
      captureInventory(guest, repository);
      tidemark(guest.folder, "compile", "policy.yaml", "-o", "plan");
    },
    run: ({ fault, status = 0, args = [], whileStopped, path } = {}) => {
      const slot = left()[0];
      if (slot === undefined) throw new Error("no night is left in the plan");
      done.add(slot);
      const point = `nightly-${slot}`;
      if (guest.virsh("domstate").startsWith("running")) writeAtRandom();
      truths.set(point, guest.truth());
      const ended = runScript(
        nights.script,
        [slot, "-c", "qemu:///system", ...args],
        fault,
        whileStopped,
        path,
      );
      if (status !== "any") expect(ended.status, ended.output).toBe(status);
      return { point, ...ended };
    },
    demand: ({ fault, status = 0, args = [], whileStopped, path } = {}) => {
      if (guest.virsh("domstate").startsWith("running")) writeAtRandom();
      const [truth, before] = [guest.truth(), pointsOf(folder)];
      const ended = runScript(
        nights.script,
        ["--now", "-c", "qemu:///system", ...args],
        fault,
        whileStopped,
        path,
      );
      if (status !== "any") expect(ended.status, ended.output).toBe(status);
      const [point = ""] = pointsOf(folder).filter((name) => !before.includes(name));
      if (point !== "") truths.set(point, truth);
      return { point, ...ended };
    },
    truthOf: (point) => truths.get(point) ?? new Map(),
    compareRestored: () => {
      const points = pointsOf(folder);
      for (const point of points) {
        const to = join(guest.folder, "restored");
        mkdirSync(to);
        sh("bash", [nights.restoreScript, point, "--to", to, "--format", "raw"]);
        const truth = truths.get(point) ?? new Map();
        const manifest = readFileSync(join(folder, point, "manifest.json"), "utf8");
        const isOfGuest = new Set(
          guest.disks.filter(({ content }) => content !== undefined).map(({ target }) => target),
        );
        let same = true;
        for (const [, target = ""] of manifest.matchAll(/\{"target":"([^"]+)"/g)) {
          const sum = sh("sha256sum", [join(to, `${target}.raw`)])
            .stdout.replace(/^\\/, "")
            .slice(0, 64);
          if (!isOfGuest.has(target) && sum !== truth.get(target)) same = false;
        }
        rmSync(to, { recursive: true });
        count("compared");
        if (!same) count("differences");
        expect(same, `${point} as restored is ${point} as it was`).toBe(true);
      }
      return points;
    },
    compareAll: () => {
      const points = nights.compareRestored();
      expect(existsSync(join(folder, ".tidemark/journal")), "a journal is left").toBe(false);
      expect(
        readdirSync(folder)
          .filter((name) => name !== ".tidemark")
          .sort(),
      ).toEqual(points);
      if (guest.virsh("domstate").startsWith("running")) {
        expect(points).toEqual(expect.arrayContaining(checkpointsOf(guest)));
      }
      return points.length;
    },
  };
  return nights;
}

/** Runs a script to its end; with `whileStopped`, waits until it has stopped itself and lets it go on after that. */
export function runScript(
  script: string,
  args: readonly string[],
  fault: string | undefined,
  whileStopped: ((pid: number) => void) | undefined,
  path: string | undefined,
): { status: number | "signal"; output: string } {
  const env = {
    ...(fault !== undefined && { TIDEMARK_FAULT: fault }),
    TIDEMARK_LOCK_WAIT: "1",
    // A host whose virsh speaks another language than the scripts.
    LC_ALL: "de_DE.UTF-8",
    LANGUAGE: "de",
    ...(path !== undefined && { PATH: `${path}:${process.env["PATH"]}` }),
  };
  if (whileStopped === undefined) {
    const ended = sh("bash", [script, ...args], { env, status: "any" });
    return { status: ended.status ?? "signal", output: ended.stdout + ended.stderr };
  }
  const log = `${script}.log`;
  const child = spawn("bash", ["-c", 'exec bash "$@" >"$0" 2>&1', log, script, ...args], {
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
  const pid = child.pid ?? 0;
  const state = () => /^State:\s+(\S)/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? "gone";
  while (!["T", "Z", "gone"].includes(state())) sh("sleep", ["0.005"]);
  whileStopped(pid);
  sh("kill", ["-CONT", String(pid)], { status: "any" });
  while (!["Z", "gone"].includes(state())) sh("sleep", ["0.05"]);
  const output = readIfThere(log);
  rmSync(log, { force: true });
  // The exit status of a child that this blocking wait cannot reap is told by the last words of the script.
  const failed = /undone:|error:/.test(output);
  return { status: failed ? 1 : 0, output };
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** What a run has written of its restore point. */
export function manifestOf({ folder }: Pick<Nights, "folder">, point: string): Manifest {
  return JSON.parse(readFileSync(join(folder, point, "manifest.json"), "utf8")) as Manifest;
}
