import { copyFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HazardScene } from "./hazard-scene.js";
import type { ScriptEnd } from "./played/world.js";

/** Something that may come upon a host, and how a plan must come through it. */
export interface Hazard {
  readonly name: string;
  /** @returns what is wrong, beside restore points that do not read as they must */
  readonly happen: (scene: HazardScene) => Promise<readonly string[]>;
}

function expectStatus(end: ScriptEnd, ...allowed: readonly (number | null)[]): string[] {
  return allowed.includes(end.status)
    ? []
    : [`exit status ${end.status}, not ${allowed.join(" or ")}`, end.output];
}

export const HAZARDS: readonly Hazard[] = [
  {
    name: "two disks change their targets",
    happen: async (on) => {
      await on.goodNights(2);
      on.whileStopped(() => swapSources(on));
      on.write("vda", 2);
      return [...expectStatus(await on.night(), 0), ...(await on.goodNights(2))];
    },
  },
  {
    name: "two disks change their targets, and the plan is compiled again over a capture",
    happen: async (on) => {
      await on.goodNights(2);
      on.whileStopped(() => swapSources(on));
      await on.scene.compile();
      on.write("vda", 2);
      return [...expectStatus(await on.night(), 0), ...(await on.goodNights(2))];
    },
  },
  {
    name: "two files are exchanged behind the domain's XML",
    happen: async (on) => {
      await on.goodNights(2);
      on.whileStopped(() => {
        const [a, b] = [on.source("vda"), on.source("vdb")];
        renameSync(a, `${a}.aside`);
        renameSync(b, a);
        renameSync(`${a}.aside`, b);
      });
      on.write("vda", 2);
      return [...expectStatus(await on.night(), 0), ...(await on.goodNights(2))];
    },
  },
  {
    name: "a disk is made anew from a sibling's file, with a bitmap of the same name in it",
    happen: async (on) => {
      await on.goodNights(2);
      // Into the file that is there: its inode and birth stay.
      on.whileStopped(() => copyFileSync(on.source("vdb"), on.source("vda")));
      on.write("vda", 2);
      return [...expectStatus(await on.night(), 0), ...(await on.goodNights(2))];
    },
  },
  {
    name: "a checkpoint is deleted, and made again under its name",
    happen: async (on) => {
      await on.goodNights(2);
      const last = on.machine.checkpoints.at(-1);
      if (last === undefined) return ["there is no checkpoint"];
      on.write("vda", 4);
      on.machine.deleteCheckpoint(last.name, false);
      on.machine.makeCheckpoint(last.name, (last.creationTime ?? 0) + 5);
      on.write("vda", 1);
      return [...expectStatus(await on.night(), 0), ...(await on.goodNights(2))];
    },
  },
  {
    name: "a checkpoint of the run's name is there, and somebody else's",
    happen: async (on) => {
      await on.goodNights(2);
      const { point } = on.next;
      on.machine.makeCheckpoint(point, 1_700_000_000);
      const end = await on.night();
      const stays = on.machine.checkpoints.some(({ name }) => name === point);
      return [
        ...expectStatus(end, 3),
        ...(stays ? [] : ["the other's checkpoint was deleted"]),
        ...(await on.goodNights(1)),
      ];
    },
  },
  {
    name: "another's job runs when the night begins",
    happen: async (on) => {
      await on.goodNights(1);
      await on.othersJob(1000);
      const before = on.state;
      const end = await on.night();
      const wrong = [
        ...expectStatus(end, 4),
        ...(on.machine.job === undefined ? ["the other's job was ended"] : []),
        ...(on.state === before ? [] : ["something was done"]),
      ];
      on.machine.abort();
      return [...wrong, ...(await on.goodNights(1))];
    },
  },
  {
    name: "the job is aborted, and another's is complete before the run looks",
    happen: async (on) => {
      await on.goodNights(1);
      const { point } = on.next;
      on.write("vda", 1, 3);
      const end = await on.night({
        onBegun: () => {
          on.machine.abort();
          void on.othersJob(0).then(() => on.machine.step());
        },
      });
      return [
        ...(end.status === 0 ? [`exit status 0`, end.output] : []),
        ...(on.points.includes(point) ? [`${point} is a restore point`] : []),
        ...(await on.goodNights(2)),
      ];
    },
  },
  {
    name: "another's reader takes the statistics of the job that is complete",
    happen: async (on) => {
      await on.goodNights(1);
      const end = await on.night({
        onBegun: () => {
          completeJob(on);
          on.machine.ended = undefined;
        },
      });
      return [...expectStatus(end, 0), ...(await on.goodNights(1))];
    },
  },
  {
    name: "another's job begins as the run's ends, and fails",
    happen: async (on) => {
      await on.goodNights(1);
      const end = await on.night({
        onBegun: () => {
          completeJob(on);
          void on.othersJob(1).then(() => on.machine.failJob());
        },
      });
      return [...expectStatus(end, 0), ...(await on.goodNights(1))];
    },
  },
  {
    name: "the job fails",
    happen: async (on) => {
      await on.goodNights(1);
      const before = on.state;
      on.write("vda", 1, 3);
      const end = await on.night({ onBegun: () => on.machine.failJob() });
      return [
        ...expectStatus(end, 1),
        ...(on.state === before ? [] : ["it was not undone"]),
        ...(await on.goodNights(1)),
      ];
    },
  },
  {
    name: "QEMU dies while the job runs",
    happen: async (on) => {
      await on.goodNights(1);
      on.write("vda", 1, 3);
      const end = await on.night({ onBegun: () => on.machine.crash() });
      on.machine.start();
      return [...expectStatus(end, 1), ...(await on.goodNights(2))];
    },
  },
  ...(["cut short", "empty", "without a disk", "of another domain"] as const).map(
    (how): Hazard => ({
      name: `a manifest is ${how}`,
      happen: async (on) => {
        await on.goodNights(3);
        const [first = ""] = on.points;
        damage(on.manifest(first), how);
        const before = on.points;
        const ends = [await on.night(), await on.night()];
        return [
          ...ends.flatMap((end) => expectStatus(end, 0, 3)),
          ...before.filter((point) => !on.points.includes(point)).map((point) => `${point} was deleted`),
        ];
      },
    }),
  ),
  {
    name: "a manifest is laid out anew",
    happen: async (on) => {
      await on.goodNights(2);
      for (const point of on.points) {
        const path = on.manifest(point);
        writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, "utf8")), null, 4));
      }
      const last = on.points.at(-1);
      const { run, ...end } = await on.night();
      const made = existsSync(on.manifest(run.point))
        ? JSON.parse(readFileSync(on.manifest(run.point), "utf8"))
        : {};
      return [
        ...expectStatus(end, 0),
        ...(made.disks?.[0]?.base === last
          ? []
          : [`${run.point} builds on ${made.disks?.[0]?.base}, not on ${last}`]),
        ...(await on.goodNights(2)),
      ];
    },
  },
  {
    name: "a file that the run reads is cut short",
    happen: async (on) => {
      const wrong = await on.goodNights(1);
      on.write("vda", 3);
      for (const path of on.readByRuns) {
        const text = readFileSync(path);
        // A script of which only its interpreter's name is left cannot say so.
        const least = path.endsWith(".sh") ? text.indexOf("\n") : 0;
        // "expect_disk" as "ex", which is an editor.
        const editor = path.endsWith("/domain.bash") ? text.lastIndexOf("\nexpect_disk") + 3 : 0;
        for (const length of [
          ...(editor > 2 ? [editor] : []),
          text.length - 2,
          least + Math.floor((text.length - least) / 2),
          least + 10,
        ]) {
          const before = on.state;
          truncateSync(path, length);
          const where = `${path} cut at ${length} of ${text.length}`;
          const end = await on.scene.night(on.next).catch((error: unknown) => {
            throw new Error(where, { cause: error });
          });
          if (end.status === 0 || end.status === null)
            wrong.push(`${where}: exit status ${end.status}`, end.output);
          if (on.state !== before)
            wrong.push(`${where}: something was done:\n${on.state}\nbefore\n${before}`);
          writeFileSync(path, text);
          if (wrong.length > 0) return wrong;
        }
      }
      return [...wrong, ...(await on.goodNights(2))];
    },
  },
  {
    name: "the plan directory is written over while the run is at work",
    happen: async (on) => {
      const wrong = await on.goodNights(1);
      const texts = new Map(on.scripts.map((path) => [path, readFileSync(path)]));
      const canary = join(on.scene.world.folder, "canary");
      const end = await on.night({
        onBegun: () => {
          const line = `: >'${canary}'; exit 0\n`;
          for (const [path, text] of texts)
            writeFileSync(path, line.repeat(Math.ceil(text.length / line.length) * 2));
        },
      });
      for (const [path, text] of texts) writeFileSync(path, text);
      return [
        ...wrong,
        ...expectStatus(end, 0),
        ...(existsSync(canary) ? ["what was written over it was run"] : []),
        ...(await on.goodNights(1)),
      ];
    },
  },
  ...(["fail", "kill", "term", "term all"] as const).map(
    (how): Hazard => ({
      name: `${how} at each call of a tool after the manifest's renaming`,
      happen: async (on) => {
        const wrong = await on.goodNights(2);
        for (let at = 1; at <= 9 && wrong.length === 0; at += 1) {
          on.write("vda", at % 6);
          const { run, ...end } = await on.night({ instant: { from: "manifest", at, how } });
          const lost = (on.points.includes(run.point) ? [] : [run.point]).map((point) => `${point} is lost`);
          const odd =
            how === "kill"
              ? expectStatus(end, null, 0)
              : how === "fail"
                ? expectStatus(end, 0, 1)
                : expectStatus(end, 143, 0);
          wrong.push(...[...lost, ...odd, ...on.scene.wrong()].map((text) => `at ${at}: ${text}`));
        }
        return [...wrong, ...(await on.goodNights(1))];
      },
    }),
  ),
];

function swapSources(on: HazardScene): void {
  const [a, b] = [on.source("vda"), on.source("vdb")];
  on.machine.disks = on.machine.disks.map((disk) => ({ ...disk, source: disk.target === "vda" ? b : a }));
}

function completeJob(on: HazardScene): void {
  while (on.machine.job !== undefined) on.machine.step();
}

function damage(path: string, how: "cut short" | "empty" | "without a disk" | "of another domain"): void {
  const text = readFileSync(path, "utf8");
  if (how === "cut short") truncateSync(path, text.length >> 1);
  else if (how === "empty") truncateSync(path, 0);
  else if (how === "without a disk") writeFileSync(path, text.replace(/,\n {4}\{"target":"vdb".*/, ""));
  else writeFileSync(path, text.replace(/"uuid": "[^"]*"/, '"uuid": "11111111-2222-4333-8444-555555555555"'));
}
