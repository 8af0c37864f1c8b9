import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { nvramPath } from "../live/firmware.js";
import { discard, type Guest, sh, startGuest } from "../live/guest.js";
import { manifestOf, type Nights, underPolicy } from "../live/nights.js";
import { count } from "../live/tally.js";

/* A guest with an operating system, which `setup.sh` has made: asked and ordered through its agent. */

const IMAGE = join(import.meta.dirname, ".image");
const URI = "qemu:///system";
/** The port at which the guest acknowledges what it has written; on the host a file. */
const ROWS = "tidemark.rows";

/** Starts the guest and waits for its agent. */
export function startMachine(name: string): Guest {
  const folder = "tidemark machine ";
  const disks = [
    { target: "vda", format: "qcow2", size: "64M", content: join(IMAGE, "disk.qcow2") },
    { target: "vdb", format: "qcow2", size: "4M" },
  ] as const;
  const guest = startGuest(name, disks, folder, null, {
    memory: 256,
    os: `<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type>
      <firmware><feature enabled='no' name='secure-boot'/></firmware></os><features><acpi/></features>`,
    devices: `<interface type='user'><rom enabled='no'/></interface><tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
      <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      <channel type='file'><source path='${rowsOf(name)}'/><target type='virtio' name='${ROWS}'/></channel>`,
    beforeStart: () => copyFileSync(join(IMAGE, "variables.fd"), nvramPath({ name })),
  });
  if (boots(name)) return guest;
  guest.remove();
  throw new Error(`${name} does not boot to its agent, although nothing was restored`);
}

/** What the guest acknowledges; the file is gone after `forgetMachine`. */
const rowsOf = (name: string) => `/dev/shm/${name}.rows`;

/** The last row that the guest has acknowledged; 0 if it has acknowledged none. */
export function acknowledged(name: string): number {
  // The last line may be half written.
  return Number(readFileSync(rowsOf(name), "utf8").split("\n").at(-2) ?? 0);
}

/** Ends and forgets a domain, with its NVRAM and the state of its TPM. */
export function forgetMachine(name: string): void {
  discard(name);
  rmSync(rowsOf(name), { force: true });
}

/** The guest under a policy that freezes it. */
export function frozenNights(guest: Guest): Nights {
  const nights = underPolicy(guest, {
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    retention: "{ keepLast: 9 }",
    defaults: "{ mode: push, freeze: true }",
  });
  nights.compile();
  return nights;
}

/**
 * Runs a night in which the guest writes rows all the time.
 * @returns the restore point, and the last row that was acknowledged before the guest was frozen
 */
export function nightWhileWriting(guest: Guest, nights: Nights): { point: string; before: number } {
  const begun = acknowledged(guest.name);
  while (acknowledged(guest.name) < begun + 5) sh("sleep", ["0.2"]);
  let [before, later] = [0, 0];
  const { point } = nights.run({
    // The guest is frozen here, and the backup has not begun.
    fault: "job:stop",
    whileStopped: () => {
      before = acknowledged(guest.name);
      sh("sleep", ["2"]);
      later = acknowledged(guest.name);
    },
  });
  expect(later, "a frozen guest acknowledges nothing").toBe(before);
  expect(manifestOf(nights, point).frozen).toBe(true);
  const thawed = acknowledged(guest.name);
  while (acknowledged(guest.name) < thawed + 2) sh("sleep", ["0.2"]);
  return { point, before };
}

/** Holds the database in a guest to what was acknowledged before it was frozen; one row more may be in it, whose word was on its way. */
export function expectRows(name: string, before: number): void {
  const { first, last, rows } = rowsInside(name);
  expect({ first, rows }, "no row is missing").toEqual({ first: 1, rows: last });
  expect(last).toBeGreaterThanOrEqual(before);
  expect(last).toBeLessThanOrEqual(before + 1);
}

/** Restores a point by the plan's script. */
export function restore({ restoreScript }: Nights, point: string, ...args: readonly string[]): string {
  const { stderr } = sh("bash", [restoreScript, point, "-c", URI, ...args]);
  count("restored");
  return stderr;
}

/** Starts a domain. @returns the seconds after which its agent answers; undefined if it never does */
export function bootOf(name: string, seconds?: number): number | undefined {
  const begun = Date.now();
  sh("virsh", ["-c", URI, "start", "--domain", name]);
  return boots(name, seconds) ? (Date.now() - begun) / 1000 : undefined;
}

/**
 * Whether the agent of a domain that has just been started answers.
 * @param seconds how long it is waited for
 */
