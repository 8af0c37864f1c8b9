// @module-tag core

import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type Broken, checkCall, type Documents } from "../../src/libvirt/check-call.js";
import { readBackup } from "../../src/libvirt/read-backup.js";
import { readCheckpointDocument } from "../../src/libvirt/read-checkpoint.js";
import { readXml } from "../../src/libvirt/xml.js";
import { sh } from "../live/guest.js";
import { installedLibvirt } from "../support/relaxng.js";
import { backup, checkpoint, type Subject, type Tree, write } from "./documents.js";
import { CHANGES, type Running, SECRET, SHAPES, startShape, targetsOf, UNTIMED } from "./domains.js";
import { seedOfToday, tally } from "./tally.js";

/*
 * What the rules say of a call, a running libvirt says. Each document made here is handed to `backup-begin` or
 * `checkpoint-create` of a running domain of the shape that it was made for, and undone again.
 */
const RUNS = Math.ceil(
  (300 * Number(process.env["TIDEMARK_ORACLE_TIMES"] ?? 1)) / Object.keys(SHAPES).length,
);
const SEED = seedOfToday();
const LIBVIRT = installedLibvirt();

afterAll(() => tally.print());

interface Call {
  readonly backup?: Tree;
  readonly checkpoint?: Tree;
  readonly redefine: boolean;
}

function calls(subject: Subject, port: number): fc.Arbitrary<Call> {
  const named = checkpoint(subject, fc.constantFrom("new", "new", "new", "new", "base"));
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ backup: backup(subject, port), redefine: fc.constant(false) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        backup: backup(subject, port),
        checkpoint: named,
        redefine: fc.constant(false),
      }),
    },
    { weight: 3, arbitrary: fc.record({ checkpoint: named, redefine: fc.constant(false) }) },
    { weight: 1, arbitrary: fc.record({ checkpoint: redefined(subject), redefine: fc.constant(true) }) },
  );
}

/** A checkpoint with what a dump has. */
function redefined(subject: Subject): fc.Arbitrary<Tree> {
  const leaf = (name: string, text: string): Tree => ({ name, attributes: [], children: [], text });
  return fc
    .tuple(
      checkpoint(subject, fc.constantFrom("again", "again", "again", undefined)),
      fc.option(fc.constant(leaf("creationTime", "1795486811")), { freq: 6 }),
      fc.option(fc.constantFrom("base", "part", "again", "nope"), { freq: 2 }),
    )
    .map(([document, time, parent]) => ({
      ...document,
      children: [
        ...document.children,
        ...(time === null ? [] : [time]),
        ...(parent === null
          ? []
          : [{ name: "parent", attributes: [], children: [leaf("name", parent)] } satisfies Tree]),
      ],
    }));
}

const node = (
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Tree[]
): Tree => ({ name, attributes: Object.entries(attributes), children: [...children] });

/** A full of both disks, each into an encrypted image of a format. */
function encrypted(folder: string, type: string): Call {
  const secret = node("secret", { type: "passphrase", uuid: SECRET.uuid });
  const disks = ["vda", "vdb"].map((name) =>
    node(
      "disk",
      { name, type: "file" },
      node("driver", { type }),
      node("target", { file: `${folder}/${name}.${type}` }, node("encryption", { format: "luks" }, secret)),
    ),
  );
  return { backup: node("domainbackup", {}, node("disks", {}, ...disks)), redefine: false };
}

/** Calls on which we and libvirt differed once, or which chance makes too seldom, by shape. */
const FIXED: Readonly<Record<string, (folder: string) => readonly Call[]>> = {
  // libvirt generates no file name beside a block device, whatever the checkpoint is named.
  stores: () => [
    {
      backup: node("domainbackup"),
      checkpoint: node(
        "domaincheckpoint",
        {},
        { ...node("name"), text: "new" },
        node("disks", {}, node("disk", { name: "vda" })),
      ),
      redefine: false,
    },
  ],
  encrypted: (folder) => ["qcow2", "raw", "vmdk", "qed"].map((type) => encrypted(folder, type)),
};

