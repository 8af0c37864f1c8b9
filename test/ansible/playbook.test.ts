import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Guest, pointsOf, sh, startGuest, tidemark } from "../live/guest.js";
import { pullMode } from "../live/nights.js";
import { ROOT, TIDEMARK } from "../support/tidemark.js";
import { type Network, startNetwork } from "./network.js";

/*
 * The playbook of a policy of two hosts, run by ansible-playbook: over ssh into network namespaces, and over local connections.
 * Behind both hosts is the machine's libvirt, and each has a running domain of its own. The first has a systemd of its own as its
 * first process, whose timer runs what is due; of the second the playbook does.
 */
const URI = "qemu:///system";
const HOSTS = ["kvm1", "kvm2"] as const;
const TIMER = "tidemark-tmans.timer";
const SERVICE = "tidemark-tmans.service";
const scratch = mkdtempSync("/dev/shm/tidemark-ansible-");
// QEMU, which is another user, goes through it.
chmodSync(scratch, 0o711);
const ansible = join(scratch, "plan/ansible");
/** On each host another; not below /dev, of which a service sees little. */
const plans = mkdtempSync("/var/lib/tidemark-ansible-");
/** A folder of units that are not tidemark's. */
const others = join(scratch, "others");
const guests: Guest[] = [];
const started = Date.now();
let network: Network;

beforeAll(() => {
  for (const [index] of HOSTS.entries()) {
    guests.push(startGuest(`tmans-${index + 1}`, [{ target: "vda", format: "qcow2", size: "4M" }]));
  }
  const hosts = HOSTS.map((name) => ({ name, systemd: name === "kvm1" }));
  network = startNetwork(join(scratch, "network"), hosts, plans);
  writeFileSync(join(scratch, "tidemark"), `#!/bin/sh\nexec "${process.execPath}" "${TIDEMARK}" "$@"\n`, {
    mode: 0o755,
  });
  for (const [index, host] of HOSTS.entries()) {
    tidemark(scratch, "inventory", "-c", URI, "-o", `inventory/${host}`, "--", `tmans-${index + 1}`);
  }
  mkdirSync(others);
  writeFileSync(join(others, TIMER), "# By hand.\n");
  // Behind both is the same libvirt, so that each gathers only its own domain.
  writeFileSync(
    join(scratch, "own.yml"),
    `tidemark:
  vars: { tidemark_command: ${join(scratch, "tidemark")}, tidemark_connect: "${URI}" }
  hosts:
    kvm1: { tidemark_domains: [tmans-1] }
    kvm2: { tidemark_domains: [tmans-2], tidemark_schedule: ansible, tidemark_unit_directory: ${others} }
`,
  );
  compile({ keep: 7 });
}, 120_000);
afterAll(async () => {
  await network?.remove();
  for (const guest of guests) guest.remove();
  rmSync(plans, { recursive: true });
  rmSync(scratch, { recursive: true, force: true });
});

/** The slot of today was an hour ago, and the next is a day after it: while the test runs none comes due. */
function compile({
  keep,
  second = "",
  units = true,
}: {
  keep: number;
  second?: string;
  units?: boolean;
}): void {
  const ago = (hours: number) => new Date(started - hours * 3_600_000).toISOString();
  const slot = ago(1);
  writeFileSync(
    join(scratch, "policy.yaml"),
    `version: 1
name: tmans
repository: ${scratch}/repository/{host}
horizon: { from: "${ago(2).slice(0, 19)}Z", for: 3d }
schedule: [{ level: incremental, at: "${Number(slot.slice(14, 16))} ${Number(slot.slice(11, 13))} * * *" }${second}]
maxChainLength: 9
maxConcurrent: 1
retention: { keepLast: ${keep} }
defaults: { estimate: { size: 4MiB, changedPerDay: 1% } }
hosts:
  kvm1:
    address: ${network.addresses[0]}
    uri: "qemu+ssh://root@${network.addresses[0]}/system?keyfile=${network.key}&no_verify=1"
  kvm2: { address: ${network.addresses[1]}, uri: "${URI}" }
ansible: { directory: ${plans}, become: false }
${units ? `systemd: { connect: "${URI}" }` : ""}
domains:
  "*":
  # In its service's bounds, a run in pull mode needs the most: it gives up rights, and gives files away.
  tmans-1: ${pullMode(guests[0]?.folder ?? "")}
`,
  );
  tidemark(scratch, "compile", "policy.yaml");
}

