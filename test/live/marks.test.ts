import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { checkpointsOf, type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/* The file system of a repository is not mounted, or another one is, in the night of a run. */
const NAME = "tmlive-marks";
const DISKS = [{ target: "vda", format: "qcow2", size: "4M" }] as const;

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

function begin(): { host: Guest; nights: Nights } {
  const host = startGuest(NAME, DISKS);
  guest = host;
  const nights = underPolicy(host, { schedule: '[{ level: incremental, at: "0 1 * * *" }]' });
  nights.compile();
  nights.run();
  return { host, nights };
}

/** What a folder looks like while the file system that belongs there is not mounted. */
function unmounted(folder: string, look: () => void): void {
  renameSync(folder, `${folder}.kept`);
  mkdirSync(folder);
  try {
    look();
    expect(readdirSync(folder), "nothing was written below the mount point").toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
    renameSync(`${folder}.kept`, folder);
  }
}

it("a repository that is not mounted is refused, and the run after it goes on", () => {
  const { host, nights } = begin();
  const checkpoints = checkpointsOf(host);
  unmounted(nights.repository, () => {
    const { output } = nights.run({ status: 3 });
    expect(output).toMatch(
      /the repository is not the folder that the runs of this host have written to: mount its file system/,
    );
    const due = sh("bash", [join(host.folder, "plan/run-due.sh"), "--list", "--at", "2026-12-09"], {
      status: 3,
    });
    expect(due.stderr).toMatch(/mount its file system/);
  });
  expect(checkpointsOf(host)).toEqual(checkpoints);
  expect(nights.run().output).toMatch(/reading changes since nightly-20261206T010000Z/);
  expect(nights.compareAll()).toBe(2);
});

it("a domain that has no restore point yet is not begun in a repository that is not mounted", () => {
  const { host, nights } = begin();
  unmounted(nights.repository, () => {
    // Its own mark is not kept yet.
    sh("bash", ["-c", 'grep -lxF -- "$1" "$STATE_DIRECTORY"/*.mark | xargs rm --', "-", nights.folder]);
    expect(nights.run({ status: 3 }).output).toMatch(/mount its file system/);
  });
  expect(pointsOf(nights.folder)).toHaveLength(1);
  expect(host.virsh("checkpoint-list", "--name").trim().split("\n")).toHaveLength(1);
});

it("another file system at the place of the repository is refused", () => {
  const { nights } = begin();
  const kept = `${nights.repository}.kept`;
  sh("cp", ["-a", nights.repository, kept]);
  for (const folder of [nights.repository, nights.folder])
    sh("bash", ["-c", 'cat /proc/sys/kernel/random/uuid >"$1"', "-", join(folder, ".tidemark/mark")]);
  expect(nights.run({ status: 3 }).output).toMatch(/mount its file system/);
  rmSync(nights.repository, { recursive: true });
  // A repository that was copied whole, as to a larger disk, has its marks.
  renameSync(kept, nights.repository);
  nights.run();
  expect(nights.compareAll()).toBe(2);
});

it("a domain's folder that is a link to a disk that is not mounted is refused", () => {
  const { host, nights } = begin();
  const disk = join(host.folder, "another disk");
  renameSync(nights.folder, disk);
  symlinkSync(disk, nights.folder);
  nights.run();
  unmounted(disk, () => expect(nights.run({ status: 3 }).output).toMatch(/mount its file system/));
  nights.run();
  expect(nights.compareAll()).toBe(3);
});

it("a repository that is begun anew is taken once the host has forgotten the old one", () => {
  const { nights } = begin();
  rmSync(nights.repository, { recursive: true });
  let output = nights.run({ status: 3 }).output;
  for (let file = forget(output); file !== undefined; file = forget(output)) {
    expect(readFileSync(file, "utf8")).toContain("the repository");
    rmSync(file);
    output = nights.run({ status: "any" }).output;
  }
  expect(output).toMatch(/Z +done: /);
  // The checkpoint of the lost one stays where it is.
  expect(nights.compareRestored()).toHaveLength(1);
});

/** The file that a refusal says to remove. */
function forget(output: string): string | undefined {
  return /remove (\/\S+\.mark)$/m.exec(output)?.[1];
}
