import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { contentOf, discard, type Guest, sh, startGuest } from "../guest.js";
import { type Nights, runScript, underPolicy } from "../nights.js";
import { count } from "../tally.js";
import { startLibvirtd, stopLibvirtd } from "./daemon.js";

/* An instant restore whose guest writes all the time, while libvirtd is restarted, and QEMU and the script are killed. */
const NAME = "tmlive-pulled";
const COPY = `${NAME}-copy`;

let guest: Guest | undefined;
let writer: ChildProcess | undefined;
afterEach(() => {
  writer?.kill("SIGKILL");
  writer = undefined;
  startLibvirtd();
  discard(COPY);
  guest?.remove();
  guest = undefined;
});

const KIB = 64;
const PLACES = 24 * (1024 / KIB);
/** The write of a number: each has its place until all places are written, and a pattern that tells rounds apart. */
const writeOf = (number: number) =>
  `write -P ${1 + ((number * 7) % 251)} ${8192 + ((number * 37) % PLACES) * KIB}k ${KIB}k`;

/** Writes one number after the other as the guest, and notes each that was acknowledged; a call that fails is made again. */
const WRITER = `
number=0
while [[ ! -e $1/stop && -d $1 ]]; do
  said=$(virsh -c qemu:///system qemu-monitor-command --domain "$2" --hmp \\
    "qemu-io -d /machine/peripheral/virtio-disk0/virtio-backend \\"write -P $((1 + number * 7 % 251)) $((8192 + number * 37 % ${PLACES} * ${KIB}))k ${KIB}k\\"" 2>/dev/null) &&
    [[ ! $said =~ [^[:space:]] ]] && printf '%s\\n' "$((number++))" >>"$1/acknowledged"
  sleep 0.02
done`;

/** A virsh that pulls slowly, so that there is a middle to be hit. */
const SLOWLY = `#!/bin/bash
[[ " $* " != *" blockpull "* ]] || set -- "$@" --bandwidth 6
exec -a virsh /usr/bin/virsh "$@"
`;

interface Scene {
  readonly nights: Nights;
  readonly point: string;
  readonly to: string;
  readonly args: readonly string[];
}

function begin(): Scene {
  const host = startGuest(NAME, [
    { target: "vda", format: "qcow2", size: "64M" },
    { target: "vdb", format: "qcow2", size: "4M" },
  ]);
  guest = host;
  const nights = underPolicy(host, {
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    retention: "{ keepLast: 3 }",
    top: "permissions: { group: kvm }",
  });
  nights.compile();
  host.write("vda", "write -P 5 8M 24M");
  nights.run();
  host.write("vdb", "write -P 6 0 2M");
  const { point } = nights.run();
  const to = join(host.folder, "instant");
  mkdirSync(to);
  mkdirSync(join(host.folder, "bin"));
  writeFileSync(join(host.folder, "bin/virsh"), SLOWLY);
  chmodSync(join(host.folder, "bin/virsh"), 0o755);
  const args = [point, "-c", "qemu:///system", "--to", to, "--define", COPY, "--instant"];
  return { nights, point, to, args: [...args, "--keep", "seclabel"] };
}

function restore({ nights, args }: Scene, fault?: string, whileStopped?: (pid: number) => void) {
  const path = join((guest as Guest).folder, "bin");
  return runScript(nights.restoreScript, args, fault, whileStopped, path);
}

function startWriter({ nights }: Scene): void {
  writer = spawn("bash", ["-c", WRITER, "writer", nights.guest.folder, COPY], { stdio: "ignore" });
}

const acknowledged = ({ nights }: Scene) => {
  const file = join(nights.guest.folder, "acknowledged");
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").length : 0;
};

/** sha256 of the disk vda of the restore point with all writes that were acknowledged. */
function expected({ nights, point }: Scene, writes: number): string {
  const to = join(nights.guest.folder, "truth");
  mkdirSync(to);
  sh("bash", [nights.restoreScript, point, "--to", to, "--disk", "vda", "--format", "raw"]);
  const raw = join(to, "vda.raw");
  const commands = Array.from({ length: writes }, (_, number) => ["-c", writeOf(number)]).flat();
  sh("qemu-io", ["-f", "raw", ...commands, raw]);
  return contentOf(raw, "raw");
}

const repositoryOf = ({ nights }: Scene) =>
  sh("bash", [
    "-c",
    'cd "$1" && find . -path ./.tidemark -prune -o -type f -print0 | sort -z | xargs -0 sh -c \'sha256sum "$@"; stat -c "%n %U %G %a" "$@"\' -',
    "-",
    nights.folder,
  ]).stdout;

