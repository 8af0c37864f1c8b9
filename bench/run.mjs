// Measures how long tidemark takes: each case compared with a floor from the same run, and rendering compared with
// Jinja2 and Ansible. No time makes anything fail.    npm run bench [-- --domains 1,100,1000 --slots 1,30,365 --rounds
// 3 --json]
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchCompile, benchRest, exponent } from "./cases.mjs";
import { machine } from "./machine.mjs";
import { printCase, printHead } from "./print.mjs";
import { benchRender } from "./render.mjs";

const USAGE = `usage: npm run bench -- [options]
  --domains N,N…  fleets to compile; the last is used for the other cases (default 1,100,300)
  --slots N,N…    daily slots of the horizon; the last is used for the other cases (default 1,30)
  --disks N       of each domain (default 4)
  --history N     nights before the horizon, of which inventories have a catalog and checkpoints (default 0)
  --rounds N      of each measurement, the best counts (default 1)
  --documents N   that Jinja2 renders; Ansible, which takes far longer, renders a hundredth (default 3000)
  --seed N        of the fleet (default 1)
  --folder DIR    where fleets and plans are made (default: in memory, /dev/shm, where there is such a place)
  --only CASE,…   compile, read, recompile, check, diff, timeline, due, render (default: all)
  --json          as bench/bench.schema.json says`;

const { values } = parseArgs({
  options: {
    domains: { type: "string", default: "1,100,300" },
    slots: { type: "string", default: "1,30" },
    disks: { type: "string", default: "4" },
    history: { type: "string", default: "0" },
    rounds: { type: "string", default: "1" },
    documents: { type: "string", default: "3000" },
    seed: { type: "string", default: "1" },
    folder: { type: "string", default: existsSync("/dev/shm") ? "/dev/shm" : tmpdir() },
    only: { type: "string", default: "compile,read,recompile,check,diff,timeline,due,render" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  mkdirSync(values.folder, { recursive: true });
  const scratch = mkdtempSync(join(values.folder, "tidemark-bench-"));
  process.on("SIGINT", () => process.exit(130));
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  bench(scratch);
}

function bench(scratch) {
  const domains = numbers("domains");
  const slots = numbers("slots");
  const [disks] = numbers("disks");
  const [history] = numbers("history", 0);
  const [rounds] = numbers("rounds");
  const [documents] = numbers("documents");
  const [seed] = numbers("seed");
  const only = new Set(values.only.split(","));
  const cases = [];
  const done = (each) => {
    cases.push(each);
    if (!values.json) printCase(each);
  };
  const host = machine(values.folder);
  if (!values.json) printHead(host);
  if (only.has("compile")) {
    for (const days of slots) {
      for (const count of domains)
        done(benchCompile(scratch, { domains: count, slots: days, disks, history, seed }, rounds));
    }
  }
  const largest = { domains: domains.at(-1), slots: slots.at(-1), disks, history, seed };
  for (const each of benchRest(scratch, largest, rounds, only)) done(each);
  if (only.has("render")) done(benchRender(scratch, largest, documents, rounds));
  const growth = exponent(cases);
  if (values.json) {
    console.log(JSON.stringify({ formatVersion: "1.0", machine: host, cases, growth }, null, 2));
  } else if (growth !== null) {
    console.log(
      `\ngrowth of compile: time ~ runs^${growth.exponent} over ${growth.points} sizes, r² ${growth.fit} (aim: exponent at most 1.05)`,
    );
  }
}

function numbers(option, least = 1) {
  const list = values[option].split(",").map(Number);
  if (list.every((number) => Number.isInteger(number) && number >= least)) return list;
  console.error(
    `--${option} ${values[option]}: whole numbers of at least ${least}, separated by commas\n\n${USAGE}`,
  );
  process.exit(1);
}