interface Recap {
  readonly output: string;
  /** Of each host. */
  readonly changed: Readonly<Record<string, number>>;
}

/** Runs the playbook on the controller. */
function ansiblePlaybook(args: readonly string[]): SpawnSyncReturns<string> {
  const [program, ...prefix] = network.controller;
  const inventories = ["-i", "inventory.yml", "-i", join(scratch, "own.yml")];
  return spawnSync(program, [...prefix, "ansible-playbook", ...inventories, "playbook.yml", ...args], {
    cwd: ansible,
    encoding: "utf8",
    env: {
      ...process.env,
      ANSIBLE_SSH_ARGS: network.ssh,
      ANSIBLE_REMOTE_USER: "root",
      ANSIBLE_HOME: join(scratch, "ansible-home"),
      ANSIBLE_LOCALHOST_WARNING: "false",
      ANSIBLE_NOCOLOR: "1",
      ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
      LC_ALL: "C.UTF-8",
    },
  });
}

/** @throws unless the playbook ends well */
function play(...args: readonly string[]): Recap {
  const done = ansiblePlaybook(args);
  expect(done.status, done.stdout + done.stderr).toBe(0);
  const changed = Object.fromEntries(
    [...done.stdout.matchAll(/^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=0/gm)].map(
      ([, host = "", count]) => [host, Number(count)],
    ),
  );
  return { output: done.stdout, changed };
}

const repository = (index: number) => join(scratch, "repository", HOSTS[index] ?? "", `tmans-${index + 1}`);
const released = (index: number) => readdirSync(join(network.own(index, "plans"), "releases"));
/** What the host's systemd says of a unit. */
const told = (unit: string, property: string) =>
  network.on(0, `systemctl show --value --property ${property} ${unit}`).trim();
const timer = () => [told(TIMER, "ActiveState"), told(TIMER, "UnitFileState")];

/** The inventory has what libvirt and the repository say of the host's one restore point. */
function expectGathered(index: number): void {
  const host = HOSTS[index] ?? "";
  const made = pointsOf(repository(index));
  expect(made).toHaveLength(1);
  const catalog = join(scratch, "inventory", host, "catalog", `tmans-${index + 1}`);
  expect(readdirSync(catalog)).toEqual([`${made[0]}.json`]);
  const checkpoints = join(scratch, "inventory", host, "checkpoints", `tmans-${index + 1}`);
  expect(readdirSync(checkpoints)).toEqual([`${made[0]}.xml`]);
  expect(JSON.parse(readFileSync(join(catalog, `${made[0]}.json`), "utf8")).host).toBe(host);
}

