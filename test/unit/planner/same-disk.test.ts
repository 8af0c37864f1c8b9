import { expect, it } from "vitest";
import type { FileEvidence } from "../../../src/inventory/evidence.js";
import type { DomainFacts } from "../../../src/inventory/inventory.js";
import type { Manifest, ManifestSource } from "../../../src/inventory/manifest.js";
import type { DomainDisk } from "../../../src/libvirt/domain.js";
import type { Plan } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import { diskOf, inventoryOf, pastOf, policyOf } from "../../support/plans.js";

const PROCESS = { boot: "00000000-0000-4000-8000-00000000000b", pid: 7, start: 77 };
const FIRST = { from: "2026-12-01T00:00:00Z", until: "2026-12-02T00:00:00Z" };
const SECOND = { from: "2026-12-02T00:00:00Z", until: "2026-12-03T00:00:00Z" };

const file = (inode: string, more: Partial<FileEvidence> = {}): FileEvidence => ({
  device: "1",
  inode,
  birth: 100,
  ...more,
});

interface Now {
  /** What is other of the domain's disk vda. */
  readonly vda?: Partial<DomainDisk>;
  readonly vdb?: Partial<DomainDisk>;
  /** What was other of it then. */
  readonly was?: Partial<ManifestSource>;
  readonly files?: Readonly<Record<string, FileEvidence>>;
  readonly process?: typeof PROCESS | null;
  readonly checkpoint?: number;
}

/** The level that vda has in the run after a full of vda and vdb, and what was said. */
function next(now: Now): { level: string | undefined; vdb: string | undefined; codes: string[] } {
  const policy = policyOf();
  const disks = [diskOf("vda", "qcow2"), diskOf("vdb", "qcow2")];
  const [planned] = (compile(policy, inventoryOf(disks), FIRST).plan as Plan).domains;
  if (planned === undefined) throw new Error("nothing was planned");
  const past = pastOf(planned);
  const catalog = past.catalog.map(
    (manifest): Manifest => ({
      ...manifest,
      process: PROCESS,
      disks: manifest.disks.map((disk) => ({
        ...disk,
        source: {
          ...disk.source,
          ...file(disk.target === "vda" ? "10" : "20"),
          ...(disk.target === "vda" && now.was),
        },
      })),
    }),
  );
  const checkpoints = past.checkpoints.map((checkpoint) => ({
    ...checkpoint,
    creationTime: now.checkpoint ?? catalog[0]?.checkpoint?.creationTime ?? 0,
  }));
  const inventory = inventoryOf(
    disks.map((disk) => ({ ...disk, ...(disk.target === "vda" ? now.vda : now.vdb) })),
    { catalog, checkpoints },
  );
  const [facts] = inventory.domains as [DomainFacts];
  const evidence = {
    formatVersion: "1.0",
    process: now.process === undefined ? null : now.process,
    files: now.files ?? { vda: file("10"), vdb: file("20") },
  } as const;
  const { plan, diagnostics } = compile(policy, { ...inventory, domains: [{ ...facts, evidence }] }, SECOND);
  const [run] = plan?.domains[0]?.runs ?? [];
  const levelOf = (target: string) => run?.disks.find((disk) => disk.target === target)?.level;
  return {
    level: levelOf("vda"),
    vdb: levelOf("vdb"),
    codes: diagnostics.flatMap(({ code }) => (code === "TM320" ? code : [])),
  };
}

const MOVED: Partial<DomainDisk> = { source: "/images/other" };

it.each<readonly [string, Now]>([
  ["nothing has changed", {}],
  ["nobody has looked at its file", { files: {} }],
  ["its file was renamed", { vda: MOVED }],
  ["its file system was mounted again", { files: { vda: file("10", { device: "2" }), vdb: file("20") } }],
  [
    "a snapshot put an image on it",
    {
      vda: { ...MOVED, backingChain: [{ format: "qcow2", source: "/images/vda" }] },
      files: { vda: file("11") },
    },
  ],
  [
    "it was committed into what it built on",
    { vda: MOVED, was: { backing: ["/images/other"] }, files: { vda: file("11") } },
  ],
  [
    "libvirt copied it elsewhere while QEMU ran on",
    { vda: MOVED, process: PROCESS, files: { vda: file("11") } },
  ],
  ["the checkpoint's time is the recorded one", { checkpoint: Date.parse("2026-12-01T00:00:00Z") / 1000 }],
])("a disk is the one that was backed up where %s", (_, now) => {
  expect(next(now)).toEqual({ level: "incremental", vdb: "incremental", codes: [] });
});

it.each<readonly [string, Now]>([
  ["it has another source", { vda: MOVED, files: {} }],
  ["it has another source and file", { vda: MOVED, files: { vda: file("11") } }],
  ["its file was exchanged", { files: { vda: file("11"), vdb: file("20") } }],
  ["its file was exchanged while QEMU ran on", { files: { vda: file("11") }, process: PROCESS }],
  ["another file has got its inode", { files: { vda: file("10", { birth: 200 }) } }],
  [
    "another file has got its inode on another device",
    { was: { birth: null }, files: { vda: file("10", { device: "2", birth: null }) } },
  ],
  ["another QEMU runs", { vda: MOVED, files: { vda: file("11") }, process: { ...PROCESS, start: 78 } }],
  ["its file is the other disk's", { files: { vda: file("20") } }],
])("a full is taken where %s", (_, now) => {
  expect(next(now)).toEqual({ level: "full", vdb: "incremental", codes: ["TM320"] });
});

it("two disks that change places are each a full, also while QEMU runs on", () => {
  const swapped = { vda: { source: "/images/vdb" }, vdb: { source: "/images/vda" } };
  for (const files of [{}, { vda: file("20"), vdb: file("10") }])
    for (const process of [null, PROCESS])
      expect(next({ ...swapped, files, process })).toEqual({
        level: "full",
        vdb: "full",
        codes: ["TM320", "TM320"],
      });
});

it("a checkpoint of another time is no base", () => {
  expect(next({ checkpoint: 1 })).toEqual({ level: "full", vdb: "full", codes: ["TM320", "TM320"] });
});
