import type { Manifest, ManifestDisk } from "../../src/inventory/manifest.js";
import type { Checkpoint } from "../../src/libvirt/checkpoint.js";
import type { ExplicitBackup } from "../../src/plan/documents.js";

/** A block's content is the number of the write that made it; 0 is a block that was never written. */
export const BLOCKS = 6;

interface Disk {
  /** Which file it is. */
  readonly file: number;
  readonly blocks: readonly number[];
  /** What each checkpoint's bitmap has recorded; null: QEMU died, and it cannot be trusted. */
  readonly bitmaps: ReadonlyMap<string, ReadonlySet<number> | null>;
}

/** What a manifest keeps to know a disk, a checkpoint and a QEMU by. */
interface Record {
  /** undefined: the domain did not run. */
  readonly process: number | undefined;
  readonly files: ReadonlyMap<string, number>;
  readonly checkpoint: number | undefined;
  /** Of a stopped domain: its disks, and how often QEMU had been started. */
  readonly lying?: { readonly disks: ReadonlyMap<string, Disk>; readonly starts: number };
}

interface Image {
  readonly blocks: ReadonlyMap<number, number>;
  /** Path of the image under it. */
  readonly backing: string | null;
}

/** A document that libvirt would have refused: a plan that compiled is not to bring one forth. */
export class RefusedByLibvirt extends Error {}

/** One domain with its checkpoints, and the folder of a repository: what the scripts act on, as sets of block versions. */
export class Host {
  readonly disks = new Map<string, Disk>();
  readonly images = new Map<string, Image>();
  /** Point → manifest. */
  readonly catalog = new Map<string, Manifest>();
  isRunning = true;
  /** The guest's file systems. */
  isFrozen = false;
  /** Names, oldest first. */
  checkpoints: string[] = [];
  /** Checkpoints to be deleted when the domain runs again, each as it was made. */
  pending: readonly { readonly name: string; readonly made: number | undefined }[] = [];
  /** What the running backup job reads, per disk: the blocks as they were when it began. */
  job: Map<string, ReadonlyMap<number, number>> | undefined;
  journal: { readonly point: string; readonly images: readonly string[] } | undefined;
  folding: { readonly into: string; readonly images: Map<string, Image>; manifest?: Manifest } | undefined;
  /** Restore points that were moved out of the catalog and whose images are still to be deleted. */
  moved: readonly Manifest[] = [];
  /** Points whose manifest cannot be read. */
  damaged: ReadonlySet<string> = new Set();
  /** Whether another's job is at work. */
  isBusy = false;
  readonly #truths = new Map<string, ReadonlyMap<string, readonly number[]>>();
  readonly #records = new Map<string, Record>();
  /** By name: how many were made before it. */
  readonly #made = new Map<string, number>();
  readonly #raw: ReadonlySet<string>;
  #process = 0;
  #writes = 0;

  /** @param raw those of the targets whose files are raw */
  constructor(targets: readonly string[], raw: ReadonlySet<string> = new Set()) {
    this.#raw = raw;
    for (const [file, target] of targets.entries())
      this.disks.set(target, { file, blocks: Array<number>(BLOCKS).fill(0), bitmaps: new Map() });
  }

