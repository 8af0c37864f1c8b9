import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkpointsOf, type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";
import { count } from "./tally.js";

const NAME = `tmlive-report "$(id)" \\ 'x'`;
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "raw", size: "4M" },
] as const;

let guest: Guest;
let nights: Nights;
/** Where hooks note what they were told; `before` fails while there is a file `closed` in it. */
let told: string;
let metrics: string;

beforeEach(() => {
  guest = startGuest(NAME, DISKS);
  [told, metrics] = [join(guest.folder, "told $(id)"), join(guest.folder, "the metrics")];
  for (const folder of [told, metrics]) mkdirSync(folder);
  const note = (hook: string, then = "") =>
    JSON.stringify(
      `T='${told}'; { echo "hook ${hook}"; env | grep ^TIDEMARK_ | sort; [ ! -e "$TIDEMARK_REPOSITORY/.tidemark/journal" ] || echo "JOURNAL=yes"; } >>"$T/log"${then}`,
    );
  nights = underPolicy(guest, {
    top: `hooks:
  before: ${note("before", '; [ ! -e "$T/closed" ]')}
  after: ${note("after", "; false")}
  onSuccess: ${note("onSuccess", "; sleep 15 >/dev/null 2>&1 &")}
  onFailure: ${note("onFailure", "; exit 7")}
metrics: { directory: ${JSON.stringify(`${metrics}/`)} }`,
    domain: "{ disks: { vdb: { checkpoint: false } } }",
  });
  nights.compile();
});
afterEach(() => guest.remove());

/** Hooks that were called since it was last asked, with their environments. */
function calls(): { hook: string; [name: string]: string }[] {
  const log = join(told, "log");
  if (!existsSync(log)) return [];
  const text = readFileSync(log, "utf8");
  rmSync(log);
  return text.split(/^hook /m).flatMap((part) => {
    const [hook, ...lines] = part.trimEnd().split("\n");
    if (!hook) return [];
    const pairs = lines.map((line) => /^(?:TIDEMARK_)?(\w+)=(.*)$/.exec(line) ?? []);
    return { hook, ...Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value])) };
  });
}

/** The samples of the one file there is, which promtool finds in order: `restore_points`, `chain_length vda`. */
function gauges(): Record<string, number> {
  const [file = "", ...more] = readdirSync(metrics);
  expect(more).toEqual([]);
  expect(file).toBe(`tidemark-nightly@${basename(nights.folder)}.prom`);
  expect(statSync(join(metrics, file)).mode & 0o777).toBe(0o644);
  const text = readFileSync(join(metrics, file), "utf8");
  expect(sh("promtool", ["check", "metrics"], { input: text }).stderr).toBe("");
  const label = NAME.replaceAll(/[\\"]/g, "\\$&");
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [, name, labels, disk, value] =
          /^tidemark_(\w+)\{(policy="nightly",domain=".*?")(?:,disk="(\w+)")?\} (\d+)$/.exec(line) ?? [];
        expect(labels, line).toBe(`policy="nightly",domain="${label}"`);
        return [disk === undefined ? name : `${name} ${disk}`, Number(value)];
      }),
  );
}

const hooksOf = (list: readonly { hook: string }[]) => list.map(({ hook }) => hook);
const sizeOf = (point: string, file: string) => statSync(join(nights.folder, point, file)).size;
const imageOf = (point: string, target: string) => sizeOf(point, `${target}.qcow2`);
const now = () => Date.now() / 1000;

