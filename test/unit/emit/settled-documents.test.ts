import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeBackup } from "../../../src/libvirt/write.js";
import { fallbackDocument } from "../../../src/plan/documents.js";
import { compactSlot } from "../../../src/plan/files.js";
import type { Plan } from "../../../src/plan/plan.js";
import { ROOT } from "../../support/tidemark.js";

/*
 * What a run gives to libvirt: the planned document, or what it makes of it, but never one that does not say what was settled.
 */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-settled-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Prepares the documents of a run as `begin_backup` does. */
function prepare(
  folder: string,
  plan: string,
  slot: string,
  lines: readonly string[] = [],
): { status: number | null; stderr: string; backup: string; checkpoint: string } {
  const [backup, checkpoint] = [join(scratch, "backup.xml"), join(scratch, "checkpoint.xml")];
  for (const path of [backup, checkpoint]) rmSync(path, { force: true });
  const script = `set -euo pipefail
source templates/lib/guard.bash off
source templates/lib/run.bash
source "$1/plan.bash"
source "$2/domain.bash"
read_runs "$2" "$3"
for target in "\${EXPECTED[@]}"; do ATTACHED+=("$target") ATTACHED_TYPE[$target]=file; done
${lines.join("\n")}
prepare_documents "$4" "$5"`;
  const done = spawnSync("bash", ["-c", script, "-", plan, folder, slot, backup, checkpoint], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const read = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
  return { status: done.status, stderr: done.stderr, backup: read(backup), checkpoint: read(checkpoint) };
}

/** What `take_fallback` settles. */
const FULL = [
  "RUN[fallback]=yes",
  `for target in "\${!BASE[@]}"; do LEVEL[$target]=full BASE[$target]=""; done`,
];

function* plans(): Generator<{ title: string; folder: string; plan: Plan }> {
  for (const above of ["golden", "plans"]) {
    for (const name of readdirSync(join(ROOT, above))) {
      const folder = join(ROOT, above, name, above === "golden" ? "expected" : "plan");
      if (!existsSync(join(folder, "plan.json"))) continue;
      const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as Plan;
      yield { title: name, folder, plan };
    }
  }
}

/** Of each plan the first run that reads changes, or else its first. */
const samples = [...plans()].flatMap(({ title, folder, plan }) =>
  plan.domains.slice(0, 2).flatMap((domain) => {
    const run = domain.runs.find(({ level }) => level !== "full") ?? domain.runs[0];
    return run === undefined ? [] : [{ title, folder, domain, run }];
  }),
);

it.each(samples)(
  "$title: the planned documents are given as they are, and as a full where the base is gone",
  (sample) => {
    const { folder, domain, run } = sample;
    const [place, slot] = [join(folder, domain.directory), compactSlot(run)];
    const planned = prepare(place, folder, slot);
    expect(planned).toMatchObject({ status: 0, stderr: "" });
    expect(planned.backup).toBe(readFileSync(join(place, `${slot}.backup.xml`), "utf8"));
    if (run.checkpoint)
      expect(planned.checkpoint).toBe(readFileSync(join(place, `${slot}.checkpoint.xml`), "utf8"));
    const full = prepare(place, folder, slot, FULL);
    expect(full).toMatchObject({ status: 0, stderr: "" });
    expect(full.backup).toBe(writeBackup(fallbackDocument(domain, run)));
  },
);

describe("of web-1's Monday", () => {
  const [plan, slot] = [join(ROOT, "plans/nightly/plan"), "20261207T010000Z"];
  const folder = join(scratch, "web-1");
  const before = "nightly-20261206T010000Z";
  const changed = (kind: "backup" | "checkpoint", change: (text: string) => string) => {
    spawnSync("cp", ["-r", join(plan, "web-1"), scratch]);
    const path = join(folder, `${slot}.${kind}.xml`);
    const text = readFileSync(path, "utf8");
    const after = change(text);
    expect(after).not.toBe(text);
    writeFileSync(path, after);
  };

  it.each<[string, "backup" | "checkpoint", (text: string) => string]>([
    ["attributes in double quotes", "backup", (text) => text.replaceAll("'", '"')],
    ["all on one line", "backup", (text) => text.replaceAll(/\n */g, "")],
    [
      "attributes in another order",
      "backup",
      (text) => text.replace(/<disk name='vda' backup='yes' (.*)>/, "<disk $1 backup='yes' name='vda'>"),
    ],
  ])(
    "another base is settled in a document laid out otherwise, or the run is refused: %s",
    (_, kind, change) => {
      changed(kind, change);
      const settled = "nightly-20261205T010000Z";
      const done = prepare(folder, plan, slot, [`BASE[vda]=${settled} BASE[vdb]=${settled}`]);
      if (done.status === 0) expect(done.backup).not.toContain(before);
      else
        expect(done).toMatchObject({
          status: 3,
          stderr: expect.stringContaining("has, but the table has not"),
        });
    },
  );

  it.each<[string, "backup" | "checkpoint", (text: string) => string]>([
    [
      "a full in place of changes",
      "backup",
      (text) => text.replace("backupmode='incremental'", "backupmode='full'"),
    ],
    [
      "a disk that is left out",
      "backup",
      (text) => text.replace(/ {4}<disk name='vdb'[\s\S]*?<\/disk>\n/, ""),
    ],
    [
      "a disk that is not backed up",
      "backup",
      (text) => text.replace(/<disk name='vdb'[\s\S]*?<\/disk>/, "<disk name='vdb' backup='no'/>"),
    ],
    ["another place", "backup", (text) => text.replace("vda.qcow2", "vdb.qcow2")],
    ["another format", "backup", (text) => text.replace("<driver type='qcow2'/>", "<driver type='raw'/>")],
    [
      "another kind of place",
      "backup",
      (text) => text.replace("type='file'", "type='block'").replace("<target file=", "<target dev="),
    ],
    ["another mode", "backup", (text) => text.replace("mode='push'", "mode='pull'")],
    [
      "a server",
      "backup",
      (text) => text.replace("  <disks>", "  <server transport='unix' socket='/run/x'/>\n  <disks>"),
    ],
    ["a document that has no end", "backup", (text) => text.replace("</domainbackup>", "")],
    ["nothing", "backup", () => ""],
    ["a comment", "backup", (text) => text.replace("  <disks>", "  <!-- <disks/> -->\n  <disks>")],
    [
      "an element that no plan has",
      "backup",
      (text) => text.replace("<driver type='qcow2'/>", "<driver type='qcow2'/><more/>"),
    ],
    [
      "a checkpoint of another name",
      "checkpoint",
      (text) => text.replace(`<name>nightly-${slot}`, `<name>nightly-${slot}x`),
    ],
    [
      "another bitmap",
      "checkpoint",
      (text) => text.replace(`bitmap='nightly-${slot}'`, `bitmap='${before}'`),
    ],
    [
      "a disk without a bitmap",
      "checkpoint",
      (text) => text.replace(/name='vdb' checkpoint='bitmap' bitmap='[^']*'/, "name='vdb' checkpoint='no'"),
    ],
    [
      "a parent",
      "checkpoint",
      (text) => text.replace("  <disks>", "  <parent><name>x</name></parent>\n  <disks>"),
    ],
  ])("a document that says something else is refused: %s", (_, kind, change) => {
    changed(kind, change);
    const done = prepare(folder, plan, slot);
    expect(done, done.stderr).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`${slot}.${kind}.xml`),
    });
    expect(done.stderr).toMatch(/copy the whole plan here again/);
  });

  it("the base is the table's, whatever the document has", () => {
    changed("backup", (text) => text.replaceAll(before, "nightly-20261205T010000Z"));
    const done = prepare(folder, plan, slot);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    expect(done.backup).toBe(readFileSync(join(plan, `web-1/${slot}.backup.xml`), "utf8"));
  });

  it("a document that is not there is refused", () => {
    for (const kind of ["backup", "checkpoint"]) {
      changed("backup", (text) => `${text}\n`);
      rmSync(join(folder, `${slot}.${kind}.xml`));
      expect(prepare(folder, plan, slot)).toMatchObject({
        status: 3,
        stderr: expect.stringContaining("is not there"),
      });
    }
  });

  it.each([
    ["full", FULL],
    ["incremental", []],
  ] as const)("a disk that is gone is in neither document: %s", (level, more) => {
    const gone = ["unset 'ATTACHED_TYPE[vdb]'", "ATTACHED=(vda sda)", ...more, "DISKS=(vda)"];
    const done = prepare(join(plan, "web-1"), plan, slot, gone);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    expect(done.backup + done.checkpoint).not.toContain("vdb");
    expect(done.backup).toContain(`<disk name='vda' backup='yes' type='file' backupmode='${level}'`);
  });
});
