// @module-tag core

import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { readBackup } from "../../src/libvirt/read-backup.js";
import { readCheckpointDocument } from "../../src/libvirt/read-checkpoint.js";
import { writeBackup, writeCheckpoint } from "../../src/libvirt/write.js";
import { readXml } from "../../src/libvirt/xml.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../../src/plan/documents.js";
import { compile } from "../../src/planner/compile.js";
import { disks, inventoryOf, policy, settingsOf } from "../support/plans.js";
import { installedLibvirt, loadRelaxNg } from "../support/relaxng.js";
import { backup, broken, checkpoint, type Subject, write } from "./documents.js";
import { seedOfToday, tally } from "./tally.js";

/*
 * What we say of a document's form, libvirt's RELAX NG says. Documents are made at random, whole ones and such with a slip in
 * them; what either side accepts and the other refuses is a disagreement.
 */
const RUNS = 2000 * Number(process.env["TIDEMARK_ORACLE_TIMES"] ?? 1);
const SEED = seedOfToday();
const validate = loadRelaxNg();
const LIBVIRT = installedLibvirt();

const subject: Subject = {
  targets: ["vda", "vdb", "sda", "hdc"],
  sources: ["/images/a.qcow2", "/images/b c"],
  checkpoints: ["base", "other"],
  folder: "/backup",
  odd: true,
};

const names = fc.constantFrom("c", undefined, ".c", "a b", "c-1_2.x", "", "é");
const plain = { ...subject, odd: false };
const whole = fc.oneof(
  backup(subject, 10809),
  backup(plain, 10809),
  backup(plain, 10809),
  checkpoint(subject, names),
  checkpoint(plain, fc.constant("c")),
);
const documents = fc.oneof(
  { weight: 1, arbitrary: whole },
  { weight: 1, arbitrary: whole.chain(broken) },
  { weight: 1, arbitrary: whole.chain(broken).chain(broken) },
);

/** The first thing that we refuse about a document; nothing if its form is right. */
function refusal(xml: string): string | undefined {
  const { root, diagnostics } = readXml(Buffer.from(xml), "document");
  if (root === undefined) return diagnostics[0]?.message;
  const read =
    root.name === "domainbackup" ? readBackup(root, LIBVIRT) : readCheckpointDocument(root, LIBVIRT);
  return read.diagnostics[0]?.message;
}

afterAll(() => tally.print());

it("refuses nothing that a policy compiles to", () => {
  fc.assert(
    fc.property(policy, disks, fc.constantFrom("push", "pull"), (written, own, mode) => {
      const { plan } = compile(
        {
          ...written,
          defaults: settingsOf({
            mode: mode as "push" | "pull",
            scratch: "/scratch",
            server: { transport: "unix", socket: "/run/nbd" },
          }),
        },
        inventoryOf(own),
        { from: "2026-12-01T00:00:00Z", until: "2026-12-08T00:00:00Z" },
      );
      for (const domain of plan?.domains ?? []) {
        for (const run of domain.runs) {
          const checkpoint = checkpointDocument(domain, run);
          const texts = [
            writeBackup(backupDocument(domain, run)),
            writeBackup(fallbackDocument(domain, run)),
            ...(checkpoint ? [writeCheckpoint(checkpoint)] : []),
          ];
          for (const xml of texts) {
            tally.schema += 1;
            const said = [refusal(xml), validate(xml)];
            if (said.some((each) => each !== undefined)) tally.disagreements += 1;
            expect(said, xml).toEqual([undefined, undefined]);
          }
        }
      }
    }),
    { numRuns: RUNS / 20, seed: SEED },
  );
});

it(`agrees with the schema of libvirt ${LIBVIRT} on ${RUNS} documents (seed ${SEED})`, () => {
  let accepted = 0;
  const disagreements: string[] = [];
  fc.assert(
    fc.property(documents, (node) => {
      const xml = write(node);
      const ours = refusal(xml);
      const theirs = validate(xml);
      tally.schema += 1;
      if (theirs === undefined) accepted += 1;
      if ((ours === undefined) === (theirs === undefined)) return;
      tally.disagreements += 1;
      disagreements.push(`${xml}\n  we: ${ours ?? "accept"}\n  libvirt: ${theirs ?? "accepts"}`);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(disagreements.slice(0, 10).join("\n\n")).toBe("");
  // A generator that only makes nonsense would agree as well.
  expect(accepted / RUNS).toBeGreaterThan(0.15);
  expect(accepted / RUNS).toBeLessThan(0.85);
});
