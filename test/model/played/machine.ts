import { EventEmitter } from "node:events";
import { existsSync, statSync } from "node:fs";
import type { Backup, BackupDiskYes } from "../../../src/libvirt/backup.js";
import type { Checkpoint, CheckpointDocument } from "../../../src/libvirt/checkpoint.js";
import { Drive, type GuestDisk, lyingContent } from "./drive.js";
import { type Ended, type Job, type Part, pullJob, pushJob } from "./job.js";
import { Qcow2 } from "./qcow2.js";

/** What libvirt answers to what it does not do. */
export class Refused extends Error {}

interface Running {
  readonly id: number;
  readonly drives: ReadonlyMap<string, Drive>;
  frozen: boolean;
}

/**
 * A domain as libvirt and its QEMU have it: disks with their dirty bitmaps, checkpoints, at most one backup job. What it does is what
 * libvirt 9.0 with QEMU 7.2 was seen to do (test/live/fakes.test.ts).
 */
export class Machine extends EventEmitter {
  readonly name: string;
  readonly uuid: string;
  disks: readonly GuestDisk[];
  running: Running | undefined;
  checkpoints: Checkpoint[] = [];
  job: Job | undefined;
  /** How the last job ended, until somebody has read it. */
  ended: Ended | undefined;
  hasAgent = true;
  /** How often a push job is asked for before it is complete. */
  steps = 1;
  /** No id that a domain of this machine's own libvirt has. */
  #started = 900_000 + Math.floor(Math.random() * 90_000);

  constructor(name: string, uuid: string, disks: readonly GuestDisk[]) {
    super();
    this.name = name;
    this.uuid = uuid;
    this.disks = disks;
  }

