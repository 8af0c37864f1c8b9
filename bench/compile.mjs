// Compile time of a fleet as a ratio to a floor measured in the same run: the same bytes written to the same folders by a
// bare loop. Then peak memory at two horizons, and start-up as a ratio to `node -e 0`. Nothing here passes or fails.
//
//   npm run bench [-- --domains 1000 --disks 4 --days 30]
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    domains: { type: "string", default: "1000" },
    disks: { type: "string", default: "4" },
    days: { type: "string", default: "30" },
    rounds: { type: "string", default: "3" },
  },
});
const size = { domains: Number(values.domains), disks: Number(values.disks), days: Number(values.days) };
const rounds = Number(values.rounds);
const program = fileURLToPath(new URL("../dist/cli/program.js", import.meta.url));
const main = fileURLToPath(new URL("../dist/bin/tidemark.js", import.meta.url));
// In memory where there is such a place: a disk's write-back would be measured, and differently each time.
const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tidemark-bench-"));

try {
  writeFleet(size.domains, size.disks, size.days);
  const compiles = [];
  const floors = [];
  let documents = 0;
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    compiles.push(compile());
    const files = readTree(join(scratch, "plan"));
    documents = files.filter(
      ({ path }) => /\/(?:backup|checkpoint)\.xml$/.test(path) && !path.includes("/fallback/"),
    ).length;
    bytes = files.reduce((sum, { text }) => sum + text.length, 0);
    rmSync(join(scratch, "plan"), { recursive: true });
    floors.push(writeBare(files));
    rmSync(join(scratch, "bare"), { recursive: true });
  }
  const best = Math.min(...compiles.map(({ seconds }) => seconds));
  const floor = Math.min(...floors);
  console.log(
    `${size.domains} domains x ${size.disks} disks x ${size.days} daily slots: ${documents} documents, ${(bytes / 1e6).toFixed(0)} MB in all files`,
  );
  console.log(`compile (whole process)  ${best.toFixed(2)} s`);
  console.log(`floor (bare write loop)  ${floor.toFixed(2)} s`);
  console.log(`ratio                    ${(best / floor).toFixed(2)}  (aim: under 2.0)`);
  console.log(`peak memory              ${compiles[0].memory} MB  (aim: under 500)`);

  writeFleet(size.domains / 4, size.disks, size.days * 4);
  const long = compile();
  rmSync(join(scratch, "plan"), { recursive: true });
  writeFleet(size.domains / 4, size.disks, size.days);
  const short = compile();
  console.log(
    `peak memory, ${size.domains / 4} domains: ${short.memory} MB over ${size.days} days, ${long.memory} MB over ${size.days * 4}`,
  );

  const bare = [];
  const version = [];
  for (let round = 0; round < 20; round++) {
    bare.push(time([process.execPath, "-e", "0"]));
    version.push(time([process.execPath, main, "--version"]));
  }
  console.log(
    `tidemark --version       ${(median(version) / median(bare)).toFixed(2)} x node -e 0  (aim: under 1.5)`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function writeFleet(domains, disks, days) {
  const inventory = join(scratch, "inventory");
  rmSync(inventory, { recursive: true, force: true });
  mkdirSync(inventory);
  writeFileSync(join(inventory, "host.json"), '{ "libvirt": "9.0.0", "qemu": "7.2.22" }');
  for (let index = 0; index < domains; index++) {
    const name = `vm-${String(index).padStart(5, "0")}`;
    const uuid = `00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
    const elements = Array.from({ length: disks }, (_, disk) => {
      const target = `vd${String.fromCharCode(97 + disk)}`;
      return `    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/${name}-${target}.qcow2'/>
      <target dev='${target}' bus='virtio'/>
    </disk>\n`;
    });
    writeFileSync(
      join(inventory, `${name}.xml`),
      `<domain type='kvm'>\n  <name>${name}</name>\n  <uuid>${uuid}</uuid>\n  <devices>\n${elements.join("")}  </devices>\n</domain>\n`,
    );
  }
  writeFileSync(
    join(scratch, "policy.yaml"),
    `version: 1
name: nightly
repository: /var/backup/libvirt
horizon: { from: 2026-12-01, for: ${days}d }
schedule:
  - { level: full, at: "0 2 * * sun" }
  - { level: incremental, at: "0 2 * * mon-sat" }
retention: { keepLast: 3, keepDaily: 7, keepWeekly: 4 }
domains: { "*": {} }
`,
  );
}

/** Peak memory is the kernel's VmHWM; getrusage's would count what the parent held when it forked. */
function compile() {
  const code = `const { run } = await import(${JSON.stringify(program)});
    const status = await run(["compile", "policy.yaml", "-o", "plan"], "bench");
    const { readFileSync } = await import("node:fs");
    process.stderr.write(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
    process.exitCode = status;`;
  const started = performance.now();
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: scratch,
    encoding: "utf8",
  });
  const seconds = (performance.now() - started) / 1000;
  if (done.status !== 0) throw new Error(done.stderr);
  return { seconds, memory: Math.round(Number(done.stderr) / 1024) };
}

function readTree(root) {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(root, path)).isFile())
    .map((path) => ({
      path,
      text: readFileSync(join(root, path)),
      mode: statSync(join(root, path)).mode & 0o777,
    }));
}

function writeBare(files) {
  const root = join(scratch, "bare");
  const started = performance.now();
  const made = new Set();
  for (const { path, text, mode } of files) {
    const target = join(root, path);
    const folder = dirname(target);
    if (!made.has(folder)) {
      mkdirSync(folder, { recursive: true });
      made.add(folder);
    }
    writeFileSync(target, text, { mode });
  }
  return (performance.now() - started) / 1000;
}

function time([command, ...args]) {
  const started = performance.now();
  spawnSync(command, args);
  return performance.now() - started;
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