export function boots(name: string, seconds = 90): boolean {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const ping = ["qemu-agent-command", "--timeout", "5", "--domain", name, '{"execute":"guest-ping"}'];
    if (sh("virsh", ["-c", URI, ...ping], { status: "any" }).status === 0) {
      count("booted");
      return true;
    }
    sh("sleep", ["0.5"]);
  }
  return false;
}

function agent(name: string, command: unknown): unknown {
  const said = sh("virsh", ["-c", URI, "qemu-agent-command", "--domain", name, JSON.stringify(command)]);
  return JSON.parse(said.stdout).return;
}

interface Ended {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

/** Runs a command of the guest's shell to its end. @returns its status, and what it printed */
function inside(name: string, command: string): { status: number; output: string; errors: string } {
  const { pid } = agent(name, {
    execute: "guest-exec",
    arguments: { path: "/bin/sh", arg: ["-c", command], "capture-output": true },
  }) as { pid: number };
  for (let waited = 0; waited < 600; waited++) {
    const ended = agent(name, { execute: "guest-exec-status", arguments: { pid } }) as Ended;
    if (ended.exited) {
      const text = (part: "out-data" | "err-data") => Buffer.from(ended[part] ?? "", "base64").toString();
      return { status: ended.exitcode ?? -1, output: text("out-data"), errors: text("err-data") };
    }
    sh("sleep", ["0.1"]);
  }
  throw new Error(`${command} in ${name} does not end`);
}

/** As `inside`, and the command must succeed. @returns what it printed */
export function told(name: string, command: string): string {
  const { status, output, errors } = inside(name, command);
  if (status !== 0) throw new Error(`${command} in ${name} ended with ${status}: ${output}${errors}`);
  return output.trim();
}

const PRIMARY =
  "export TPM2TOOLS_TCTI=device:/dev/tpmrm0; cd /secret; tpm2 createprimary -Q -C o -G ecc -c /tmp/primary";

/** Seals a secret with the guest's TPM; only the sealed form is on the disk. */
export function seal(name: string, secret: string): void {
  told(
    name,
    `mkdir -p /secret && ${PRIMARY} && printf %s '${secret}' | tpm2 create -Q -C /tmp/primary -i - -u public -r private && sync`,
  );
}

/** Opens what was sealed. @returns the secret, or undefined if this TPM cannot open it */
export function unseal(name: string): string | undefined {
  const { status, output } = inside(
    name,
    `${PRIMARY} && tpm2 load -Q -C /tmp/primary -u public -r private -c /tmp/sealed && tpm2 unseal -c /tmp/sealed`,
  );
  return status === 0 ? output : undefined;
}

/** Lets the guest write rows into a database, one transaction each, and acknowledge each row that was committed. */
export function writeRows(name: string): void {
  const loop = `port=/dev/$(basename "$(dirname "$(grep -lx ${ROWS} /sys/class/virtio-ports/*/name)")")
sqlite3 /rows.db "pragma journal_mode = wal; create table if not exists rows (n integer primary key, text)" >/dev/null
while sqlite3 /rows.db "pragma synchronous = full; insert into rows (text) values (hex(randomblob(200))); select max(n) from rows" >"$port"; do :; done`;
  told(name, `cat >/tmp/write.sh <<'END'\n${loop}\nEND\nsetsid sh /tmp/write.sh >/tmp/write.log 2>&1 &`);
}

/** The rows of the database, lowest and highest number and how many, after SQLite has found it whole. */
function rowsInside(name: string): { first: number; last: number; rows: number } {
  const said = told(
    name,
    `sqlite3 -separator ' ' /rows.db "pragma integrity_check; select min(n), max(n), count(*) from rows"`,
  );
  const [whole, numbers = ""] = said.split("\n");
  if (whole !== "ok") throw new Error(`the database of ${name} is damaged: ${said}`);
  const [first = 0, last = 0, rows = 0] = numbers.split(" ").map(Number);
  return { first, last, rows };
}

/** Takes from the firmware the only way to the guest's kernel. */
export function loseBootEntry(name: string): void {
  told(
    name,
    `mount -t efivarfs efivarfs /sys/firmware/efi/efivars; efibootmgr | sed -n "s/^Boot\\(....\\).*the suite's guest.*/\\1/p" | xargs efibootmgr -q -B -b`,
  );
}

/** Clears the TPM: what it has sealed, it can never open again. */
export function loseTpm(name: string): void {
  told(
    name,
    "TPM2TOOLS_TCTI=device:/dev/tpmrm0 tpm2 clear -c p || TPM2TOOLS_TCTI=device:/dev/tpmrm0 tpm2 clear",
  );
}