describe("the playbook, over ssh into namespaces", () => {
  it("in check mode tells what it would do, and does nothing", () => {
    const { changed, output } = play("--check", "--diff");
    for (const host of HOSTS) expect(changed[host]).toBeGreaterThan(0);
    expect(output).toMatch(/^\+OnCalendar=/m);
    for (const [index] of HOSTS.entries()) expect(readdirSync(network.own(index, "plans"))).toEqual([]);
    expect(told(TIMER, "LoadState")).toBe("not-found");
    expect(existsSync(join(scratch, "repository"))).toBe(false);
  });

  it("installs no units that would look for the plan elsewhere", () => {
    const elsewhere = ["-e", "tidemark_directory=/tmp/elsewhere", "--limit", "kvm1", "--tags", "copy"];
    const { status, stdout } = ansiblePlaybook(elsewhere);
    expect([status, stdout]).toEqual([
      2,
      expect.stringContaining(`the units look for the plan in ${plans}/current`),
    ]);
    expect(told(TIMER, "LoadState")).toBe("not-found");
  });

  it("copies the plans, and of what is due runs what no timer does, and gathers what came of it", () => {
    const { changed, output } = play();
    for (const host of HOSTS) expect(changed[host]).toBeGreaterThan(0);
    expectGathered(1);
    expect(pointsOf(repository(0))).toEqual([]);
    expect(output).not.toContain("[WARNING]");
    expect(readdirSync(join(scratch, "plan"))).not.toContain(".tar");
    // What a timer runs the playbook would run as well, if it were asked to.
    expect(play("--check", "--tags", "run").changed).toEqual({ kvm1: 1, kvm2: 0 });
  });

  it("has installed a timer whose service systemd runs, in its bounds, for what the host missed; and gathers that as well", async () => {
    expect(timer()).toEqual(["active", "enabled"]);
    // As if the host had been down when the slot came.
    const missed = `touch -d '2 hours ago' /var/lib/systemd/timers/stamp-${TIMER}`;
    network.on(0, `systemctl stop ${TIMER} && ${missed} && systemctl start ${TIMER}`);
    const said = () => network.on(0, `systemctl show -p Result -p ExecMainExitTimestamp ${SERVICE}`);
    await expect
      .poll(said, { timeout: 60_000, interval: 1000 })
      .toMatch(/^Result=(?!success)|^ExecMainExitTimestamp=./m);
    expect(
      [told(SERVICE, "Result"), told(SERVICE, "ProtectSystem")],
      network.on(0, `systemctl status ${SERVICE} || true`),
    ).toEqual(["success", "strict"]);
    expect(play("--tags", "gather", "--limit", "kvm1").changed).toEqual({ kvm1: 1 });
    expectGathered(0);
  });

  it("changes nothing the second time", () => {
    expect(play().changed).toEqual({ kvm1: 0, kvm2: 0 });
  });

  it("goes on from what it gathered, and shows the difference before it copies it", () => {
    const calendar = told(TIMER, "TimersCalendar");
    compile({ keep: 2, second: ', { level: incremental, at: "59 23 31 12 *" }' });
    const plan = readFileSync(join(scratch, "plan/kvm1/PLAN.md"), "utf8");
    expect(plan).toContain("changes since the last run");
    const before = released(0);
    const check = play("--check", "--diff", "--tags", "copy");
    expect(check.output).toMatch(/^-\| Kept \| the last 7;.*\|$/m);
    expect(check.output).toMatch(/^\+\| Kept \| the last 2;.*\|$/m);
    expect(check.output).toMatch(/^\+OnCalendar=/m);
    expect([released(0), told(TIMER, "TimersCalendar")]).toEqual([before, calendar]);

    expect(play("--tags", "copy").changed["kvm1"]).toBeGreaterThan(0);
    expect(readFileSync(join(network.own(0, "plans"), "current/PLAN.md"), "utf8")).toBe(plan);
    expect(told(TIMER, "TimersCalendar")).toContain("12-31 23:59:00");
  });

  it("leaves one older plan, goes host by host where it is told so, and takes units away that a plan no longer has", () => {
    compile({ keep: 3, units: false });
    const { output } = play("-e", "tidemark_serial=1", "--tags", "copy");
    expect(output.match(/^PLAY \[/gm)).toHaveLength(2);
    for (const [index] of HOSTS.entries()) expect(released(index)).toHaveLength(2);
    for (const unit of [TIMER, SERVICE]) expect(told(unit, "LoadState")).toBe("not-found");
    expect(timer()).toEqual(["inactive", ""]);
    expect(readdirSync(others)).toEqual([TIMER]);
  });
});

it("goes over local connections as well", () => {
  const local = [
    "-e",
    "ansible_connection=local",
    "-e",
    JSON.stringify({ tidemark_directory: `${scratch}/local/{{ inventory_hostname }}` }),
  ];
  expect(play(...local).changed["kvm1"]).toBeGreaterThan(0);
  // What a copy that was cut short leaves is not taken for a plan.
  const current = join(scratch, "local/kvm1/current");
  rmSync(realpathSync(join(current, "run-due.sh")));
  rmSync(current);
  play(...local, "--tags", "copy", "--limit", "kvm1");
  expect(readFileSync(join(current, "run-due.sh"), "utf8")).toContain("run_due");
  expect(play(...local).changed).toEqual({ kvm1: 0, kvm2: 0 });
});

it("what is emitted passes ansible-lint, and restore points pass tidemark verify", () => {
  const emitted = [
    ansible,
    ...["fleet-ansible", "ansible-with-systemd"].map((name) =>
      join(ROOT, "golden", name, "expected/ansible"),
    ),
  ];
  const lint = mkdtempSync(join(scratch, "lint-"));
  for (const [index, folder] of emitted.entries())
    cpSync(folder, join(lint, `${index}`), { recursive: true });
  const files = emitted.flatMap((_, index) => [`${index}/playbook.yml`, `${index}/roles`]);
  const judged = sh("ansible-lint", ["--offline", "-q", "--nocolor", ...files], { cwd: lint, status: "any" });
  expect([judged.stdout, judged.status]).toEqual(["", 0]);
  for (const host of HOSTS) tidemark(scratch, "verify", `repository/${host}`);
});
