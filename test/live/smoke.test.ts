// @module-tag core

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { captureInventory, checkpointsOf, type Guest, sh, startGuest, tidemark } from "./guest.js";

const TIDEMARK = fileURLToPath(new URL("../../dist/bin/tidemark.js", import.meta.url));

let guest: Guest | undefined;
afterEach(() => guest?.remove());

const DISKS = [
  { target: "vda", format: "qcow2", size: "8M" },
  { target: "vdb", format: "qcow2", size: "8M" },
  { target: "vdc", format: "raw", size: "4M" },
] as const;

function prepare(name: string, settings: string): Guest {
  const made = startGuest(name, DISKS);
  guest = made;
  captureInventory(made, join(made.folder, "repository"));
  writeFileSync(
    join(made.folder, "policy.yaml"),
    `version: 1
name: nightly
repository: "${made.folder}/repository"
horizon: { from: 2026-12-06, for: 1w }
schedule:
  - { level: full, at: "0 1 * * sun" }
  - { level: incremental, at: "0 1 * * mon-sat" }
retention: { keepLast: 3 }
defaults: ${settings}
domains:
  ${name}:
    description: it's "the" <front> & more
    disks: { vdc: { checkpoint: false } }
`,
  );
  return made;
}

/** Pipes the two compiled documents to virsh, as the README shows it. */
function begin(made: Guest, slot: string): void {
  mkdirSync(join(made.folder, "repository", made.name, pointAt(slot)), { recursive: true });
  const xml = (kind: string) =>
    `<(node '${TIDEMARK}' xml policy.yaml --domain ${made.name} --slot ${slot} ${kind})`;
  sh(
    "bash",
    ["-c", `virsh -c qemu:///system backup-begin ${made.name} ${xml("backup")} ${xml("checkpoint")}`],
    {
      cwd: made.folder,
    },
  );
}

const pointAt = (slot: string) => `nightly-${slot.replaceAll("-", "")}T010000Z`;

function compiled(made: Guest, slot: string, kind: string): string {
  return tidemark(made.folder, "xml", "policy.yaml", "--domain", made.name, "--slot", slot, kind);
}

/** Without what only libvirt knows: the time, the parent, QEMU's node index. */
function comparable(xml: string): string {
  return xml
    .replace(/\s*<creationTime>.*<\/creationTime>/, "")
    .replace(/\s*<parent>[\s\S]*?<\/parent>/, "")
    .replaceAll(/ index='\d+'/g, "")
    .trim();
}

it("libvirt takes a compiled full and a compiled incremental in push mode", () => {
  const made = prepare("tmlive-push", "{ mode: push }");
  for (const slot of ["2026-12-06", "2026-12-07"]) {
    begin(made, slot);
    for (let tries = 0; tries < 100 && /Operation: +Backup/.test(made.virsh("domjobinfo")); tries++)
      sh("sleep", ["0.1"]);
    const job = made.virsh("domjobinfo", "--completed");
    expect(job).toMatch(/Job type: +Completed/);
    expect(job).toMatch(/Operation: +Backup/);
    expect(
      comparable(made.virsh("checkpoint-dumpxml", "--no-domain", "--checkpointname", pointAt(slot))),
    ).toBe(comparable(compiled(made, slot, "checkpoint")));
  }
  expect(checkpointsOf(made)).toEqual(["nightly-20261206T010000Z", "nightly-20261207T010000Z"]);
});

it.each([
  ["over a Unix socket", (folder: string) => `{ transport: unix, socket: "${folder}/nbd.sock" }`],
  ["over TCP", () => "{ transport: tcp, host: 127.0.0.1, port: 10931 }"],
])("libvirt takes both in pull mode %s, and prints back the compiled document", (_, server) => {
  const made = prepare("tmlive-pull", "{}");
  const text = join(made.folder, "policy.yaml");
  const settings = `{ mode: pull, server: ${server(made.folder)}, scratch: "${made.folder}" }`;
  sh("sed", ["-i", `s#^defaults: .*#defaults: ${settings}#`, text]);
  for (const slot of ["2026-12-06", "2026-12-07"]) {
    begin(made, slot);
    expect(comparable(made.virsh("backup-dumpxml")).replace(" tls='no'", "")).toBe(
      comparable(compiled(made, slot, "backup")).replace(" tls='no'", ""),
    );
    made.virsh("domjobabort");
  }
  expect(checkpointsOf(made)).toHaveLength(2);
});
