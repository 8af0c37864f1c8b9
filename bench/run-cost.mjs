// Measures what a run costs on real libvirt and QEMU: each case in turns with libvirt's bare job, with virtnbdbackup and with a
// plain copy of the same bytes. No time makes anything fail.    npm run bench:run [-- --size 4096 --disks 1 --rounds 3 --json]
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machine } from "./machine.mjs";
import { rounded } from "./measure.mjs";
import { bareJob, peer, tidemark } from "./runs/contestants.mjs";
import { bytesOnDisk, cost, countPrograms, median, medians } from "./runs/cost.mjs";
import { discard, fillImage, sh, startGuest, write } from "./runs/guest.mjs";

const USAGE = `usage: npm run bench:run -- [options]     (as root, with libvirt and QEMU)
  --size N,N…    sizes of a disk in MiB (default 4096; up to 16384)
  --data N       MiB of each disk that hold data (default: half of it)
  --content KIND random (default), or mixed: half of each block repeats, so that compression finds something
  --disks N,N…   how many disks (default 1)
  --much N       MiB that the guest writes before an incremental of much (default 256)
  --rounds N     of each measurement, the median counts (default 3)
  --folder DIR   where disks and repositories are made (default /var/tmp)
  --only CASE,…  full, much, little, pull, compress, pull-compress, restore, verify, prune, consolidate (default: all)
  --json         as bench/bench.schema.json says`;

const CASES = [
  "full",
  "much",
  "little",
  "pull",
  "compress",
  "pull-compress",
  "restore",
  "verify",
  "prune",
  "consolidate",
];
const DAILY_FULL = '[{ level: full, at: "0 1 * * *" }]';
const DAILY_INCREMENTAL = '[{ level: incremental, at: "0 1 * * *" }]';
const KEEP = "{ keepLast: 60 }";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "4096" },
    data: { type: "string" },
    content: { type: "string", default: "random" },
    disks: { type: "string", default: "1" },
    much: { type: "string", default: "256" },
    rounds: { type: "string", default: "3" },
    folder: { type: "string", default: "/var/tmp" },
    only: { type: "string", default: CASES.join(",") },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function bench() {
  const [sizes, counts] = [numbers("size"), numbers("disks")];
  const [[much], [rounds]] = [numbers("much"), numbers("rounds")];
  const only = values.only.split(",");
  for (const each of only.filter((name) => !CASES.includes(name)))
    refuse(`--only ${each}: there is no such case`);
  if (!["random", "mixed"].includes(values.content)) refuse(`--content ${values.content}: random or mixed`);
  const host = machine(values.folder);
  const cases = [];
  for (const size of sizes) {
    for (const disks of counts) {
      const data = values.data === undefined ? size >> 1 : numbers("data")[0];
      if (data > size) refuse(`--data ${data}: more than a disk of ${size} MiB holds`);
      cases.push(...benchSize({ size, data, disks, much, rounds }, only));
    }
  }
  if (values.json)
    console.log(JSON.stringify({ formatVersion: "1.1", machine: host, cases, growth: null }, null, 2));
}

/** All cases with disks of one size. */
function benchSize(sizes, only) {
  const scratch = mkdtempSync(join(values.folder, "tidemark-bench-run-"));
  sh("chmod", ["755", scratch]);
  const guests = [];
  const clean = () => {
    for (const name of guests.splice(0)) discard(name);
    rmSync(scratch, { recursive: true, force: true });
  };
  process.once("exit", clean);
  process.once("SIGINT", () => process.exit(130));
  const images = Array.from({ length: sizes.disks }, (_, index) => join(scratch, `data-${index}`));
  for (const image of images) fillImage(image, sizes.size, sizes.data, values.content);
  const guest = (what) => {
    const name = `tidemark-bench-${process.pid}-${what}`;
    guests.push(name);
    return startGuest(join(scratch, what), name, images);
  };
  const bench = { sizes, scratch, guest, ...rivals(guest) };
  const cases = CASES.filter((name) => only.includes(name)).map((name) => {
    const each = RUNS[name] === undefined ? OTHERS[name](bench) : benchRun(bench, name, RUNS[name]);
    if (!values.json) print(each);
    return each;
  });
  clean();
  return cases;
}

/** The bare job and the peer, each with a guest of its own: neither may meet checkpoints of the others. */
function rivals(guest) {
  const bareGuest = guest("bare");
  const peerGuest = guest("peer");
  return { bareGuest, bare: bareJob(bareGuest), peerGuest, peer: peer(peerGuest) };
}

const FULL = { schedule: DAILY_FULL, retention: KEEP, isFull: true, writes: () => 0, first: 0 };

