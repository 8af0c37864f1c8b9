import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Guest, pointsOf, sh, startGuest, tidemark } from "../live/guest.js";
import { ROOT, TIDEMARK } from "../support/tidemark.js";
import { type Network, startNetwork } from "./network.js";

/*
 * The playbook of a policy of two hosts, run by ansible-playbook: over ssh into network namespaces, and over local connections.
 * Behind both hosts is the machine's libvirt, and each has a running domain of its own.
 */
const URI = "qemu:///system";
const HOSTS = ["kvm1", "kvm2"] as const;
const scratch = mkdtempSync("/dev/shm/tidemark-ansible-");
const ansible = join(scratch, "plan/ansible");
const guests: Guest[] = [];
const started = Date.now();
let network: Network;

beforeAll(() => {
  for (const [index] of HOSTS.entries()) {
    guests.push(startGuest(`tmans-${index + 1}`, [{ target: "vda", format: "qcow2", size: "4M" }]));
  }
  network = startNetwork(join(scratch, "ssh"), HOSTS);
  writeFileSync(join(scratch, "tidemark"), `#!/bin/sh\nexec "${process.execPath}" "${TIDEMARK}" "$@"\n`, {
    mode: 0o755,
  });
  for (const [index, host] of HOSTS.entries()) {
    tidemark(scratch, "inventory", "-c", URI, "-o", `inventory/${host}`, "--", `tmans-${index + 1}`);
  }
  writePolicy(7);
  tidemark(scratch, "compile", "policy.yaml");
}, 120_000);
afterAll(() => {
  network?.remove();
  for (const guest of guests) guest.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** The slot of today was an hour ago, and the next is a day after it: while the test runs none comes due. */
function writePolicy(keep: number): void {
  const ago = (hours: number) => new Date(started - hours * 3_600_000).toISOString();
  const slot = ago(1);
  writeFileSync(
    join(scratch, "policy.yaml"),
    `version: 1
name: tmans
repository: ${scratch}/repository/{host}
horizon: { from: "${ago(2).slice(0, 19)}Z", for: 3d }
schedule: [{ level: incremental, at: "${Number(slot.slice(14, 16))} ${Number(slot.slice(11, 13))} * * *" }]
maxChainLength: 9
maxConcurrent: 1
retention: { keepLast: ${keep} }
defaults: { estimate: { size: 4MiB, changedPerDay: 1% } }
hosts:
  kvm1:
    address: ${network.addresses[0]}
    uri: "qemu+ssh://root@${network.addresses[0]}/system?keyfile=${network.key}&no_verify=1"
  kvm2: { address: ${network.addresses[1]}, uri: "${URI}" }
ansible: { directory: ${scratch}/on/host, become: false }
domains: { "*": }
`,
  );
}

interface Recap {
  readonly output: string;
  /** Of each host. */
  readonly changed: Readonly<Record<string, number>>;
}

/** Runs the playbook on the controller. @throws unless it ends well */
function play(...args: readonly string[]): Recap {
  const [program = "", ...prefix] = network.controller;
  // Both hosts are this machine: their folders are told apart here, and each gathers only its own domain.
  const variables = {
    tidemark_directory: `${scratch}/on/{{ inventory_hostname }}`,
    tidemark_command: join(scratch, "tidemark"),
    tidemark_connect: URI,
    tidemark_domains: "{{ ['tmans-' ~ inventory_hostname[3:]] }}",
  };
  const done = spawnSync(
    program,
    [
      ...prefix,
      "ansible-playbook",
      "-i",
      "inventory.yml",
      "playbook.yml",
      "-e",
      JSON.stringify(variables),
      ...args,
    ],
    {
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
        ANSIBLE_PIPELINING: "1",
        LC_ALL: "C.UTF-8",
      },
    },
  );
  expect(done.status, done.stdout + done.stderr).toBe(0);
  const changed = Object.fromEntries(
    [...done.stdout.matchAll(/^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=0/gm)].map(
      ([, host = "", count]) => [host, Number(count)],
    ),
  );
  return { output: done.stdout, changed };
}

const repository = (index: number) => join(scratch, "repository", HOSTS[index] ?? "", `tmans-${index + 1}`);

describe("the playbook, over ssh into namespaces", () => {
  it("in check mode tells what it would do, and does nothing", () => {
    const { changed } = play("--check", "--diff");
    expect(changed["kvm1"]).toBeGreaterThan(0);
    expect(existsSync(join(scratch, "on"))).toBe(false);
    expect(existsSync(join(scratch, "repository"))).toBe(false);
  });

  it("copies the plans, runs what is due, and gathers what came of it", () => {
    const { changed, output } = play();
    for (const [index, host] of HOSTS.entries()) {
      expect(changed[host]).toBeGreaterThan(0);
      const made = pointsOf(repository(index));
      expect(made).toHaveLength(1);
      const catalog = join(scratch, "inventory", host, "catalog", `tmans-${index + 1}`);
      expect(readdirSync(catalog)).toEqual([`${made[0]}.json`]);
      const checkpoints = join(scratch, "inventory", host, "checkpoints", `tmans-${index + 1}`);
      expect(readdirSync(checkpoints)).toEqual([`${made[0]}.xml`]);
      expect(JSON.parse(readFileSync(join(catalog, `${made[0]}.json`), "utf8")).host).toBe(host);
    }
    expect(output).not.toContain("[WARNING]");
    expect(readdirSync(join(scratch, "plan"))).not.toContain(".tar");
  });

  it("changes nothing the second time", () => {
    expect(play().changed).toEqual({ kvm1: 0, kvm2: 0 });
  });

  it("goes on from what it gathered, and shows the difference before it copies it", () => {
    writePolicy(2);
    tidemark(scratch, "compile", "policy.yaml");
    const plan = readFileSync(join(scratch, "plan/kvm1/PLAN.md"), "utf8");
    expect(plan).toContain("changes since the last run");
    const before = readdirSync(join(scratch, "on/kvm1/releases"));
    const check = play("--check", "--diff", "--tags", "copy");
    expect(check.output).toMatch(/^-\| Kept \| the last 7 \|$/m);
    expect(check.output).toMatch(/^\+\| Kept \| the last 2 \|$/m);
    expect(readdirSync(join(scratch, "on/kvm1/releases"))).toEqual(before);

    expect(play("--tags", "copy").changed["kvm1"]).toBeGreaterThan(0);
    expect(readFileSync(join(scratch, "on/kvm1/current/PLAN.md"), "utf8")).toBe(plan);
  });

  it("leaves one older plan, and goes host by host where it is told so", () => {
    writePolicy(3);
    tidemark(scratch, "compile", "policy.yaml");
    const { output } = play("-e", "tidemark_serial=1", "--tags", "copy");
    expect(output.match(/^PLAY \[/gm)).toHaveLength(2);
    expect(readdirSync(join(scratch, "on/kvm2/releases"))).toHaveLength(2);
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
  expect(existsSync(join(scratch, "local/kvm1/current/plan.json"))).toBe(true);
  expect(play(...local).changed).toEqual({ kvm1: 0, kvm2: 0 });
});

it("what is emitted passes ansible-lint, and restore points pass tidemark verify", () => {
  for (const folder of [ansible, join(ROOT, "golden/fleet-ansible/expected/ansible")]) {
    const copy = mkdtempSync(join(scratch, "lint-"));
    cpSync(folder, copy, { recursive: true });
    const lint = sh("ansible-lint", ["--offline", "-q", "--nocolor", "playbook.yml", "roles"], {
      cwd: copy,
      status: "any",
    });
    expect([lint.stdout, lint.status]).toEqual(["", 0]);
  }
  tidemark(scratch, "verify", "repository/kvm1");
});
