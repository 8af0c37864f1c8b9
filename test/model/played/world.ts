import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DomainFiles } from "../../../src/emit/domain-files.js";
import { PlanDirectory } from "../../../src/emit/plan-directory.js";
import { PlanWriter } from "../../../src/emit/write-plan.js";
import { capture } from "../../../src/inventory/capture.js";
import type { Inventory } from "../../../src/inventory/inventory.js";
import { readInventory } from "../../../src/inventory/read.js";
import type { Plan, Run } from "../../../src/plan/plan.js";
import type { Demand } from "../demand.js";
import type { GuestDisk } from "./drive.js";
import type { Ended } from "./job.js";
import { Machine } from "./machine.js";
import { CLUSTER, createImage } from "./qcow2.js";
import { play, type ToolCall } from "./server.js";
import { eventText, virsh } from "./virsh.js";

/** In memory: the runs sync after each line of their journal, and here nothing has to survive a power cut. */
const SCRATCH = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const SHIM = (name: string) => fileURLToPath(new URL(`bin/${name}`, import.meta.url));
/** Tools that are played here. */
const PLAYED = ["virsh", "sleep"];

/** Tools whose calls are instants of a night. */
const WATCHED = [
  "sync",
  "mv",
  "rm",
  "rmdir",
  "mkdir",
  "cp",
  "sha256sum",
  "openssl",
  "qemu-img",
  "stat",
  "flock",
];

/** What befalls a script at one of its calls of a tool, counted from its start or from the renaming of its manifest. */
export interface Instant {
  readonly from: "start" | "manifest";
  readonly at: number;
  /** `fail`: the tool does nothing, and fails; the signals are sent to the script, or to all that it has at work as well. */
  readonly how: "fail" | "kill" | "term" | "term all";
}

/** How a script ended. */
export interface ScriptEnd {
  /** null: it was killed. */
  readonly status: number | null;
  readonly output: string;
}

/** A host with one domain, a plan and a repository in a folder of its own, for the emitted scripts to act on. */
export class World {
  readonly folder: string;
  readonly machine: Machine;
  readonly #port: number;
  readonly #stop: () => void;
  /** What was asked for that nobody has taught the host. */
  readonly unknown: string[] = [];
  /** What stands for QEMU's process: its command line has the domain's UUID. */
  #process: ChildProcess | undefined;
  #instant: (Instant & { seen: number; readonly group: number }) | undefined;

  private constructor(folder: string, machine: Machine, port: number, stop: () => void) {
    this.folder = folder;
    this.machine = machine;
    this.#port = port;
    this.#stop = stop;
  }

