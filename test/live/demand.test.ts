import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { TIDEMARK } from "../support/tidemark.js";
import { checkpointsOf, type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { manifestOf, type Nights, type PolicyText, pullMode, runScript, underPolicy } from "./nights.js";

/*
 * Restore points on demand, beside the nights of a plan: what they build on, what builds on them, and what deletes neither. They have
 * the time of today, so the plan begins some days before; the nights of coming days are run today as well.
 */

let guest: Guest;
let nights: Nights;
afterEach(() => guest.remove());

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000);
const cronDay = (offset: number) => `${day(offset).getUTCDate()} ${day(offset).getUTCMonth() + 1}`;

/** A plan of a night a day, with a full in three days; it has begun three days ago, and all nights that have come are run. */
function begin(
  text: (folder: string) => PolicyText = () => ({}),
  formats: readonly ("qcow2" | "raw")[] = ["qcow2"],
): void {
  const disks = formats.map((format, index) => ({ target: `vd${"ab"[index]}`, format, size: "4M" }));
  guest = startGuest("tmlive-demand", disks);
  nights = underPolicy(guest, {
    from: day(-2).toISOString().slice(0, 10),
    schedule: `
  - { level: full, at: "0 1 ${cronDay(3)} *" }
  - { level: incremental, at: "0 1 * * *" }`,
    retention: "{ keepLast: 2 }",
    ...text(guest.folder),
  });
  nights.compile();
  while ((nights.left()[0] ?? "") < new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")) nights.run();
}

const basesOf = (point: string) => manifestOf(nights, point).disks.map(({ base }) => base);
const newest = () => pointsOf(nights.folder).at(-1) ?? "";
const tidemark = (...args: readonly string[]) =>
  sh(process.execPath, [TIDEMARK, ...args], { cwd: guest.folder, status: "any" });

it("builds on the newest night, deletes nothing, and stays while the nights after it go their planned way", () => {
  begin();
  const last = newest();
  const there = pointsOf(nights.folder);
  const { point } = nights.demand({ args: ["--pin", "before the upgrade"] });
  expect(point).toMatch(/^nightly-\d{8}T\d{4}(?!00)\d\dZ$/);
  expect(pointsOf(nights.folder)).toEqual([...there, point]);
  expect(manifestOf(nights, point)).toMatchObject({
    level: "incremental",
    onDemand: true,
    pin: { reason: "before the upgrade" },
  });
  expect(basesOf(point)).toEqual([last]);
  expect(checkpointsOf(guest)).toEqual(expect.arrayContaining([last, point]));

  // The night after it has its planned base, whose checkpoint is there, and takes the checkpoint on demand away.
  const after = nights.run();
  expect(basesOf(after.point)).toEqual([last]);
  expect(manifestOf(nights, after.point).deviation).toBeUndefined();
  expect(checkpointsOf(guest)).toEqual([after.point]);

  // The old chain is deleted when two nights have a younger full, but for what the pinned restore point needs.
  const outputs = [nights.run(), nights.run(), nights.run()].map(({ output }) => output).join();
  expect(outputs).toContain(`${last} is kept, because ${point} builds on it`);
  expect(pointsOf(nights.folder)).toEqual(expect.arrayContaining([...there, point]));
  expect(pointsOf(nights.folder)).not.toContain(after.point);
  nights.compareAll();
  expect(tidemark("verify", nights.repository).status).toBe(0);

  // A plan that knows of it keeps it and all that it needs, and says so.
  sh("cp", ["-r", join(guest.folder, "plan"), join(guest.folder, "before")]);
  nights.compile();
  expect(readFileSync(join(guest.folder, "plan/PLAN.md"), "utf8")).toContain(
    `${point} (incremental) is pinned: before the upgrade.`,
  );
  expect(tidemark("diff", "before", "plan").stdout).toContain(
    `pinned: none → ${point} (pinned: before the upgrade)`,
  );
  for (let night = 0; night < 3; night++) nights.run();
  expect(pointsOf(nights.folder)).toEqual(expect.arrayContaining([...there, point]));
  nights.compareAll();
});

it("is what a plan that is compiled after it builds on", () => {
  begin();
  const { point } = nights.demand();
  expect(manifestOf(nights, point)).not.toHaveProperty("pin");
  nights.compile();
  expect(basesOf(nights.run().point)).toEqual([point]);
  nights.run();
  nights.compareAll();
});

it("is built on by a night whose planned base was never made", () => {
  begin();
  nights.run({ fault: "begun:fail", status: 1 });
  const { point } = nights.demand({ args: ["--keep", "6w"] });
  expect(Date.parse(manifestOf(nights, point).pin?.until ?? "")).toBeGreaterThan(day(41).getTime());
  const after = nights.run();
  expect(basesOf(after.point)).toEqual([point]);
  expect(manifestOf(nights, after.point).deviation).toMatch(/^base missing/);
  for (let night = 0; night < 3; night++) nights.run();
  nights.compareAll();
});

it("takes a full if it is asked to, and each one may follow another", () => {
  begin();
  const full = nights.demand({ args: ["--full"] });
  expect(basesOf(full.point)).toEqual([null]);
  expect(manifestOf(nights, full.point)).toMatchObject({ level: "full", onDemand: true });
  expect(manifestOf(nights, full.point)).not.toHaveProperty("planned");
  const second = nights.demand();
  const third = nights.demand();
  expect(basesOf(second.point)).toEqual([full.point]);
  expect(basesOf(third.point)).toEqual([second.point]);
  nights.run();
  nights.run();
  nights.compareAll();
});

it("is the first restore point where there is none yet", () => {
  begin(() => ({ from: day(1).toISOString().slice(0, 10) }));
  expect(pointsOf(nights.folder)).toEqual([]);
  const { point } = nights.demand();
  expect(manifestOf(nights, point)).toMatchObject({ level: "full" });
  expect(manifestOf(nights, point)).not.toHaveProperty("deviation");
  nights.run();
  nights.compareAll();
});

describe.each([
  ["pull mode, qcow2 and raw", (folder: string) => ({ defaults: pullMode(folder) }), ["qcow2", "raw"]],
  ["raw beside qcow2", () => ({}), ["qcow2", "raw"]],
  [
    "folds",
    () => ({
      top: "consolidate: true\nmaxChainLength: 40",
      schedule: `\n  - { level: incremental, at: "0 1 * * *" }`,
    }),
    ["qcow2"],
  ],
] as const)("%s", (_, text, formats) => {
  it("goes on, before and after it", () => {
    begin(text, formats);
    const { point } = nights.demand({ args: ["--pin", "here"] });
    nights.demand();
    for (let night = 0; night < 4; night++) nights.run();
    expect(pointsOf(nights.folder)).toContain(point);
    nights.compareAll();
    nights.compile();
    nights.run();
    nights.run();
    expect(pointsOf(nights.folder)).toContain(point);
    nights.compareAll();
  });
});

it("a stopped domain has one too", () => {
  begin(() => ({ top: "onStopped: offline-copy" }));
  guest.virsh("destroy");
  const { point } = nights.demand({ args: ["--pin", "off"] });
  expect(manifestOf(nights, point)).toMatchObject({
    checkpoint: null,
    deviation: "offline copy",
    onDemand: true,
  });
  guest.virsh("start");
  nights.run();
  nights.compareAll();
});

it("has the time at which its turn comes", () => {
  begin();
  const held = join(guest.folder, "held");
  sh("bash", [
    "-c",
    `exec >/dev/null 2>&1; flock '${nights.folder}/.tidemark/lock' bash -c 'touch "$0"; sleep 3; date -u +%Y%m%dT%H%M%SZ >"$0"' '${held}' & until [[ -e '${held}' ]]; do sleep 0.05; done`,
  ]);
  const done = sh("bash", [nights.script, "--now", "-c", "qemu:///system"]);
  const [, point = ""] = /done: .*(nightly-\d{8}T\d{6}Z)/.exec(done.stdout) ?? [];
  expect(point.slice(-16) >= readFileSync(held, "utf8").trim()).toBe(true);
});

it("is undone if it fails or is killed, and the next night finds nothing of it", () => {
  begin();
  const before = [pointsOf(nights.folder), checkpointsOf(guest)];
  expect(nights.demand({ fault: "begun:fail", status: 1 }).point).toBe("");
  expect([pointsOf(nights.folder), checkpointsOf(guest)]).toEqual(before);
  nights.demand({ fault: "begun:kill", status: "signal" });
  nights.run();
  nights.compareAll();
});

it("is kept by its pin at run time, whatever the plan lists", () => {
  begin();
  const { point } = nights.demand({ args: ["--full", "--keep", "30d"] });
  // A plan that was compiled before the pin was set wants it deleted.
  const manifest = join(nights.folder, point, "manifest.json");
  const pinned = readFileSync(manifest, "utf8");
  writeFileSync(manifest, pinned.replace(/\n {2}"pin": .*,/, ""));
  nights.compile();
  writeFileSync(manifest, pinned);
  const outputs = Array.from({ length: 6 }, () => nights.run().output).join();
  expect(outputs).toContain(`${point} is kept, because it is pinned`);
  nights.compareAll();
  // Once its time is over, a plan deletes it.
  writeFileSync(manifest, pinned.replace(/"until":"\d{4}/, '"until":"2020'));
  nights.compile();
  for (let night = 0; night < 3; night++) nights.run();
  expect(pointsOf(nights.folder)).not.toContain(point);
  nights.compareAll();
});

it("takes another pin, or none, afterwards, and so does a night", () => {
  begin();
  const [night = ""] = pointsOf(nights.folder);
  const { point } = nights.demand({ args: ["--pin", "before the upgrade"] });
  const pin = (name: string, ...args: readonly string[]) =>
    sh("bash", [nights.script, name, ...args], { status: "any" });
  const manifest = (name: string) => readFileSync(join(nights.folder, name, "manifest.json"), "utf8");
  const [ofPoint, ofNight] = [manifest(point), manifest(night)];

  expect(pin(point, "--unpin", "--dry-run").stdout).toContain(
    `${point} would be written so that it is no longer pinned`,
  );
  expect(manifest(point)).toBe(ofPoint);
  expect(runScript(nights.script, [point, "--unpin"], "pin:kill", undefined, undefined).status).not.toBe(0);
  expect(manifest(point)).toBe(ofPoint);
  expect(pin(point, "--unpin").stdout).toContain(`${point} is no longer pinned`);
  expect(manifest(point)).toBe(ofPoint.replace(/\n {2}"pin": .*,/, ""));
  expect(pin(point, "--unpin").stdout).toContain(`nothing to do: ${point} is not pinned`);

  expect(pin(night, "--pin", "the auditors' night").stdout).toContain(
    `${night} is pinned: the auditors' night`,
  );
  expect(manifest(night).replace(/\n {2}"pin": .*,/, "")).toBe(ofNight);
  expect(manifestOf(nights, night).pin).toEqual({ reason: "the auditors' night" });
  expect(pin(night, "--keep", "2036-01-31").stdout).toContain(
    `${night} is pinned until 2036-01-31T00:00:00Z`,
  );
  expect(manifestOf(nights, night).pin).toEqual({ until: "2036-01-31T00:00:00Z" });

  // The plan was compiled before the pin, and wants the night deleted.
  for (let count = 0; count < 6; count++) nights.run();
  expect(pointsOf(nights.folder)).toContain(night);
  // A plan that was compiled after it deletes what is no longer pinned.
  nights.compile();
  for (let count = 0; count < 3; count++) nights.run();
  expect(pointsOf(nights.folder)).toContain(night);
  expect(pointsOf(nights.folder)).not.toContain(point);
  nights.compareAll();
});

it("has its pin changed only where that is safe", () => {
  begin();
  const [night = ""] = pointsOf(nights.folder);
  const file = join(nights.folder, night, "manifest.json");
  const pin = (name: string) =>
    sh("bash", [nights.script, name, "--pin", "x"], { status: "any", env: { TIDEMARK_LOCK_WAIT: "1" } });
  const told = readFileSync(file, "utf8");

  const none = "nightly-20200101T010000Z";
  expect(pin(none)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(`there is no restore point ${none}`),
  });
  sh("mkdir", [join(nights.folder, none)]);
  expect(pin(none)).toMatchObject({ status: 3, stderr: expect.stringContaining(`${none} is not complete`) });

  writeFileSync(file, told.slice(0, -9));
  expect(pin(night)).toMatchObject({ status: 3, stderr: expect.stringContaining("is not JSON") });
  writeFileSync(file, told);
  writeFileSync(`${file}.folded`, told);
  expect(pin(night)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(`a fold into ${night} did not end`),
  });
  sh("rm", [`${file}.folded`]);
  const [link, mark] = ["link", "mark"].map((name) => join(nights.folder, ".tidemark", name)) as [
    string,
    string,
  ];
  sh("ln", ["-s", "elsewhere", link]);
  expect(pin(night)).toMatchObject({ status: 3, stderr: expect.stringContaining(`${link} is a link`) });
  sh("rm", [link]);
  sh("mv", [mark, `${file}.mark`]);
  expect(pin(night)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("is not the folder that the runs of this host have written to"),
  });
  sh("mv", [`${file}.mark`, mark]);
  const busy = sh(
    "flock",
    [join(nights.folder, ".tidemark/lock"), "bash", nights.script, night, "--pin", "x"],
    { status: "any", env: { TIDEMARK_LOCK_WAIT: "1" } },
  );
  expect(busy).toMatchObject({ status: 4, stderr: expect.stringContaining("another run of") });
  expect(readFileSync(file, "utf8")).toBe(told);
  sh("rmdir", [join(nights.folder, none)]);
});

it("says what is wrong on its command line, and what it would do", () => {
  begin(() => ({ from: day(1).toISOString().slice(0, 10) }));
  for (const [args, message] of [
    [["--full"], "--full belongs to --now"],
    [["--now", "2026-12-06T01:00:00Z"], "--now takes no slot"],
    [["--now", "--keep", "1d", "--pin", "x"], "only one of --keep, --pin and --unpin can be given"],
    [["--now", "--keep", "soonish"], "--keep soonish is no time"],
    [["--now", "--keep", "2020-01-01"], "--keep 2020-01-01 is over already"],
    [["--now", "--pin", ""], "--pin needs a value"],
    [["--now", "--pin", "\u0085"], "--pin takes a line of text"],
  ] as const) {
    expect(sh("bash", [nights.script, ...args], { status: 2 }).stderr).toContain(message);
  }
  const shown = sh("bash", [nights.script, "--now", "--dry-run", "-c", "qemu:///system"]);
  expect(shown.stdout).toMatch(/qemu-img create/);
  expect(pointsOf(nights.folder)).toEqual([]);
});
