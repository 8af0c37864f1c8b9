import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Guest, type GuestDisk, sh, startGuest } from "./guest.js";
import { type NightOptions, type Nights, pullMode, underPolicy } from "./nights.js";
import { count } from "./tally.js";

/* The copy of pull mode: what it reads, and disks that are copied side by side. */
const MIB = 2 ** 20;

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

function begin(
  targets: readonly string[],
  size: string,
  more = "",
  format: GuestDisk["format"] = "qcow2",
): { host: Guest; nights: Nights } {
  const host = startGuest(
    "tmlive-copies",
    targets.map((target) => ({ target, format, size })),
  );
  guest = host;
  const nights = underPolicy(host, {
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    defaults: pullMode(host.folder).replace(/ \}$/, `${more} }`),
  });
  nights.compile();
  return { host, nights };
}

describe("what is read of a disk", () => {
  /**
   * What clients of the NBD server ask to read during a night, as QEMU itself traces it: ranges in MiB, adjacent ones joined, from 8 MiB
   * on, as below that each night writes something at random.
   */
  function readDuring({ host, nights }: { host: Guest; nights: Nights }): number[][] {
    const log = `/var/log/libvirt/qemu/${host.name}.log`;
    const already = readFileSync(log, "utf8").length;
    host.virsh("qemu-monitor-command", "--hmp", "trace-event nbd_receive_request on");
    nights.run();
    host.virsh("qemu-monitor-command", "--hmp", "trace-event nbd_receive_request off");
    const asked = readFileSync(log, "utf8")
      .slice(already)
      .matchAll(/nbd_receive_request .*\.type = 0x0, from = (\d+), len = (\d+)/g);
    const ranges: number[][] = [];
    for (const [from = 0, length = 0] of [...asked]
      .map(([, ...numbers]) => numbers.map((number) => Number(number) / MIB))
      .filter(([from = 0]) => from >= 8)
      .sort(([one = 0], [other = 0]) => one - other)) {
      const last = ranges.at(-1);
      if (last !== undefined && (last[1] ?? 0) >= from) last[1] = Math.max(last[1] ?? 0, from + length);
      else ranges.push([from, from + length]);
    }
    return ranges;
  }

  it.each(["", ", compress: zstd", ", bandwidth: 200MiB/s"])(
    "ranges that are sparse, discarded or zero are not among it: fulls and changes%s",
    (more) => {
      const begun = begin(["vda"], "64M", more);
      const { host, nights } = begun;
      host.write("vda", "write -P 1 16M 8M", "write -z 30M 2M", "write -P 6 56M 8M");
      expect(readDuring(begun)).toEqual([
        [16, 24],
        [56, 64],
      ]);
      host.write(
        "vda",
        "write -z 17M 2M",
        "discard 20M 1M",
        "write -P 2 40M 1M",
        "write -z 41M 1M",
        "write -P 3 42M 2M",
      );
      // After the last zeros of the disk.
      host.write("vda", "write -P 4 60M 1M", "write -P 5 62M 1M");
      expect(readDuring(begun)).toEqual([
        [40, 41],
        [42, 44],
        [60, 61],
        [62, 63],
      ]);
      nights.compareAll();
    },
  );

  it("nor of a raw file with holes", () => {
    const begun = begin(["vda"], "64M", ", checkpoint: false", "raw");
    begun.host.write("vda", "write -P 1 16M 8M");
    expect(readDuring(begun)).toEqual([[16, 24]]);
    begun.nights.compareAll();
  });

  it("nor when it is streamed", () => {
    const vault = join("/dev/shm", `tidemark copies ${process.pid}`);
    const command = (text: string) => JSON.stringify(`F='${vault}'; ${text}`);
    const begun = begin(
      ["vda"],
      "64M",
      `, stream: { send: ${command('cat >"$F"')}, receive: ${command('cat "$F"')}, delete: ${command('rm -f "$F"')} }`,
    );
    begun.host.write("vda", "write -P 1 16M 8M");
    expect(readDuring(begun)).toEqual([[16, 24]]);
    begun.nights.compareAll();
    sh("rm", ["-f", vault]);
  });
});