/** What we refuse about a call; what only we refuse is apart. */
function ours(
  { backup: b, checkpoint: c, redefine }: Call,
  running: Running,
): { refused: string[]; onPurpose: string[] } {
  const root = (tree: Tree) => {
    const { root: read } = readXml(Buffer.from(write(tree)), "document");
    if (read === undefined) throw new Error("a document that was made is not well-formed");
    return read;
  };
  const readB = b && readBackup(root(b), LIBVIRT);
  const readC = c && readCheckpointDocument(root(c), LIBVIRT);
  const form = [...(readB?.diagnostics ?? []), ...(readC?.diagnostics ?? [])].map(({ message }) => message);
  if (form.length > 0) return { refused: form, onPurpose: [] };
  const documents: Documents = {
    ...(readB?.backup && { backup: readB.backup }),
    ...(readC?.checkpoint && { checkpoint: readC.checkpoint }),
    ...(redefine && { redefine }),
    libvirt: LIBVIRT,
  };
  const errors = checkCall(documents, running.domain, running.checkpoints).filter(
    ({ severity }) => severity === undefined,
  );
  const isOurs = ({ rule, ours }: Broken) => rule.ours !== undefined || ours === true;
  const say = ({ rule, message }: Broken) => `${rule.code} ${message}`;
  return {
    refused: errors.filter((each) => !isOurs(each)).map(say),
    onPurpose: errors.filter(isOurs).map(say),
  };
}

/** What libvirt says; whatever it began is ended and removed. */
function theirs({ backup: b, checkpoint: c, redefine }: Call, running: Running): string | undefined {
  const file = (name: string, tree: Tree) => {
    const path = join(running.folder, name);
    writeFileSync(path, write(tree));
    return path;
  };
  const checkpointFile = c && file("checkpoint.xml", c);
  const ask = () =>
    b === undefined
      ? running.refused(
          "checkpoint-create",
          "--xmlfile",
          checkpointFile ?? "",
          ...(redefine ? ["--redefine"] : []),
        )
      : running.refused(
          "backup-begin",
          "--backupxml",
          file("backup.xml", b),
          ...(checkpointFile ? ["--checkpointxml", checkpointFile] : []),
        );
  let said = ask();
  for (let tries = 0; said?.includes(UNTIMED) && tries < 9; tries += 1) said = ask();
  if (said === undefined && b !== undefined) endJob(running);
  for (const name of new Set(["new", "again"])) {
    if (said !== undefined) break;
    running.refused("checkpoint-delete", "--checkpointname", name, ...(redefine ? ["--metadata"] : []));
  }
  const out = join(running.folder, "out");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  // What libvirt made up a name for lies beside the disk.
  for (const name of readdirSync(running.folder))
    if (/\.(?:new|\d{10})$/.test(name)) rmSync(join(running.folder, name));
  return said;
}

function endJob(running: Running): void {
  running.refused("domjobabort");
  for (let tries = 0; tries < 100; tries += 1) {
    const info = sh("virsh", ["-c", "qemu:///system", "domjobinfo", "--domain", running.name], {
      status: "any",
    }).stdout;
    if (/^Job type: +None/m.test(info)) return;
    sh("sleep", ["0.05"]);
  }
  throw new Error("a backup does not end");
}

/** Names that a checkpoint would get from the clock cannot be undone by name, so that they are asked about without being made. */
describe.each(Object.keys(SHAPES))("a domain of the shape %s", (shape) => {
  it(`meets no document on which we and libvirt differ (seed ${SEED})`, () => {
    const running = startShape(shape);
    try {
      const subject: Subject = {
        targets: targetsOf(shape),
        sources: running.domain.disks.flatMap(({ source }) => (source?.startsWith("/") ? source : [])),
        checkpoints: running.checkpoints.map(({ name }) => name),
        folder: join(running.folder, "out"),
        odd: false,
        ...(shape === "encrypted" && { secret: SECRET }),
      };
      const made = fc.sample(calls(subject, 10900 + Object.keys(SHAPES).indexOf(shape)), {
        numRuns: RUNS,
        seed: SEED,
      });
      const disagreements: string[] = [];
      let accepted = 0;
      const all = [...(FIXED[shape]?.(subject.folder) ?? []), ...made];
      const changes = [...(CHANGES[shape] ?? [])];
      const stages = changes.length + 1;
      for (const [index, call] of all.entries()) {
        if (index >= (all.length * (stages - changes.length)) / stages) running.plug(changes.shift() ?? "");
        const we = ours(call, running);
        const they = theirs(call, running);
        tally.daemon += 1;
        if (they === undefined) accepted += 1;
        const agree =
          we.refused.length > 0 ? they !== undefined : they === undefined || we.onPurpose.length > 0;
        if (agree) continue;
        tally.disagreements += 1;
        const documents = [call.backup, call.checkpoint]
          .flatMap((tree) => (tree === undefined ? [] : write(tree)))
          .join("\n");
        disagreements.push(
          `${call.redefine ? "redefine " : ""}${documents}\n  we: ${we.refused.join("; ") || "accept"}\n  libvirt: ${they ?? "accepts"}`,
        );
      }
      expect(disagreements.join("\n\n")).toBe("");
      // Of both there must be enough to tell.
      expect(accepted).toBeGreaterThan(RUNS / 25);
      expect(RUNS - accepted).toBeGreaterThan(RUNS / 25);
    } finally {
      running.remove();
    }
  });
});
