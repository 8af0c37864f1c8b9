import { spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { checkpointsOf, type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { type Nights, pullMode, underPolicy } from "./nights.js";

/*
 * No systemd starts the service here, as one does in test/ansible/: its command is run by hand, so that it can be cut short, with
 * the capabilities that the unit leaves, without a network where it has none, and where only those folders can be written to that
 * it names. What of the unit cannot be had that way, systemd-analyze judges in test/shells/systemd.test.ts.
 */
const DISKS = [{ target: "vda", format: "qcow2", size: "4M" }] as const;
const FOLDER = "tidemark confined 100% ";

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

interface Service {
  readonly nights: Nights;
  readonly metrics: string;
  /** Begins a script with namespaces of its own, as the unit asks for them. */
  readonly apart: readonly string[];
  /** What it may write to. */
  readonly writable: readonly string[];
  /** A script that runs the service as if it were `at`; its arguments are what it may write to. */
  readonly script: (at: string) => string;
  readonly unit: string;
}

function service(mode: string): Service {
  const host = startGuest(`tmlive-service-${mode}`, DISKS, FOLDER);
  guest = host;
  const metrics = join(host.folder, "metrics");
  mkdirSync(metrics);
  const top = `systemd: { directory: ${JSON.stringify(`${host.folder}/plan`)}, connect: "qemu:///system" }
metrics: { directory: ${JSON.stringify(metrics)} }`;
  // The unit would make it as root's, and QEMU makes the socket in it.
  mkdirSync(join(host.folder, "scratch"));
  chownSync(join(host.folder, "scratch"), statSync(host.folder).uid, 0);
  const defaults = mode === "pull" ? pullMode(join(host.folder, "scratch")) : "{ mode: push }";
  const nights = underPolicy(host, { top, defaults });
  nights.compile();
  const file = join(host.folder, "plan/systemd/tidemark-nightly.service");
  const unit = readFileSync(file, "utf8");
  const analyzed = sh("systemd-analyze", ["verify", file], { env: { SYSTEMD_LOG_LEVEL: "debug" } }).stdout;
  // As systemd prints words they can be typed into a shell.
  const [make = "", look = "", run = ""] = [...analyzed.matchAll(/Command Line: (.*)$/gm)].map(
    ([, line = ""]) => line,
  );
  const writable = [...unit.matchAll(/^ReadWritePaths=(.*)$/gm)]
    .flatMap(([, line = ""]) => line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [])
    .map((word) =>
      word
        .replace(/^"(.*)"$/, "$1")
        .replace(/^-/, "")
        .replaceAll("%%", "%"),
    );
  const capabilities = (/^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1] ?? "")
    .split(" ")
    .map((name) => `+${name.replace("CAP_", "").toLowerCase()}`);
  return {
    nights,
    metrics,
    apart: ["--mount", ...(/^PrivateNetwork=yes$/m.test(unit) ? ["--net"] : [])],
    writable,
    unit,
    script: (at) => {
      const script = join(host.folder, "images", "service.sh");
      writeFileSync(
        script,
        `set -euo pipefail
${make}
${look}
mount --bind -- "${host.folder}" "${host.folder}"
for folder in "$@"; do mount --bind -- "$folder" "$folder"; done
${/^RuntimeDirectory=(\w+)$/m.exec(unit)?.[1] === undefined ? "" : "mkdir -m 700 -p /run/tidemark && mount --bind /run/tidemark /run/tidemark"}
${/^StateDirectory=(.+)$/m.exec(unit)?.[1] === undefined ? "" : "mkdir -p /var/lib/tidemark/.marks && mount --bind /var/lib/tidemark/.marks /var/lib/tidemark/.marks"}
mount -o remount,bind,ro -- "${host.folder}"
mount -o remount,bind,ro /
mount -t tmpfs tmpfs /tmp
exec setpriv --no-new-privs --bounding-set ${["-all", ...capabilities].join(",")} ${run.replace(" --retry", "")} --at ${at}
`,
      );
      return script;
    },
  };
}

it.each(["push", "pull"])("its command does its work within what the unit allows, in %s mode", (mode) => {
  const { nights, metrics, apart, writable, script } = service(mode);
  expect(apart).toContain("--net");
  const run = (at: string, folders = writable) =>
    sh("unshare", [...apart, "bash", script(at), ...folders], { status: "any" });
  expect(writable).toContain(nights.repository);
  const first = run("2026-12-06T01:00:00Z");
  expect(first.stdout + first.stderr).toMatch(/summary: 1 done$/m);
  nights.guest.write("vda", "write -P 7 128k 64k");
  const second = run("2026-12-07T01:00:00Z");
  expect(second.stdout + second.stderr).toMatch(/summary: 1 done$/m);
  expect(second.stderr).not.toMatch(/warning/);
  expect(pointsOf(nights.folder)).toEqual(["nightly-20261206T010000Z", "nightly-20261207T010000Z"]);
  expect(readFileSync(join(metrics, `tidemark-nightly@${nights.guest.name}.prom`), "utf8")).toMatch(
    /^tidemark_restore_points\{.*\} 2$/m,
  );
  // That these are bounds: without the repository among them nothing can be done.
  const closed = run(
    "2026-12-08T01:00:00Z",
    writable.filter((each) => each !== nights.repository),
  );
  expect(closed.status).toBe(1);
  expect(closed.stderr).toMatch(/Read-only file system/);
});

it("when it is stopped while a disk is copied, the run is undone at once", async () => {
  const { nights, unit, apart, writable, script } = service("pull");
  // A disk that takes a minute to copy.
  const copies = join(nights.repository, "copies");
  const bin = join(nights.guest.folder, "images", "bin");
  mkdirSync(bin);
  const slow = `#!/bin/sh\ncase " $* " in *" convert "*) touch "${copies}"; sleep 60;; esac\nexec /usr/bin/qemu-img "$@"\n`;
  writeFileSync(join(bin, "qemu-img"), slow, { mode: 0o755 });
  const running = spawn("unshare", [...apart, "bash", script("2026-12-06T01:00:00Z"), ...writable], {
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` },
    stdio: "ignore",
    detached: true,
  });
  const ended = new Promise((resolve) => running.once("exit", (status, signal) => resolve(status ?? signal)));
  await expect.poll(() => existsSync(copies), { timeout: 30_000 }).toBe(true);
  const asked = Date.now();
  // systemd.kill(5): each process of the service, or first its main one alone.
  const main = running.pid ?? 0;
  process.kill(/^KillMode=mixed$/m.test(unit) ? main : -main, "SIGTERM");
  expect(await ended).toBe(143);
  expect(Date.now() - asked).toBeLessThan(20_000);
  expect(existsSync(join(nights.folder, ".tidemark/journal"))).toBe(false);
  expect(nights.guest.virsh("domjobinfo")).toMatch(/^Job type: +None/);
  expect([pointsOf(nights.folder), checkpointsOf(nights.guest)]).toEqual([[], []]);
});