  /** @param disks targets and formats; each has `clusters` clusters */
  static async make(
    name: string,
    disks: readonly Omit<GuestDisk, "source">[],
    clusters: number,
  ): Promise<World> {
    const folder = mkdtempSync(join(SCRATCH, "tidemark-model-"));
    for (const each of ["images", "tmp", "repository", "played", "watched"]) mkdirSync(join(folder, each));
    for (const each of PLAYED) symlinkSync(SHIM("played"), join(folder, "played", each));
    for (const each of WATCHED) symlinkSync(SHIM("watched"), join(folder, "watched", each));
    const placed = disks.map((disk) => ({
      ...disk,
      source: join(folder, "images", `${disk.target}.${disk.format}`),
    }));
    for (const { source, format } of placed) {
      createImage(source, format, clusters * CLUSTER);
    }
    const machine = new Machine(name, randomUUID(), placed);
    const { port, stop } = await play(folder, (call) => world.#answer(call));
    const world = new World(folder, machine, port, stop);
    machine.on("started", (id: number) => world.#beginProcess(id)).on("stopped", () => world.#endProcess());
    return world;
  }

  get repository(): string {
    return join(this.folder, "repository");
  }

  get plan(): string {
    return join(this.folder, "plan");
  }

  /** What a capture finds, with the manifests of the repository. */
  async inventory(): Promise<Inventory> {
    const { capture: captured, diagnostics } = await capture((args) => virsh([this.machine], args));
    if (captured === undefined) throw new Error(`not captured: ${diagnostics[0]?.message}`);
    const catalog = readdirSync(this.repository).flatMap((domain) =>
      readdirSync(join(this.repository, domain))
        .map((point) => `catalog/${domain}/${point}/manifest.json`)
        .filter((path) => existsSync(join(this.repository, path.slice("catalog/".length)))),
    );
    const files = [
      ...captured.files.map(({ path, text }) => ({ path, file: path, bytes: () => Buffer.from(text) })),
      { path: "catalog/.kept", file: "catalog/.kept", bytes: () => new Uint8Array() },
      ...catalog.map((path) => ({
        path,
        file: path,
        bytes: () => readFileSync(join(this.repository, path.slice("catalog/".length))),
      })),
    ];
    const { inventory, diagnostics: wrong } = readInventory(files, "inventory");
    if (inventory === undefined) throw new Error(`no inventory: ${wrong[0]?.message}`);
    return inventory;
  }

  /** The plan directory, in the place of what was there. */
  async write(plan: Plan): Promise<void> {
    rmSync(this.plan, { recursive: true, force: true });
    const directory = new PlanDirectory(this.plan);
    const domains = new DomainFiles(directory.stagedDirectory);
    const writer = new PlanWriter(directory, domains, plan);
    for (const domain of plan.domains) await writer.add(domain);
    directory.count(domains.close());
    writer.close([]);
    directory.commit(() => []);
  }

  /** How a run of the plan is called. */
  runScript(
    domain: string,
    run: Run,
    env: Readonly<Record<string, string>> = {},
    instant?: Instant,
    demand?: Demand,
  ): Promise<ScriptEnd> {
    const slot = run.point.slice(-16);
    const words =
      demand === undefined
        ? [slot]
        : ["--now", ...(demand.full ? ["--full"] : []), ...(demand.pinned ? ["--pin", "kept"] : [])];
    const clock = demand && { TIDEMARK_NOW: slot };
    return this.script([join(this.plan, domain, "run.sh"), ...words], { ...env, ...clock }, instant);
  }

  /** How a restore point is restored to a folder. */
  restoreScript(domain: string, point: string, to: string): Promise<ScriptEnd> {
    return this.script([join(this.plan, domain, "restore.sh"), point, "--to", to]);
  }

  /** Runs a script to its end, and to that of all it has left at work. */
  script(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    instant?: Instant,
  ): Promise<ScriptEnd> {
    const shims = instant === undefined ? ["played"] : ["watched", "played"];
    const path = [...shims.map((each) => join(this.folder, each)), process.env["PATH"] ?? ""];
    const child = spawn("bash", words, {
      cwd: join(this.folder, "tmp"),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: {
        PATH: path.join(delimiter),
        HOME: join(this.folder, "tmp"),
        TMPDIR: join(this.folder, "tmp"),
        LANG: "de_DE.UTF-8",
        FAKE_WORLD: this.folder,
        FAKE_PORT: String(this.#port),
        XDG_RUNTIME_DIR: join(this.folder, "run"),
        XDG_CONFIG_HOME: join(this.folder, "config"),
        STATE_DIRECTORY: join(this.folder, "marks"),
        TIDEMARK_LOCK_WAIT: "1",
        ...env,
      },
    });
    this.#instant =
      instant && child.pid !== undefined ? { ...instant, seen: 0, group: child.pid } : undefined;
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        reject(new Error(`${words.join(" ")} takes longer than a minute\n${output}`));
      }, 60_000);
      child.on("error", reject);
      child.on("close", (status) => {
        clearTimeout(timer);
        resolve({ status, output });
      });
    });
  }

  remove(): void {
    this.#stop();
    if (this.machine.running !== undefined) this.machine.stop();
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(`/run/tidemark/${this.machine.uuid}.lock`, { force: true });
  }

  #beginProcess(id: number): void {
    const { name, uuid } = this.machine;
    const process = spawn("sh", ["-c", "read -r _", "qemu-system-x86_64", "-uuid", uuid], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    process.unref();
    this.#process = process;
    const pids = join(this.folder, "run", "libvirt", "qemu", "run");
    mkdirSync(pids, { recursive: true });
    writeFileSync(join(pids, `${name}.pid`), String(process.pid));
    // Where QEMU may make files, whatever confines it.
    mkdirSync(join(this.#own, `domain-${id}-${name}`), { recursive: true });
  }

  #endProcess(): void {
    this.#process?.kill("SIGKILL");
    rmSync(this.#own, { recursive: true, force: true });
    rmSync(join(this.folder, "run", "libvirt"), { recursive: true, force: true });
  }

  get #own(): string {
    return join(this.folder, "config", "libvirt", "qemu", "lib");
  }

  #answer(call: ToolCall): void {
    if (this.#isStruck(call)) return;
    if (call.tool === "sleep") this.#sleep(call);
    else if (call.tool !== "virsh") call.pass();
    else if (call.args.includes("event")) this.#listen(call);
    else {
      virsh([this.machine], call.args).then(
        ({ status, stdout, stderr }) => {
          // As in a language that no script reads.
          call.say(call.locale === "C" ? stdout : stdout.replaceAll("running", "laufend"), stderr);
          call.end(status);
        },
        (error: unknown) => {
          this.unknown.push(String(error));
          call.end(99);
        },
      );
    }
  }

  /** Whether the script is struck at this call so that there is no answer to it. */
  #isStruck({ tool, args, end }: ToolCall): boolean {
    const instant = this.#instant;
    if (instant === undefined) return false;
    const isManifest = tool === "mv" && args.at(-1)?.endsWith("/manifest.json") === true;
    if (instant.from === "start" || instant.seen > 0 || isManifest) instant.seen += 1;
    if (instant.seen !== instant.at + 1) return false;
    instant.seen += 1;
    switch (instant.how) {
      case "fail":
        end(1);
        return true;
      case "kill":
        process.kill(-instant.group, "SIGKILL");
        return true;
      case "term":
        process.kill(instant.group, "SIGTERM");
        return false;
      case "term all":
        process.kill(-instant.group, "SIGTERM");
        return false;
    }
  }

  /** Nobody waits here for a job that a step of the script's moves on. */
  #sleep(call: ToolCall): void {
    const seconds = Number.parseFloat(call.args[0] ?? "0");
    if (seconds <= 1) call.end(0);
    else {
      const timer = setTimeout(() => call.end(0), seconds * 1000);
      call.onGone(() => clearTimeout(timer));
    }
  }

  /** `virsh event`, of jobs that end. */
  #listen(call: ToolCall): void {
    const isLoop = call.args.includes("--loop");
    const hear = (ended: Ended) => {
      call.say(eventText(this.machine, ended));
      if (!isLoop) call.end(0);
    };
    this.machine.on("ended", hear);
    call.ready();
    call.onGone(() => this.machine.off("ended", hear));
  }
}