/** Lets the writer go on for a while, ends it, and compares everything. */
function compare(scene: Scene, before: string): void {
  const { nights, to, point } = scene;
  const then = acknowledged(scene);
  until("the guest writes", () => acknowledged(scene) >= then + 10);
  writeFileSync(join(nights.guest.folder, "stop"), "");
  until("the writer ends", () => hasEnded(writer));
  const virsh = (command: string, ...rest: readonly string[]) =>
    sh("virsh", ["-c", "qemu:///system", command, "--domain", COPY, ...rest]).stdout;
  expect(existsSync(join(nights.folder, ".tidemark/instant"))).toBe(false);
  expect(virsh("domstate").trim()).toBe("running");
  // Neither an image nor what libvirt starts next builds on the repository any more.
  for (const xml of [virsh("dumpxml"), virsh("dumpxml", "--inactive")])
    expect(xml).not.toContain(nights.folder);
  virsh("destroy");
  expect(repositoryOf(scene)).toBe(before);
  sh("mv", [nights.folder, `${nights.folder}.away`]);
  virsh("start");
  virsh("destroy");
  const differs = contentOf(join(to, "vda.qcow2"), "qcow2");
  const kept = contentOf(join(to, "vdb.qcow2"), "qcow2");
  sh("mv", [`${nights.folder}.away`, nights.folder]);
  expect(kept).toBe(nights.truthOf(point).get("vdb"));
  expect(differs, "what the guest has written is there").toBe(expected(scene, acknowledged(scene)));
}

const hasEnded = (child: ChildProcess | undefined) =>
  !existsSync(`/proc/${child?.pid}`) ||
  /^State:\s+Z/m.test(readFileSync(`/proc/${child?.pid}/status`, "utf8"));

/** Waits for a minute, without letting Node's own loop go on. */
function until(what: string, holds: () => boolean): void {
  for (let tries = 0; !holds(); tries++) {
    expect(tries, what).toBeLessThan(600);
    sh("sleep", ["0.1"]);
  }
}

function restart(signal?: string): void {
  count("faults");
  stopLibvirtd(signal);
  startLibvirtd();
}

/** Does something once the pull of vda is in its middle, and notes it. */
function inTheMiddle(scene: Scene, what: string): void {
  const script = `until [[ $(virsh -c qemu:///system blockjob --domain "$1" --path vda --raw 2>/dev/null) =~ cur=[1-9] ]]; do
      kill -0 "$3" 2>/dev/null || exit
      sleep 0.1
    done
    >"$2/hit"
    ${what}`;
  count("faults");
  const { folder } = scene.nights.guest;
  spawn("bash", ["-c", script, "middle", COPY, folder, String(process.pid)], { stdio: "ignore" });
}

const wasHit = ({ nights }: Scene) => existsSync(join(nights.guest.folder, "hit"));

const SETUP = join(import.meta.dirname, "../setup.sh");
const RESTART = (signal: string) => `pid=$(cat /run/libvirtd.pid)
  kill -${signal} $pid
  while grep -q "^State:[[:space:]]*[^ZX]" /proc/$pid/status; do sleep 0.05; done
  bash "${SETUP}"`;

describe("the guest writes all the time, and nothing of it is lost", () => {
  it.each(["defined", "started", "pulled vda", "pulled vdb"])("libvirtd is restarted at %s", (place) => {
    const scene = begin();
    const before = repositoryOf(scene);
    startWriter(scene);
    const { status, output } = restore(scene, `${place}:stop`, () => restart());
    expect(status, output).toBe(0);
    compare(scene, before);
  });

  it.each(["TERM", "KILL"])("libvirtd is ended by %s in the middle of the pull", (signal) => {
    const scene = begin();
    const before = repositoryOf(scene);
    startWriter(scene);
    inTheMiddle(scene, RESTART(signal));
    const { status, output } = restore(scene);
    expect(wasHit(scene)).toBe(true);
    expect(status, output).toBe(0);
    compare(scene, before);
  });

  it("the script is killed in the middle of the pull, and called again while libvirtd is away", () => {
    const scene = begin();
    const before = repositoryOf(scene);
    startWriter(scene);
    const { nights } = scene;
    restore(scene, "started:kill");
    sh("virsh", ["-c", "qemu:///system", "blockpull", "--domain", COPY, "--path", "vda", "--bandwidth", "6"]);
    stopLibvirtd();
    count("faults");
    spawn("bash", ["-c", `sleep 2; bash "${SETUP}"`], { stdio: "ignore" });
    const { status, output } = restore(scene);
    expect(status, output).toBe(0);
    expect(output).not.toMatch(/removed/);
    expect(existsSync(nights.folder)).toBe(true);
    compare(scene, before);
  });

  it("QEMU is killed in the middle of the pull", () => {
    const scene = begin();
    const before = repositoryOf(scene);
    startWriter(scene);
    inTheMiddle(scene, `kill -9 "$(cat "/run/libvirt/qemu/$1.pid")"`);
    const first = restore(scene);
    expect(first.status, first.output).toBe(1);
    expect(first.output).toMatch(/does not run any more: call this again to go on/);
    const { status, output } = restore(scene);
    expect(status, output).toBe(0);
    compare(scene, before);
  });
});