describe("disks side by side", () => {
  /** Runs a night in which each copy of a disk does `first` before it copies; `$target` is the disk, `$seen` a folder. */
  function copying(
    { guest: host, run }: Nights,
    first: string,
    options: NightOptions = {},
  ): { output: string; seconds: number; seen: string } {
    const [bin, seen] = [join(host.folder, "bin"), join(host.folder, "seen")];
    sh("rm", ["-rf", bin, seen]);
    for (const each of [bin, seen]) mkdirSync(each);
    writeFileSync(
      join(bin, "qemu-img"),
      `#!/bin/bash
if [[ $1 == convert ]]; then
  seen='${seen}' target=\${*: -1} target=\${target##*/} target=\${target%.qcow2}
  ${first}
fi
exec /usr/bin/qemu-img "$@"
`,
      { mode: 0o755 },
    );
    const began = Date.now();
    const { output } = run({ path: bin, ...options });
    return { output, seconds: (Date.now() - began) / 1000, seen };
  }

  /** One that has ended may not have been reaped yet. */
  const isAlive = (pid: string) =>
    existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

  /** Notes how many copies are at work, and stays for as long as others may join. */
  const COUNTED = `printf '%s\\n' "$$" >"$seen/$target"
  for ((tenth = 0; tenth < 10; tenth++)); do sleep 0.1; done
  alive=0
  for each in "$seen"/vd?; do ! kill -0 "$(<"$each")" 2>/dev/null || alive=$((alive + 1)); done
  printf '%s\\n' "$alive" >"$seen/$target.beside"`;
  const most = (seen: string) =>
    Math.max(
      ...readdirSync(seen)
        .filter((name) => name.endsWith(".beside"))
        .map((name) => Number(readFileSync(join(seen, name), "utf8"))),
    );

  it.each([
    ["two of them", "", 2],
    ["one after the other under a bandwidth, which is all of theirs", ", bandwidth: 500MiB/s", 1],
  ])("are copied: %s", (_, more, atOnce) => {
    const { nights } = begin(["vda", "vdb", "vdc"], "4M", more);
    expect(most(copying(nights, COUNTED).seen)).toBe(atOnce);
    nights.run();
    nights.compareAll();
  });

  it("end when one of them fails, with its words, and the run is undone", () => {
    const { nights } = begin(["vda", "vdb", "vdc"], "4M");
    const { output, seconds, seen } = copying(
      nights,
      `printf '%s\\n' "$$" >"$seen/$target"
  [[ $target != vdb ]] || { echo "qemu-img: error while reading: the cable is out" >&2; exit 1; }
  while [[ -e \${!#} ]]; do sleep 0.05; done
  printf 'its image was deleted while it ran\\n' >"$seen/late"
  exit 1`,
      { status: 1 },
    );
    count("faults");
    expect(output).toMatch(/error: the disk vdb could not be copied: .*the cable is out/);
    expect(output).toMatch(/undone: the checkpoint/);
    expect(output).not.toMatch(/vda could not|Killed/);
    expect(seconds).toBeLessThan(30);
    expect(readdirSync(seen).sort()).toEqual(["vda", "vdb"]);
    expect(isAlive(readFileSync(join(seen, "vda"), "utf8").trim())).toBe(false);
    nights.run();
    nights.compareAll();
  });

  it("end with a run that is killed, so that the next one can begin", () => {
    const { nights } = begin(["vda", "vdb"], "4M");
    const { seen } = copying(
      nights,
      `printf '%s\\n' "$$" >"$seen/$target"
  [[ $target != vdb ]] || { while [[ ! -s $seen/vda ]]; do sleep 0.05; done; kill -9 "$PPID"; }
  exec sleep 60`,
      { status: "signal" },
    );
    count("faults");
    nights.run();
    for (const target of ["vda", "vdb"]) {
      expect(isAlive(readFileSync(join(seen, target), "utf8").trim())).toBe(false);
    }
    nights.compareAll();
  });

  it("end with the time limit of the policy", () => {
    const { nights } = begin(["vda", "vdb"], "4M");
    sh("sed", ["-i", "s/^\\(answers .* \\)21600 /\\13 /", join(nights.guest.folder, "plan/plan.bash")]);
    const { output } = copying(nights, "exec sleep 60", { status: 1 });
    count("faults");
    expect(output).toMatch(/the copy took longer than 3 s/);
    expect(output).toMatch(/undone: the checkpoint/);
    nights.run();
    nights.compareAll();
  });
});
