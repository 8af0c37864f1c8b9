// Reads what it is sent with the built readers, in a process that can be ended when it does not come back.
import { obsoleteFiles } from "../../dist/compilation/earlier-plan.js";
import { inReadingOrder } from "../../dist/diagnostics/diagnostic.js";
import { printGitHub, printText } from "../../dist/diagnostics/print.js";
import { SvgTimeline } from "../../dist/emit/timeline.js";
import { renderHtmlTimeline } from "../../dist/emit/timeline-html.js";
import { readInventory } from "../../dist/inventory/read.js";
import { alignBackup, alignCheckpoint } from "../../dist/libvirt/align.js";
import { readBackup } from "../../dist/libvirt/read-backup.js";
import { readCheckpoint, readCheckpointDocument } from "../../dist/libvirt/read-checkpoint.js";
import { readDomain } from "../../dist/libvirt/read-domain.js";
import { writeBackup, writeCheckpoint } from "../../dist/libvirt/write.js";
import { readXml } from "../../dist/libvirt/xml.js";
import { diffPlans } from "../../dist/plan/diff.js";
import { openPlan } from "../../dist/plan/read.js";
import { bytesOf } from "../../dist/plan/scan.js";
import { compile, compileFleet } from "../../dist/planner/compile.js";
import { resolveHorizon } from "../../dist/policy/horizon.js";
import { parsePolicy } from "../../dist/policy/parse.js";

const utf8 = new TextEncoder();
const domainXml =
  "<domain type='qemu'><name>vm</name><uuid>00000000-0000-4000-8000-000000000001</uuid><devices>" +
  "<disk type='file' device='disk'><driver type='qcow2'/><source file='/i/a'/><target dev='vda' bus='virtio'/></disk>" +
  "<disk type='block' device='disk'><driver type='raw'/><source dev='/dev/b'/><target dev='vdb' bus='virtio'/></disk>" +
  "</devices></domain>";
const { domain } = readDomain(utf8.encode(domainXml), "vm.xml");
const inventory = { host: { libvirt: "9.0.0", qemu: "7.2.22" }, domains: [{ domain, checkpoints: [] }] };
const host = {
  path: "host.json",
  file: "host.json",
  bytes: () => utf8.encode('{"libvirt":"9.0.0","qemu":"7.2.22"}'),
};
const vm = { path: "vm.xml", file: "vm.xml", bytes: () => utf8.encode(domainXml) };

/** What is read as what; each answers with its diagnostics. */
const READERS = {
  policy: (bytes) => {
    const { policy, diagnostics } = parsePolicy(bytes, "policy.yaml");
    if (policy === undefined) return diagnostics;
    const { horizon, diagnostics: time } = resolveHorizon(policy, {
      from: "2026-12-01",
      until: "2026-12-04",
    });
    if (horizon === undefined) return [...diagnostics, ...time];
    const names = Object.keys(policy.hosts ?? {});
    const inventories = Object.fromEntries(names.map((name) => [name, inventory]));
    const { diagnostics: planning } =
      policy.hosts === undefined
        ? compile(policy, inventory, horizon)
        : compileFleet(policy, inventories, horizon);
    return [...diagnostics, ...time, ...planning];
  },
  domain: (bytes) =>
    readInventory([host, { path: "domains/x.xml", file: "x.xml", bytes: () => bytes }], "inventory")
      .diagnostics,
  checkpoint: (bytes) => {
    const path = "checkpoints/vm/x.xml";
    const { diagnostics } = readInventory([host, vm, { path, file: path, bytes: () => bytes }], "inventory");
    const { checkpoint } = readCheckpoint(bytes, path);
    if (checkpoint !== undefined) writeCheckpoint(checkpoint);
    const { root } = readXml(bytes, path);
    if (root === undefined) return diagnostics;
    const read = readCheckpointDocument(root);
    if (read.checkpoint !== undefined) writeCheckpoint(alignCheckpoint(read.checkpoint, domain));
    return [...diagnostics, ...read.diagnostics];
  },
  backup: (bytes) => {
    const { root, diagnostics } = readXml(bytes, "backup.xml");
    if (root === undefined) return diagnostics;
    const { backup, diagnostics: found } = readBackup(root);
    if (backup !== undefined) writeBackup(alignBackup(backup, domain));
    return found;
  },
  host: (bytes) => readInventory([{ ...host, bytes: () => bytes }, vm], "inventory").diagnostics,
  manifest: (bytes) =>
    readInventory([host, vm, { path: "catalog/vm/x.json", file: "x.json", bytes: () => bytes }], "inventory")
      .diagnostics,
  plan: (bytes, other) => {
    const files = openPlan(bytesOf(bytes), "plan.json", "files");
    if (files.plan === undefined) return files.diagnostics;
    Array.from(obsoleteFiles({ plans: new Map([["", files.plan]]), files: [] }, new Map()));
    const [{ plan: old }, { plan: now, diagnostics }] = [other, bytes].map((each) =>
      openPlan(bytesOf(each), "plan.json", "all"),
    );
    if (now === undefined) return diagnostics;
    if (old !== undefined) diffPlans(old, now);
    const timeline = new SvgTimeline(now.header);
    for (const each of now.domains) timeline.add(each.plan());
    timeline.render();
    renderHtmlTimeline(now);
    return [];
  },
};

const clean = JSON.stringify(polluted());

/** What a polluted prototype would show. */
function polluted() {
  return [Object.prototype, Array.prototype, Function.prototype].map((each) =>
    Reflect.ownKeys(each).map(String),
  );
}

process.on("message", ({ reader, bytes, other }) => {
  try {
    const diagnostics = inReadingOrder([...READERS[reader](bytes, other)]);
    const said = printText(diagnostics, new Map([["policy.yaml", new TextDecoder().decode(bytes)]]), {
      color: false,
    });
    printGitHub(diagnostics);
    const problem = problemOf(diagnostics, said);
    process.send(problem ?? "");
  } catch (error) {
    process.send(`threw ${error instanceof Error ? error.stack : String(error)}`);
  }
});

process.send("ready");

function problemOf(diagnostics, said) {
  if (JSON.stringify(polluted()) !== clean || {}.polluted !== undefined) return "polluted a prototype";
  // A terminal would obey these.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(said))
    return `printed a control character: ${JSON.stringify(said)}`;
  if (said.length > 1 << 20) return `said ${said.length} characters`;
  for (const { code, message } of diagnostics) {
    if (!/^TM\d{3}$/.test(code) || message === "") return `an odd diagnostic: ${code} ${message}`;
    if (/\bundefined\b|\[object |NaN\b/.test(message)) return `a diagnostic without sense: ${message}`;
  }
  return undefined;
}