  /** The same host once more: what is done to one the other does not see. */
  clone(): Host {
    const copy = new Host([], this.#raw);
    for (const [target, disk] of this.disks) copy.disks.set(target, disk);
    for (const [point, record] of this.#records) copy.#records.set(point, record);
    for (const [name, made] of this.#made) copy.#made.set(name, made);
    copy.#process = this.#process;
    copy.damaged = this.damaged;
    copy.isBusy = this.isBusy;
    for (const [path, image] of this.images) copy.images.set(path, image);
    for (const [point, manifest] of this.catalog) copy.catalog.set(point, manifest);
    for (const [point, truth] of this.#truths) copy.#truths.set(point, truth);
    copy.isRunning = this.isRunning;
    copy.isFrozen = this.isFrozen;
    copy.checkpoints = [...this.checkpoints];
    copy.pending = this.pending;
    copy.job = this.job;
    copy.journal = this.journal;
    copy.folding = this.folding && { ...this.folding, images: new Map(this.folding.images) };
    copy.moved = this.moved;
    copy.#writes = this.#writes;
    return copy;
  }

  /** @returns the number of the write */
  guestWrites(target: string, block: number): number {
    const { file, blocks, bitmaps } = this.#disk(target);
    this.#writes += 1;
    this.disks.set(target, {
      file,
      blocks: blocks.with(block, this.#writes),
      bitmaps: new Map([...bitmaps].map(([name, bitmap]) => [name, bitmap && new Set([...bitmap, block])])),
    });
    return this.#writes;
  }

  /** A clean end: the bitmaps are in the images, and there again when it starts. */
  stop(): void {
    this.job = undefined;
    this.isFrozen = false;
    this.isRunning = false;
  }

  start(): void {
    this.#process += 1;
    this.isRunning = true;
  }

  /** And is started again. */
  qemuDies(): void {
    this.stop();
    for (const [target, { bitmaps, ...disk }] of this.disks)
      this.disks.set(target, { ...disk, bitmaps: new Map([...bitmaps.keys()].map((name) => [name, null])) });
    this.start();
  }

  /** Two disks' files are in each other's place, with their bitmaps. */
  exchange(one: string, other: string): void {
    const [a, b] = [this.#disk(one), this.#disk(other)];
    this.disks.set(one, b).set(other, a);
  }

  /** What is in a disk's file, with its bitmaps, is copied into another's. */
  copyInto(target: string, from: string): void {
    this.disks.set(target, { ...this.#disk(from), file: this.#disk(target).file });
  }

  /** Notes a checkpoint that cannot be deleted now. */
  leaveCheckpoint(name: string): void {
    if (this.checkpoints.includes(name))
      this.pending = [...this.pending, { name, made: this.#made.get(name) }];
  }

  deletePending(name: string, made: number | undefined): void {
    if (!this.catalog.has(name) && this.#made.get(name) === made) this.deleteCheckpoint(name);
  }

  /** Whether a checkpoint is there, and the one that the run of its name made, of which there is a manifest. */
  isRecorded(point: string): boolean {
    if (!this.checkpoints.includes(point) || !this.catalog.has(point) || this.damaged.has(point))
      return false;
    return this.#records.get(point)?.checkpoint === this.#made.get(point);
  }

  /**
   * Whether a disk is the one that its base is of: QEMU ran on with it, or all that is said to be unchanged since is, and there is any.
   * A file that was another disk's at the newest restore point is not.
   */
  isProven(target: string, base: string): boolean {
    const { file, blocks } = this.#disk(target);
    const record = this.#records.get(base);
    if (this.isRunning && record?.process === this.#process && record.files.get(target) === file) return true;
    const newest =
      [...this.catalog.keys()].sort((a, b) => (a.slice(-16) < b.slice(-16) ? -1 : 1)).at(-1) ?? "";
    for (const [other, was] of this.#records.get(newest)?.files ?? [])
      if (other !== target && was === file) return false;
    const dirty = this.bitmap(base, target);
    const clean = [...blocks.keys()].filter((block) => dirty?.has(block) === false);
    const was = this.#truths.get(base)?.get(target);
    return clean.length > 0 && clean.every((block) => was?.[block] === blocks[block]);
  }

  bitmap(checkpoint: string, target: string): ReadonlySet<number> | undefined {
    if (!this.checkpoints.includes(checkpoint)) return undefined;
    return this.disks.get(target)?.bitmaps.get(checkpoint) ?? undefined;
  }

  /** `virsh backup-begin`: checkpoint and job in one transaction. */
  begin(point: string, backup: ExplicitBackup, checkpoint: Checkpoint | undefined): void {
    if (!this.isRunning) throw new RefusedByLibvirt("the domain does not run");
    if (this.job !== undefined) throw new RefusedByLibvirt("another job runs");
    if (checkpoint !== undefined && this.checkpoints.includes(checkpoint.name)) {
      throw new RefusedByLibvirt(`the checkpoint ${checkpoint.name} exists`);
    }
    const job = new Map<string, ReadonlyMap<number, number>>();
    for (const disk of backup.disks) {
      if (disk.backup === "no") continue;
      const { blocks } = this.#disk(disk.name);
      let read: Iterable<number> = blocks.keys();
      if (disk.backupmode === "incremental") {
        const base = disk.incremental ?? backup.incremental ?? "";
        const dirty = this.bitmap(base, disk.name);
        if (dirty === undefined) throw new RefusedByLibvirt(`${disk.name}: no bitmap of ${base}`);
        read = dirty;
      }
      if (backup.mode === "push" && !this.images.has(disk.store?.path ?? "")) {
        throw new RefusedByLibvirt(`there is no ${disk.store?.path} to reuse`);
      }
      job.set(disk.name, new Map([...read].map((block) => [block, blocks[block] ?? 0])));
    }
    this.job = job;
    if (checkpoint !== undefined) this.makeCheckpoint(checkpoint);
    this.#records.set(point, {
      process: this.#process,
      files: this.#files(),
      checkpoint: this.#made.get(checkpoint?.name ?? ""),
    });
    this.#truths.set(point, new Map([...this.disks].map(([target, disk]) => [target, [...disk.blocks]])));
  }

  makeCheckpoint({ name, disks }: Pick<Checkpoint, "name" | "disks">): void {
    this.checkpoints.push(name);
    this.#made.set(name, Math.max(0, ...this.#made.values()) + 1);
    for (const { name: target, checkpoint } of disks) {
      if (checkpoint !== "bitmap") continue;
      const { bitmaps, ...disk } = this.#disk(target);
      this.disks.set(target, { ...disk, bitmaps: new Map(bitmaps).set(name, new Set()) });
    }
  }

  /** A copy of the stopped domain's disk: whole, or what its bitmap of a checkpoint says, or nothing of one that is as it was. */
  copyOffline(point: string, target: string, path: string, base: string | null): void {
    const { blocks } = this.#disk(target);
    const read =
      base === null ? blocks.keys() : this.isUnwritten(target, base) ? [] : this.bitmap(base, target);
    this.images.set(path, {
      blocks: new Map([...(read ?? [])].map((block) => [block, blocks[block] ?? 0])),
      backing: base === null ? null : (this.imageOf(base, target) ?? null),
    });
    const truth = new Map(this.#truths.get(point) ?? []);
    this.#truths.set(point, truth.set(target, [...blocks]));
    this.#records.set(point, {
      process: undefined,
      files: this.#files(),
      checkpoint: undefined,
      lying: { disks: new Map(this.disks), starts: this.#process },
    });
  }

  /** Whether a disk's file is as it was when the stopped domain was copied. QEMU writes to a qcow2 file whenever it is started. */
  isUnwritten(target: string, point: string): boolean {
    const { file, blocks } = this.#disk(target);
    const lying = this.#records.get(point)?.lying;
    const was = lying?.disks.get(target);
    return (
      was?.file === file &&
      was.blocks === blocks &&
      (this.#raw.has(target) || lying?.starts === this.#process)
    );
  }

  /** Whether the disk's file is the one that a restore point was made of. */
  isOnSameFile(target: string, point: string): boolean {
    return this.#records.get(point)?.files.get(target) === this.#disk(target).file;
  }

  deleteCheckpoint(name: string): void {
    this.checkpoints = this.checkpoints.filter((each) => each !== name);
    for (const [target, { bitmaps, ...disk }] of this.disks)
      this.disks.set(target, { ...disk, bitmaps: new Map([...bitmaps].filter(([each]) => each !== name)) });
  }

  read(path: string): number[] {
    return Array.from({ length: BLOCKS }, (_, block) => this.#readBlock(path, block));
  }

  /** `qemu-img rebase` or `convert` into a new image, which is not in its place yet. */
  foldImage(target: string, into: Manifest, of: readonly string[]): void {
    const disk = into.disks.find((each) => each.target === target) as ManifestDisk;
    let { base } = disk;
    while (base !== null && of.includes(base)) base = this.#manifestDisk(base, target)?.base ?? null;
    const under = base === null ? undefined : this.imageOf(base, target);
    const below = under === undefined ? undefined : this.read(under);
    const blocks = new Map(
      [...this.read(disk.image).entries()].filter(([block, version]) => below?.[block] !== version),
    );
    this.folding?.images.set(disk.image, { blocks, backing: under ?? null });
  }

  imageOf(point: string, target: string): string | undefined {
    return this.#manifestDisk(point, target)?.image;
  }

  /** What is wrong with the restore points there are: each must read as the disks were when its job began. */
  violations(): string[] {
    return [...this.catalog.values()].flatMap(({ point, disks }) =>
      disks.flatMap(({ target, image, base }) => {
        try {
          const [is, was] = [this.read(image), this.#truths.get(point)?.get(target)];
          if (`${is}` !== `${was}`) return [`${point} ${target} reads ${is}, and was ${was}`];
          return base !== null && !this.catalog.has(base) ? [`${point} ${target} builds on ${base}`] : [];
        } catch (error) {
          return [`${point} ${target}: ${error instanceof Error ? error.message : error}`];
        }
      }),
    );
  }

  #manifestDisk(point: string, target: string): ManifestDisk | undefined {
    return this.catalog.get(point)?.disks.find((disk) => disk.target === target);
  }

  #readBlock(path: string, block: number): number {
    const image = this.images.get(path);
    if (image === undefined) throw new Error(`${path} is missing`);
    return image.blocks.get(block) ?? (image.backing === null ? 0 : this.#readBlock(image.backing, block));
  }

  #files(): ReadonlyMap<string, number> {
    return new Map([...this.disks].map(([target, { file }]) => [target, file]));
  }

  #disk(target: string): Disk {
    const disk = this.disks.get(target);
    if (disk === undefined) throw new RefusedByLibvirt(`no disk ${target}`);
    return disk;
  }
}