  start(): void {
    this.#started += 1;
    this.running = {
      id: this.#started,
      drives: new Map(this.disks.map((disk) => [disk.target, new Drive(disk)])),
      frozen: false,
    };
    this.emit("started", this.#started);
  }

  /** As the guest's own shutdown and `virsh destroy` do: the bitmaps reach the images. */
  stop(): void {
    this.#endJob("cancelled");
    for (const drive of this.#live().drives.values()) drive.close(true);
    this.running = undefined;
    this.emit("stopped");
  }

  /** QEMU is killed. */
  crash(): void {
    this.#endJob("cancelled");
    this.ended = undefined;
    for (const drive of this.#live().drives.values()) drive.close(false);
    this.running = undefined;
    this.emit("stopped");
  }

  write(target: string, cluster: number, version: number): void {
    this.#live().drives.get(target)?.write(cluster, version);
  }

  /** Of each disk, as the guest sees it, or would. */
  content(): Map<string, readonly number[]> {
    if (this.running !== undefined)
      return new Map([...this.running.drives].map(([target, drive]) => [target, drive.content]));
    return new Map(this.disks.map((disk) => [disk.target, lyingContent(disk)]));
  }

  /** `backup-begin`: checkpoint and job in one transaction. */
  async begin(backup: Backup, checkpoint: CheckpointDocument | undefined, reuse: boolean): Promise<void> {
    if (this.running === undefined)
      throw new Refused("Operation not supported: cannot perform disk backup for inactive domain");
    if (this.job !== undefined)
      throw new Refused(
        "Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainBackupBegin)",
      );
    const made = checkpoint && this.#checkpoint(checkpoint);
    const parts = this.#parts(backup, reuse);
    for (const { name } of made?.disks.filter((disk) => disk.checkpoint === "bitmap") ?? []) {
      if (this.running.drives.get(name)?.bitmaps.has(made?.name ?? "")) {
        throw new Refused(
          `internal error: unable to execute QEMU command 'transaction': Bitmap already exists: ${made?.name}`,
        );
      }
    }
    try {
      this.job = backup.mode === "push" ? pushJob(backup, parts, this.steps) : await pullJob(backup, parts);
    } catch (error) {
      throw new Refused(`internal error: ${error instanceof Error ? error.message : error}`);
    }
    this.ended = undefined;
    if (made !== undefined) this.checkpoints.push(made);
    for (const disk of made?.disks ?? []) {
      if (disk.checkpoint === "bitmap")
        this.running.drives
          .get(disk.name)
          ?.bitmaps.set(disk.bitmap ?? "", { dirty: new Set(), usable: true });
    }
    this.emit("begun", backup, made !== undefined);
  }

  /** Lets the job go on by a step. */
  step(): void {
    if (this.job?.step() === true) this.#endJob("completed");
  }

  abort(): void {
    if (this.running === undefined)
      throw new Refused("Requested operation is not valid: domain is not running");
    if (this.job === undefined)
      throw new Refused("Requested operation is not valid: no job is active on the domain");
    this.#endJob("cancelled");
  }

  failJob(): void {
    this.#endJob("failed");
  }

  find(checkpoint: string): Checkpoint {
    const found = this.checkpoints.find(({ name }) => name === checkpoint);
    if (found === undefined)
      throw new Refused(
        `Domain checkpoint not found: no domain checkpoint with matching name '${checkpoint}'`,
      );
    return found;
  }

  /** `checkpoint-create` of all disks that can have a bitmap, at a time. */
  makeCheckpoint(name: string, creationTime: number): void {
    const disks = this.disks.map(({ target, format }) => ({
      name: target,
      checkpoint: format === "qcow2" ? ("bitmap" as const) : ("no" as const),
    }));
    this.#keepCheckpoint({ ...this.#checkpoint({ name, disks }), creationTime });
  }

  deleteCheckpoint(name: string, metadataOnly: boolean): void {
    const { disks, parent } = this.find(name);
    if (!metadataOnly) {
      if (this.running === undefined)
        throw new Refused("Operation not supported: cannot delete checkpoint for inactive domain");
      const drives = disks.flatMap((disk) =>
        disk.checkpoint === "bitmap" ? (this.running?.drives.get(disk.name) ?? []) : [],
      );
      if (drives.some(({ bitmaps }) => !bitmaps.has(name))) {
        throw new Refused(
          `internal error: bitmap '${name}' not found in backing chain of '${drives[0]?.disk.target}'`,
        );
      }
      for (const { bitmaps } of drives) bitmaps.delete(name);
    }
    this.checkpoints = this.checkpoints
      .filter((each) => each.name !== name)
      .map((each) => {
        if (each.parent !== name) return each;
        const { parent: _, ...orphan } = each;
        return parent === undefined ? orphan : { ...orphan, parent };
      });
  }

  /** Bytes changed since a checkpoint, as `--size` asks; undefined where the bitmap is not there, or cannot be trusted. */
  changed(checkpoint: string, target: string): number | undefined {
    const bitmap = this.running?.drives.get(target)?.bitmaps.get(checkpoint);
    return bitmap?.usable ? bitmap.dirty.size * 65536 : undefined;
  }

  /** Size of a disk in bytes, and of its file. */
  sizes(target: string): { capacity: number; allocation: number; physical: number } {
    const disk = this.disks.find((each) => each.target === target);
    if (disk === undefined)
      throw new Refused(`invalid argument: invalid path ${target} not assigned to domain`);
    const stat = statSync(disk.source);
    return { capacity: this.#capacity(disk), allocation: stat.blocks * 512, physical: stat.size };
  }

  #capacity(disk: GuestDisk): number {
    const live = this.running?.drives.get(disk.target)?.size;
    if (live !== undefined) return live;
    if (disk.format === "raw") return statSync(disk.source).size;
    const image = new Qcow2(disk.source, "r");
    image.close();
    return image.size;
  }

  #keepCheckpoint(made: Checkpoint): void {
    this.checkpoints.push(made);
    for (const { name, checkpoint } of made.disks) {
      if (checkpoint !== "bitmap") continue;
      this.#live().drives.get(name)?.bitmaps.set(made.name, { dirty: new Set(), usable: true });
    }
  }

  #checkpoint(document: CheckpointDocument): Checkpoint {
    const clock = Math.floor(Date.now() / 1000);
    const { name = String(clock) } = document;
    if (this.checkpoints.some((each) => each.name === name))
      throw new Refused(`operation failed: domain moment ${name} already exists`);
    const parent = this.checkpoints.at(-1)?.name;
    const named = new Map(document.disks?.map((disk) => [disk.name, disk.checkpoint]));
    const disks = this.disks.map(({ target, format }) => {
      const wanted = document.disks === undefined ? "bitmap" : (named.get(target) ?? "no");
      if (wanted === "bitmap" && format !== "qcow2") {
        throw new Refused(
          `unsupported configuration: checkpoint for disk ${target} unsupported for storage type ${format}`,
        );
      }
      return wanted === "bitmap"
        ? ({ name: target, checkpoint: "bitmap", bitmap: name } as const)
        : ({ name: target, checkpoint: "no" } as const);
    });
    const unknown = [...named.keys()].find((target) => this.disks.every((disk) => disk.target !== target));
    if (unknown !== undefined) throw new Refused(`unsupported configuration: no disk named '${unknown}'`);
    const { description } = document;
    return {
      name,
      ...(description !== undefined && { description }),
      ...(parent !== undefined && { parent }),
      creationTime: clock,
      disks,
    };
  }

  #parts(backup: Backup, reuse: boolean): Part[] {
    const chosen = (backup.disks ?? []).filter((disk): disk is BackupDiskYes => disk.backup === "yes");
    if (chosen.length === 0) throw new Refused("unsupported configuration: no disks selected for backup");
    return chosen.map((disk) => {
      const drive = this.#live().drives.get(disk.name);
      if (drive === undefined) throw new Refused(`unsupported configuration: no disk named '${disk.name}'`);
      if (!reuse || !existsSync(disk.store?.path ?? ""))
        throw new Refused("only --reuse-external is played here, with files that are there");
      return { disk, drive, clusters: this.#clusters(disk, drive, backup.incremental) };
    });
  }

  #clusters(
    { name, backupmode, incremental }: BackupDiskYes,
    drive: Drive,
    shared: string | undefined,
  ): Map<number, Buffer> {
    const base = backupmode === "full" ? undefined : (incremental ?? shared);
    let read: Iterable<number> = Array(drive.clusters).keys();
    if (base !== undefined) {
      if (this.checkpoints.every((each) => each.name !== base)) {
        throw new Refused(
          `Domain checkpoint not found: Checkpoint '${base}' for incremental backup of disk '${name}' not found`,
        );
      }
      const bitmap = drive.bitmaps.get(base);
      if (!bitmap?.usable)
        throw new Refused(`checkpoint inconsistent: missing or broken bitmap '${base}' for disk '${name}'`);
      read = bitmap.dirty;
    }
    return new Map([...read].map((cluster) => [cluster, drive.read(cluster)]));
  }

  #endJob(how: "completed" | "cancelled" | "failed"): void {
    if (this.job === undefined) return;
    const { job } = this;
    this.job = undefined;
    this.ended = job.end(how);
    this.emit("ended", this.ended);
  }

  #live(): Running {
    if (this.running === undefined)
      throw new Refused("Requested operation is not valid: domain is not running");
    return this.running;
  }
}