/** Cases that are a run; `writes` is KiB before each, and `first` how many runs come before. */
const RUNS = {
  full: FULL,
  much: { schedule: DAILY_INCREMENTAL, retention: KEEP, writes: ({ much }) => much * 1024, first: 1 },
  little: { schedule: DAILY_INCREMENTAL, retention: KEEP, writes: () => 64, first: 1 },
  pull: { ...FULL, pull: true },
  compress: { ...FULL, compress: true },
  "pull-compress": { ...FULL, pull: true, compress: true },
  prune: { ...FULL, retention: "{ keepLast: 1 }", first: 1 },
  consolidate: {
    schedule: DAILY_INCREMENTAL,
    retention: "{ keepLast: 2 }",
    top: "consolidate: true",
    writes: () => 64,
    first: 3,
  },
};

function benchRun(bench, name, { isFull = false, writes, first, ...policy }) {
  const { sizes, scratch, peerGuest, bareGuest } = bench;
  const own = bench.guest(name);
  const contestant = tidemark(own, policy);
  const change = (each, pattern) => writes(sizes) > 0 && write(each, writes(sizes), pattern);
  for (let index = 0; index < first; index++) {
    change(own, 100 + index);
    sh(...contestant.next());
  }
  change(own, 99);
  const programs = countPrograms(scratch, ...contestant.next());
  if (!isFull) {
    sh(...bench.bare(true).command);
    if (bench.peer.why === undefined) sh(...bench.peer.full());
  }
  const [ours, bares, copies, peers] = [[], [], [], []];
  const stored = {};
  for (let round = 1; round <= sizes.rounds; round++) {
    for (const each of [own, bareGuest, peerGuest]) change(each, round);
    const { command, images } = bench.bare(isFull);
    bares.push(settled(...command, bareGuest));
    copies.push(settled("cp", ["--sparse=always", "-t", made(join(scratch, "copy")), "--", ...images]));
    rmSync(join(scratch, "copy"), { recursive: true });
    stored.bare = bytesOnDisk(images);
    for (const image of images) rmSync(image);
    ours.push(settled(...contestant.next(), own));
    stored.own = bytesOnDisk(contestant.images().at(-1));
    if (bench.peer.why === undefined) {
      const { full, incremental, storedBytes } = bench.peer;
      const before = isFull ? 0 : storedBytes();
      peers.push(settled(...(isFull ? full(policy.compress) : incremental()), peerGuest));
      stored.peer = storedBytes() - before;
    }
  }
  return result(
    bench,
    CASE_NAMES(sizes)[name],
    ours,
    programs,
    { is: "backup-begin, and waiting for its end", all: bares },
    copies,
    peers,
    stored,
  );
}

const CASE_NAMES = ({ much }) => ({
  full: "full",
  much: `incremental of ${much} MiB`,
  little: "incremental of 64 KiB",
  pull: "pull, full",
  compress: "full, compressed",
  "pull-compress": "pull, full, compressed",
  prune: "full that prunes one",
  consolidate: "incremental of 64 KiB that folds",
});

const OTHERS = {
  restore: (bench) => {
    const { sizes, scratch } = bench;
    const contestant = chain(bench, "restore");
    const to = (what) => join(scratch, what);
    const drop = (what) => rmSync(to(what), { recursive: true, force: true });
    if (bench.peer.why === undefined) {
      sh(...bench.peer.full());
      write(bench.peerGuest, sizes.much * 1024, 7);
      sh(...bench.peer.incremental());
    }
    const programs = countPrograms(scratch, ...contestant.restore(to("restored")));
    drop("restored");
    const [ours, floors, copies, peers] = [[], [], [], []];
    let rival = bench.peer;
    for (let round = 0; round < sizes.rounds; round++) {
      const newest = contestant.images().at(-1);
      made(to("converted"));
      floors.push(
        settled("bash", [
          "-c",
          'to=$1; shift; for image; do qemu-img convert -O qcow2 -- "$image" "$to/$(basename -- "$image")" || exit; done',
          "-",
          to("converted"),
          ...newest,
        ]),
      );
      copies.push(settled("cp", ["-r", to("converted"), to("copy")]));
      ours.push(settled(...contestant.restore(to("restored"))));
      for (const each of ["converted", "copy", "restored"]) drop(each);
      if (rival.why === undefined) {
        // With several disks, virtnbdrestore may ask its NBD server before that listens.
        try {
          peers.push(settled(...rival.restore(made(to("peer-restored")))));
        } catch ({ message }) {
          rival = { why: `it failed: ${message.trimEnd().split("\n").at(-1)}` };
        }
        drop("peer-restored");
      }
    }
    return result(
      { ...bench, peer: rival },
      "restore",
      ours,
      programs,
      { is: "qemu-img convert of the same chain", all: floors },
      copies,
      rival.why === undefined ? peers : [],
    );
  },
  verify: (bench) => {
    const { sizes, scratch } = bench;
    const contestant = chain(bench, "verify");
    const programs = countPrograms(scratch, ...contestant.verify());
    const images = contestant.images().flat();
    const [ours, floors, copies] = [[], [], []];
    for (let round = 0; round < sizes.rounds; round++) {
      floors.push(settled("openssl", ["dgst", "-sha256", ...images]));
      for (const [index, image] of images.entries()) {
        const copy = settled("cp", ["--sparse=always", "--", image, join(scratch, "copy")]);
        rmSync(join(scratch, "copy"));
        if (index === 0) copies.push(copy);
        else for (const key of Object.keys(copy)) copies.at(-1)[key] += copy[key];
      }
      ours.push(settled(...contestant.verify()));
    }
    return result(
      bench,
      "verify",
      ours,
      programs,
      { is: "openssl dgst -sha256 of the same images, one after the other", all: floors },
      copies,
      [],
    );
  },
};

