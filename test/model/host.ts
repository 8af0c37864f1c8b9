import type { Manifest, ManifestDisk } from "../../src/inventory/manifest.js";
import type { Checkpoint } from "../../src/libvirt/checkpoint.js";
import type { ExplicitBackup } from "../../src/plan/documents.js";

/** A block's content is the number of the write that made it; 0 is a block that was never written. */
export const BLOCKS = 6;

interface Disk {
  readonly blocks: number[];
  /** What each checkpoint's bitmap has recorded; null: QEMU died, and it cannot be trusted. */
  readonly bitmaps: Map<string, Set<number> | null>;
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
  readonly disks: ReadonlyMap<string, Disk>;
  readonly images = new Map<string, Image>();
  /** Point → manifest. */
  readonly catalog = new Map<string, Manifest>();
  isRunning = true;
  /** The guest's file systems. */
  isFrozen = false;
  /** Names, oldest first. */
  checkpoints: string[] = [];
  /** Checkpoints of undone runs, to be deleted when the domain runs again. */
  pending: string[] = [];
  /** What the running backup job reads, per disk: the blocks as they were when it began. */
  job: Map<string, ReadonlyMap<number, number>> | undefined;
  journal: { readonly point: string; readonly images: readonly string[] } | undefined;
  folding: { readonly into: string; readonly images: Map<string, Image>; manifest?: Manifest } | undefined;
  /** Restore points that were moved out of the catalog and whose images are still to be deleted. */
  moved: readonly Manifest[] = [];
  readonly #truths = new Map<string, ReadonlyMap<string, readonly number[]>>();
  #writes = 0;

  constructor(targets: readonly string[]) {
    this.disks = new Map(
      targets.map((target) => [target, { blocks: Array<number>(BLOCKS).fill(0), bitmaps: new Map() }]),
    );
  }

  /** The same host once more: what is done to one the other does not see. */
  clone(): Host {
    const copy = new Host([...this.disks.keys()]);
    for (const [target, { blocks, bitmaps }] of this.disks) {
      const disk = copy.#disk(target);
      disk.blocks.splice(0, BLOCKS, ...blocks);
      for (const [name, bitmap] of bitmaps) disk.bitmaps.set(name, bitmap && new Set(bitmap));
    }
    for (const [path, image] of this.images) copy.images.set(path, image);
    for (const [point, manifest] of this.catalog) copy.catalog.set(point, manifest);
    for (const [point, truth] of this.#truths) copy.#truths.set(point, truth);
    copy.isRunning = this.isRunning;
    copy.isFrozen = this.isFrozen;
    copy.checkpoints = [...this.checkpoints];
    copy.pending = [...this.pending];
    copy.job = this.job;
    copy.journal = this.journal;
    copy.folding = this.folding && { ...this.folding, images: new Map(this.folding.images) };
    copy.moved = this.moved;
    copy.#writes = this.#writes;
    return copy;
  }

  /** @returns the number of the write */
  guestWrites(target: string, block: number): number {
    const disk = this.#disk(target);
    this.#writes += 1;
    disk.blocks[block] = this.#writes;
    for (const bitmap of disk.bitmaps.values()) bitmap?.add(block);
    return this.#writes;
  }

  /** A clean end: the bitmaps are in the images, and there again when it starts. */
  stop(): void {
    this.job = undefined;
    this.isFrozen = false;
    this.isRunning = false;
  }

  qemuDies(): void {
    this.job = undefined;
    this.isFrozen = false;
    for (const { bitmaps } of this.disks.values()) for (const name of bitmaps.keys()) bitmaps.set(name, null);
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
    this.#truths.set(point, new Map([...this.disks].map(([target, disk]) => [target, [...disk.blocks]])));
    if (checkpoint === undefined) return;
    this.checkpoints.push(checkpoint.name);
    for (const disk of checkpoint.disks) {
      if (disk.checkpoint === "bitmap") this.#disk(disk.name).bitmaps.set(checkpoint.name, new Set());
    }
  }

  /** A copy of the stopped domain's disk, whole. */
  copyOffline(point: string, target: string, path: string): void {
    const { blocks } = this.#disk(target);
    this.images.set(path, { blocks: new Map(blocks.entries()), backing: null });
    const truth = new Map(this.#truths.get(point) ?? []);
    this.#truths.set(point, truth.set(target, [...blocks]));
  }

  deleteCheckpoint(name: string): void {
    this.checkpoints = this.checkpoints.filter((each) => each !== name);
    for (const { bitmaps } of this.disks.values()) bitmaps.delete(name);
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
          return base !== null && !this.catalog.has(base) ? [`${point} ${target} stands on ${base}`] : [];
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

  #disk(target: string): Disk {
    const disk = this.disks.get(target);
    if (disk === undefined) throw new RefusedByLibvirt(`no disk ${target}`);
    return disk;
  }
}
