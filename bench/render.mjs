import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, loadInventory, parsePolicy, resolveHorizon } from "../dist/index.js";
import { writeBackup, writeCheckpoint } from "../dist/libvirt/write.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../dist/plan/documents.js";
import { writeFleet } from "./fleet.mjs";
import { best, inProcess, rounded } from "./measure.mjs";

const peers = fileURLToPath(new URL("peers/", import.meta.url));
/** Debian's Python, because another Python in PATH does not see Debian's packages. */
const PYTHON = "/usr/bin/python3";
const ANSIBLE = "/usr/bin/ansible-playbook";

/** The same backup and checkpoint documents, from the same data, by tidemark's templates, by Jinja2 and by Ansible. */
export function benchRender(scratch, size, documents, rounds) {
  const views = viewsOf(join(scratch, "render"), size, documents);
  const write = { backup: writeBackup, checkpoint: writeCheckpoint };
  let texts = [];
  const render = () => {
    texts = views.map(({ template, view }) => write[template](view));
  };
  render();
  // Small sizes are faster than the clock's resolution.
  const times = Math.max(1, Math.ceil(20_000 / views.length));
  const took = best(
    Array.from({ length: rounds + 1 }, () =>
      inProcess(() => {
        for (let time = 0; time < times; time++) render();
      }),
    ),
  );
  const floor = best(
    Array.from({ length: rounds + 1 }, () =>
      inProcess(() => {
        for (let time = 0; time < times; time++) for (const text of texts) Buffer.from(text);
      }),
    ),
  );
  const seconds = took.seconds / times;
  const rate = views.length / seconds;
  return {
    name: "render",
    domains: size.domains,
    slots: size.slots,
    history: size.history,
    documents: views.length,
    seconds: rounded(seconds),
    cpuSeconds: rounded(took.cpu / times),
    peakMemory: null,
    documentsPerSecond: rounded(rate),
    floor: {
      is: "the same text encoded as bytes",
      seconds: rounded(floor.seconds / times),
      cpuSeconds: rounded(floor.cpu / times),
    },
    ratio: rounded(took.seconds / floor.seconds),
    cpuRatio: rounded(took.cpu / floor.cpu),
    peers: [jinja(scratch, views, texts, rate), ansible(scratch, views, texts, rate)],
  };
}

/** What the templates are given, for as many documents as asked for. */
function viewsOf(folder, size, count) {
  const domains = Math.min(size.domains, Math.ceil(count / size.slots));
  writeFleet(folder, { ...size, domains });
  const file = join(folder, "policy.yaml");
  const { policy } = parsePolicy(readFileSync(file), file);
  const { horizon } = resolveHorizon(policy, {});
  const { inventory } = loadInventory(join(folder, "inventory"));
  const { plan } = compile(policy, inventory, horizon);
  const views = [];
  for (const domain of plan.domains) {
    for (const run of domain.runs) {
      views.push({ template: "backup", view: backupDocument(domain, run) });
      const checkpoint = checkpointDocument(domain, run);
      if (checkpoint !== undefined) views.push({ template: "checkpoint", view: checkpoint });
      if (run.level !== "full") views.push({ template: "backup", view: fallbackDocument(domain, run) });
    }
  }
  return views.slice(0, count);
}

function jinja(scratch, views, texts, rate) {
  const name = "Jinja2 in Python";
  if (!existsSync(PYTHON)) return notRun(name, `there is no ${PYTHON}`);
  const probe = spawnSync(PYTHON, ["-c", "import jinja2; print(jinja2.__version__)"], { encoding: "utf8" });
  if (probe.status !== 0) return notRun(name, "Debian's python3-jinja2 is not installed");
  const input = join(scratch, "views.json");
  writeFileSync(input, JSON.stringify(views));
  const done = spawnSync(PYTHON, [join(peers, "render.py"), input], { encoding: "utf8", maxBuffer: 1 << 30 });
  if (done.status !== 0) throw new Error(`Jinja2 failed:\n${done.stderr}`);
  const { seconds, digest } = JSON.parse(done.stdout);
  if (digest !== digestOf(texts)) throw new Error("Jinja2 rendered other documents than tidemark");
  return ran(name, probe.stdout.trim(), views.length, seconds, rate);
}

function ansible(scratch, views, texts, rate) {
  const name = "Ansible's template module";
  if (!existsSync(ANSIBLE)) return notRun(name, "Debian's ansible-core is not installed");
  const some = views.slice(0, Math.max(1, Math.ceil(views.length / 100)));
  const folder = join(scratch, "ansible");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const items = some.map((each, index) => ({ ...each, to: join(folder, `${index}.xml`) }));
  const play = (list) => {
    const variables = join(folder, "items.json");
    writeFileSync(variables, JSON.stringify({ items: list, templates: join(peers, "templates") }));
    const started = performance.now();
    const done = spawnSync(
      ANSIBLE,
      ["-i", "localhost,", "-c", "local", "-e", `@${variables}`, join(peers, "render.yml")],
      {
        encoding: "utf8",
        env: { ...process.env, ANSIBLE_PYTHON_INTERPRETER: PYTHON, ANSIBLE_LOCAL_TEMP: join(folder, "tmp") },
      },
    );
    if (done.status !== 0) throw new Error(`ansible-playbook failed:\n${done.stdout}${done.stderr}`);
    return (performance.now() - started) / 1000;
  };
  // Starting Ansible is not rendering, so the time of a play without documents is subtracted.
  const start = play([]);
  const seconds = Math.max(0.001, play(items) - start);
  for (const [index, { to }] of items.entries()) {
    if (readFileSync(to, "utf8") !== texts[index])
      throw new Error("Ansible rendered another document than tidemark");
  }
  const version = spawnSync(ANSIBLE, ["--version"], { encoding: "utf8" }).stdout;
  return ran(name, /core ([\d.]+)/.exec(version)?.[1] ?? "?", some.length, seconds, rate);
}

function ran(name, version, documents, seconds, rate) {
  return {
    name,
    status: "ran",
    version,
    documents,
    seconds: rounded(seconds),
    documentsPerSecond: rounded(documents / seconds),
    tidemarkTimesFaster: rounded(rate / (documents / seconds)),
    sameOutput: true,
  };
}

function notRun(name, why) {
  return { name, status: "not run", why };
}

function digestOf(texts) {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text);
  return hash.digest("hex");
}