/** A full and an incremental of much. */
function chain(bench, what) {
  const own = bench.guest(what);
  const contestant = tidemark(own, { schedule: DAILY_INCREMENTAL, retention: KEEP });
  sh(...contestant.next());
  write(own, bench.sizes.much * 1024, 7);
  sh(...contestant.next());
  return contestant;
}

/** Measures a command once all that was written before is on the disk, so that no contestant pays for another. */
function settled(program, args, guest) {
  sh("sync", []);
  return cost(program, args, guest);
}

function made(folder) {
  mkdirSync(folder);
  return folder;
}

/** Ratios are of the times in the same round; their median counts. */
function result({ sizes, peer: rival }, name, ours, programs, { is, all }, copies, peers, stored = {}) {
  const ratios = (others) => median(ours.map(({ seconds }, round) => seconds / others[round].seconds));
  const shown = (costs) =>
    Object.fromEntries(Object.entries(medians(costs)).map(([key, value]) => [key, rounded(value)]));
  const whole = ({ bytesRead, bytesWritten, ...rest }) => ({
    ...rest,
    bytesRead: Math.round(bytesRead),
    bytesWritten: Math.round(bytesWritten),
  });
  const of = (costs) => whole(shown(costs));
  const raced = peers.length > 0;
  return {
    name,
    disks: sizes.disks,
    diskMebibytes: sizes.size,
    dataMebibytes: sizes.data,
    content: values.content,
    rounds: sizes.rounds,
    ...of(ours),
    programs,
    storedBytes: stored.own ?? null,
    bare: { is, ...of(all), storedBytes: stored.bare ?? null },
    copy: of(copies),
    peer: raced
      ? {
          name: "virtnbdbackup",
          status: "ran",
          version: rival.version,
          ...of(peers),
          storedBytes: stored.peer ?? null,
        }
      : { name: "virtnbdbackup", status: "not run", why: rival.why ?? "it has nothing of the kind" },
    ratio: rounded(ratios(all)),
    copyRatio: rounded(ratios(copies)),
    peerRatio: raced ? rounded(ratios(peers)) : null,
  };
}

function print({ name, disks, diskMebibytes, dataMebibytes, content, ...each }) {
  const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;
  const of = ({ seconds, cpuSeconds, bytesRead, bytesWritten, storedBytes = null }) =>
    `${seconds} s, ${cpuSeconds} s of CPU, ${mebibytes(bytesRead)} read, ${mebibytes(bytesWritten)} written${storedBytes === null ? "" : `, ${mebibytes(storedBytes)} stored`}`;
  console.log(`${name}, ${disks} x ${diskMebibytes} MiB with ${dataMebibytes} MiB of ${content} data
  tidemark       ${of(each)}, ${each.programs ?? "unknown"} programs
  bare           ${of(each.bare)} (${each.bare.is}); ratio ${each.ratio}
  copy           ${of(each.copy)}; ratio ${each.copyRatio}
  virtnbdbackup  ${each.peer.status === "ran" ? `${of(each.peer)}; ratio ${each.peerRatio}` : `NOT RUN: ${each.peer.why}`}`);
}

function numbers(option) {
  const list = values[option].split(",").map(Number);
  if (list.every((number) => Number.isInteger(number) && number >= 1)) return list;
  return refuse(`--${option} ${values[option]}: whole numbers of at least 1, separated by commas`);
}

function refuse(message) {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(1);
}

if (values.help) console.log(USAGE);
else bench();
