import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createProgram } from "../../src/cli/commands/index.js";
import { helpOf } from "../../src/cli/help.js";
import { captureInventory, type Guest, sh, startGuest, tidemark } from "../live/guest.js";
import { TIDEMARK } from "../support/tidemark.js";

/*
 * Every example that a help shows is run, as it stands, by bash: in a fresh copy of a repository with a policy, its plan and
 * its inventory, over running domains of the names that the examples use. Absolute paths are moved below a scratch folder.
 */
const examples = createProgram("0", () => {}).commands.flatMap((command) =>
  (helpOf(command)?.examples ?? []).map((example) => ({ command: command.name(), example })),
);

const scratch = mkdtempSync("/dev/shm/tidemark-help-");
// QEMU, which is another user, goes through it.
chmodSync(scratch, 0o711);
const bin = join(scratch, "bin");
const guests: Guest[] = [];

beforeAll(() => {
  for (const name of ["fedora", "web-1", "mail"]) {
    guests.push(startGuest(name, [{ target: "vda", format: "qcow2", size: "4M" }]));
  }
  mkdirSync(bin);
  // On the way to another host, ssh would run there what it is given; here it runs it here.
  script("ssh", 'while [[ $1 != -- ]]; do shift; done; shift 2; exec sh -c "$*"');
  script("tidemark", `exec "${process.execPath}" "${TIDEMARK}" "$@"`);

  const work = join(scratch, "work");
  for (const [index, guest] of guests.entries()) {
    captureInventory(guest, join(scratch, "var/backup/libvirt"));
    cpSync(join(guest.folder, "inventory"), join(work, "inventory"), { recursive: true, force: index === 0 });
  }
  writeFileSync(
    join(work, "policy.yaml"),
    `version: 1
name: weekly
repository: ${join(scratch, "var/backup/libvirt")}
horizon: { from: 2026-12-01, for: 2w }
schedule:
  - { level: full, at: "0 1 * * sun" }
  - { level: incremental, at: "0 1 * * mon-sat" }
retention: { keepLast: 7 }
domains: { "*": {} }
`,
  );
  writeFileSync(join(work, "fleet.yaml"), fleet(readFileSync(join(work, "policy.yaml"), "utf8")));
  tidemark(work, "compile", "policy.yaml");
  for (const slot of ["2026-12-06T01:00:00Z", "2026-12-07T01:00:00Z"]) {
    sh(join(work, "plan/web-1/run.sh"), [slot, "-c", "qemu:///system"]);
  }
  for (const document of ["backup", "checkpoint"]) {
    const args = ["xml", "policy.yaml", "--domain", "fedora", "--slot", "2026-12-06", document];
    writeFileSync(join(work, `${document}.xml`), tidemark(work, ...args));
  }
  for (const folder of [
    "srv",
    "etc/bash_completion.d",
    "usr/local/share/zsh/site-functions",
    "home/.config/fish/completions",
  ]) {
    mkdirSync(join(scratch, folder), { recursive: true });
  }
  const git = (...args: readonly string[]) =>
    sh("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: work });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "plan");
});
afterAll(() => {
  for (const guest of guests) guest.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** The same policy for a host of which nothing is known yet. */
function fleet(policy: string): string {
  return `${policy}hosts: { kvm-1: { uri: "qemu:///system", inventory: ./kvm-1 } }\n`;
}

function script(name: string, text: string): void {
  writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${text}\n`);
  chmodSync(join(bin, name), 0o755);
}

it("every command has examples", () => {
  for (const command of createProgram("0", () => {}).commands)
    expect(helpOf(command)?.examples ?? [], command.name()).not.toEqual([]);
});

it.each(examples)("$example", ({ command, example }) => {
  const copy = join(scratch, "copy");
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(scratch, "work"), copy, { recursive: true });
  // init begins where there is no policy.
  if (command === "init") rmSync(join(copy, "policy.yaml"));
  // What libvirt is given by hand finds its folder there.
  const byHand = join(scratch, "var/backup/libvirt/mail/weekly-20261206T010000Z");
  if (command === "xml") mkdirSync(byHand, { recursive: true });
  else rmSync(byHand, { recursive: true, force: true });
  const before = new Set(readdirSync(copy));
  const moved = example.replaceAll(/(?<![\w.:/@])\/(?=var|srv|etc|usr)/g, `${scratch}/`);
  const done = spawnSync("bash", ["-euo", "pipefail", "-c", moved], {
    cwd: copy,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"]}`,
      HOME: join(scratch, "home"),
      MANPAGER: "cat",
    },
    timeout: 60_000,
  });
  expect(done.status, done.stdout + done.stderr).toBe(0);
  expect(done.stderr).not.toMatch(/error TM|^\s+at /m);
  // What it is told to write is there.
  const redirected = />[\s\\]*(\S+)$/.exec(moved)?.[1]?.replace("~", join(scratch, "home"));
  if (redirected !== undefined) expect(sh("wc", ["-c", redirected], { cwd: copy }).stdout).not.toMatch(/^0 /);
  else if (command === "init") expect(readdirSync(copy).some((name) => !before.has(name))).toBe(true);
});