it("tells of runs that succeed, once each", () => {
  const began = Math.floor(now());
  const [first = ""] = nights.left();
  expect(sh("bash", [nights.script, first, "-c", "qemu:///system", "--dry-run"]).stdout).toMatch(
    /\(before: .*\(metrics: .*\(onSuccess: .*\(after: /s,
  );
  expect([calls(), readdirSync(metrics)]).toEqual([[], []]);
  const { point, output } = nights.run();
  expect(output).toContain("warning: exit status 1 of the hook after");
  const [before, success, after, ...others] = calls();
  const about = {
    POLICY: "nightly",
    DOMAIN: NAME,
    UUID: guest.uuid,
    SLOT: "2026-12-06T01:00:00Z",
    POINT: point,
    LEVEL: "full",
    BASE: "",
    REPOSITORY: nights.folder,
  };
  const bytes = imageOf(point, "vda") + imageOf(point, "vdb") + sizeOf(point, "active.xml");
  const ended = { ...about, STATUS: "done", EXIT: "0", BYTES: String(bytes) };
  expect([hooksOf(others), before, success, after]).toEqual([
    [],
    expect.objectContaining({ ...about, hook: "before" }),
    expect.objectContaining({ ...ended, hook: "onSuccess", SECONDS: expect.stringMatching(/^\d+$/) }),
    expect.objectContaining({ ...ended, hook: "after" }),
  ]);
  expect(before).not.toHaveProperty("STATUS");
  expect(success).not.toHaveProperty("JOURNAL");

  const second = nights.run();
  const third = nights.run();
  expect(calls().map(({ hook, LEVEL, BASE }) => [hook, LEVEL, BASE])).toEqual([
    ...["before", "onSuccess", "after"].map((hook) => [hook, "incremental", point]),
    ...["before", "onSuccess", "after"].map((hook) => [hook, "incremental", second.point]),
  ]);
  const found = gauges();
  expect(found).toMatchObject({
    last_run_exit_status: 0,
    "last_success_size_bytes vda": imageOf(third.point, "vda"),
    "last_success_size_bytes vdb": imageOf(third.point, "vdb"),
    "chain_length vda": 3,
    "chain_length vdb": 1,
    restore_points: 3,
    plan_end_timestamp_seconds: Date.parse("2026-12-20T00:00:00Z") / 1000,
  });
  expect(found["last_run_duration_seconds"]).toBeLessThan(now() - began + 1);
  for (const when of ["last_run_timestamp_seconds", "last_success_timestamp_seconds"]) {
    expect(found[when]).toBeGreaterThanOrEqual(began);
    expect(found[when]).toBeLessThanOrEqual(now());
  }

  // A run that is done already tells nothing, one that was cut short after its manifest does.
  sh("bash", [nights.script, first, "-c", "qemu:///system"]);
  expect(calls()).toEqual([]);
  const cut = nights.left()[0] ?? "";
  nights.run({ fault: "sealed:kill", status: "signal" });
  count("faults");
  expect(hooksOf(calls())).toEqual(["before"]);
  sh("bash", [nights.script, cut, "-c", "qemu:///system"]);
  expect(calls().map(({ hook, STATUS }) => [hook, STATUS])).toEqual([["onSuccess", "done"]]);
  expect(gauges()).toMatchObject({ restore_points: 4 });
  nights.compareAll();
});

it("tells of runs that fail, after they are undone, and keeps what is known of the last success", () => {
  nights.run();
  nights.run();
  calls();
  const was = gauges();
  const same = (found: Record<string, number>) => {
    const {
      last_run_timestamp_seconds: _,
      last_run_duration_seconds: __,
      last_run_exit_status,
      ...kept
    } = found;
    expect(was).toMatchObject(kept);
    return last_run_exit_status;
  };
  for (const [fault, exit] of [
    ["waited:fail", 1],
    ["wait for the job:term", 143],
  ] as const) {
    nights.run({ fault, status: exit });
    count("faults");
    const told = calls();
    expect(told).toMatchObject([
      { hook: "before" },
      { hook: "onFailure", STATUS: "failed", EXIT: String(exit), BYTES: "0" },
      { hook: "after", STATUS: "failed", EXIT: String(exit) },
    ]);
    for (const each of told) expect(each).not.toHaveProperty("JOURNAL");
    expect(same(gauges())).toBe(exit);
  }

  // The host is not as planned, and `before` was called already.
  guest.virsh("destroy");
  nights.run({ status: 0 });
  expect(calls()).toMatchObject([
    { hook: "before" },
    { hook: "after", STATUS: "skipped", EXIT: "0", BYTES: "0" },
  ]);
  expect(same(gauges())).toBe(0);
  guest.virsh("start");
  nights.compareAll();
});

it("does not begin where `before` fails, or where another run has the domain", () => {
  nights.run();
  calls();
  const was = gauges();
  const left = () => [
    readdirSync(nights.folder).sort(),
    readdirSync(join(nights.folder, ".tidemark")),
    checkpointsOf(guest),
  ];
  const before = left();
  writeFileSync(join(told, "closed"), "");
  const { output } = nights.run({ status: 1 });
  expect(output).toContain("error: the run does not begin: exit status 1 of the hook before: T=");
  expect(calls()).toMatchObject([
    { hook: "before" },
    { hook: "onFailure", STATUS: "failed", EXIT: "1", BYTES: "0" },
    { hook: "after", STATUS: "failed" },
  ]);
  expect(left()).toEqual(before);
  expect(gauges()).toMatchObject({ last_run_exit_status: 1, restore_points: 1 });

  // A repository that is not there now has been there before.
  renameSync(nights.folder, `${nights.folder}.away`);
  nights.run({ status: 3 });
  expect(gauges()).toMatchObject({
    last_run_exit_status: 3,
    last_success_timestamp_seconds: was["last_success_timestamp_seconds"],
    restore_points: 0,
  });
  renameSync(`${nights.folder}.away`, nights.folder);
  rmSync(join(told, "closed"));
  calls();

  const lock = join(nights.folder, ".tidemark/lock");
  const holder = spawn("flock", ["-o", lock, "sleep", "60"], { stdio: "ignore" });
  while (sh("flock", ["-n", lock, "true"], { status: "any" }).status === 0) sh("sleep", ["0.05"]);
  const known = gauges();
  nights.run({ status: 4 });
  holder.kill();
  expect(calls()).toMatchObject([{ hook: "onFailure", STATUS: "busy", EXIT: "4" }]);
  expect(gauges()).toEqual(known);

  // Metrics that cannot be written are no reason to fail.
  rmSync(metrics, { recursive: true });
  expect(nights.run().output).toContain("warning: the metrics could not be written to ");
  expect(hooksOf(calls())).toEqual(["before", "onSuccess", "after"]);
  expect(pointsOf(nights.folder)).toHaveLength(2);
  nights.compareAll();
});
