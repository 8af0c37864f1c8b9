import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Backup, BackupDiskYes } from "../../../src/libvirt/backup.js";
import { type Drive, Target } from "./drive.js";
import { createImage, Qcow2 } from "./qcow2.js";

/** How a job ended, as `domjobinfo --completed` and the event tell it. */
export interface Ended {
  /** 3: completed, 4: failed, 5: cancelled (libvirt-domain.h). */
  readonly type: 3 | 4 | 5;
  readonly bytes: number;
  readonly pull: boolean;
  readonly errmsg?: string;
}

/** A disk's part of a backup job. */
export interface Part {
  readonly disk: BackupDiskYes;
  readonly drive: Drive;
  /** What it reads, as it was when the job began. */
  readonly clusters: ReadonlyMap<number, Buffer>;
}

/** A backup job that runs. */
export interface Job {
  readonly backup: Backup;
  /** Moves it on by a share; true when it is complete. */
  readonly step: () => boolean;
  readonly end: (how: "completed" | "cancelled" | "failed") => Ended;
}

/** Writes in steps, so that a job that is cut short leaves an image that is cut short. */
export function pushJob(backup: Backup, parts: readonly Part[], steps: number): Job {
  const targets = parts.map(({ disk }) => new Target(disk.store?.path ?? "", disk.driver ?? "qcow2"));
  const writes = parts.flatMap(({ clusters }, index) =>
    [...clusters].map(([cluster, bytes]) => ({ target: targets[index] as Target, cluster, bytes })),
  );
  const share = Math.ceil(writes.length / (steps + 1));
  let done = 0;
  let taken = 0;
  const write = (until: number) => {
    for (; done < Math.min(until, writes.length); done += 1) {
      const each = writes[done];
      each?.target.write(each.cluster, each.bytes);
    }
  };
  return {
    backup,
    step: () => {
      taken += 1;
      write(taken > steps ? writes.length : share * taken);
      return taken > steps;
    },
    end: (how) => {
      if (how === "completed") write(writes.length);
      for (const target of targets) target.close();
      const bytes = parts.reduce((sum, { drive }) => sum + drive.size, 0);
      if (how === "completed") return { type: 3, bytes, pull: false };
      return how === "cancelled"
        ? { type: 5, bytes, pull: false, errmsg: "Operation canceled" }
        : { type: 4, bytes, pull: false, errmsg: "No space left on device" };
    },
  };
}

/** Serves the disks as they were by the real NBD server, until the job is aborted. */
export async function pullJob(backup: Backup, parts: readonly Part[]): Promise<Job> {
  const { server } = backup;
  if (server?.transport !== "unix") throw new Error("only Unix sockets are served here");
  const scratch = parts.map(({ disk }) => disk.store?.path ?? "");
  const folder = mkdtempSync(join(dirname(scratch[0] ?? ""), ".served-"));
  const options = ["--nbd-server", `addr.type=unix,addr.path=${server.socket}`];
  for (const [index, { disk, drive, clusters }] of parts.entries()) {
    const path = join(folder, disk.name);
    createImage(path, "qcow2", drive.size);
    const image = new Qcow2(path, "r+");
    for (let cluster = 0; cluster < drive.clusters; cluster += 1)
      image.write(cluster, clusters.get(cluster) ?? drive.read(cluster));
    const bitmap = disk.exportbitmap ?? `backup-${disk.name}`;
    const isIncremental = disk.backupmode === "incremental";
    if (isIncremental) image.storeBitmaps([{ name: bitmap, inUse: false, dirty: [...clusters.keys()] }]);
    image.close();
    const node = `n${index}`;
    options.push("--blockdev", `driver=file,node-name=f${index},filename=${path},read-only=on`);
    options.push("--blockdev", `driver=qcow2,node-name=${node},file=f${index},read-only=on`);
    const bitmaps = isIncremental ? `,bitmaps.0=${bitmap}` : "";
    options.push(
      "--export",
      `type=nbd,id=e${index},node-name=${node},name=${disk.exportname ?? disk.name}${bitmaps}`,
    );
  }
  const daemon = serve(options);
  for (
    let patience = 500;
    !existsSync(server.socket) && daemon.exitCode === null && patience > 0;
    patience -= 1
  )
    await setTimeout(4);
  if (!existsSync(server.socket)) throw new Error("the NBD server did not start");
  return {
    backup,
    step: () => false,
    end: (how) => {
      daemon.kill("SIGKILL");
      SERVERS.delete(daemon);
      // With --reuse-external the scratch files stay.
      for (const path of [server.socket, folder]) rmSync(path, { recursive: true, force: true });
      const bytes = parts.reduce((sum, { drive }) => sum + drive.size, 0);
      return how === "failed"
        ? { type: 4, bytes, pull: true, errmsg: "No space left on device" }
        : { type: 3, bytes, pull: true, errmsg: "Operation canceled" };
    },
  };
}

const SERVERS = new Set<ChildProcess>();
process.once("exit", () => {
  for (const server of SERVERS) server.kill("SIGKILL");
});

function serve(options: readonly string[]): ChildProcess {
  const daemon = spawn("qemu-storage-daemon", options, { stdio: "ignore" });
  SERVERS.add(daemon);
  return daemon;
}
