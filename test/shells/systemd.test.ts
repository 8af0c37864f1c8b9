import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ROOT } from "../support/tidemark.js";

/*
 * systemd as the judge of the units: it finds nothing wrong with them, calls them little exposed, and reads from them the paths
 * and times that were meant. None of them is started here; test/ansible/ does that.
 */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-systemd-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
// systemd's own dry start is for others than root.
chmodSync(scratch, 0o755);

const plans = ["golden", "plans"].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, encoding: "utf8" })
    .filter((path) => basename(path) === "systemd" && /\/(expected|plan)\//.test(`/${path}`))
    .map((path) => join(top, path, "..")),
);

function systemd(program: string, ...args: readonly string[]) {
  const done = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 64 << 20,
    env: { ...process.env, LC_ALL: "C", XDG_RUNTIME_DIR: scratch },
  });
  if (done.error !== undefined) throw done.error;
  return done;
}

interface Units {
  readonly folder: string;
  readonly all: readonly string[];
  readonly service: string;
  readonly timer: string;
  /** Options of systemd's programs for the manager that has them: that of a user, which has another unit beside them, or the system's. */
  readonly manager: "--user" | "--system";
}

/** The units of a plan where systemd may read them. */
function unitsOf(plan: string): Units {
  const folder = join(scratch, plan.replaceAll("/", "-"));
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, plan, "systemd"), folder, { recursive: true });
  const all = readdirSync(folder).map((name) => join(folder, name));
  const named = (name: RegExp) => all.find((path) => name.test(basename(path))) ?? "";
  return {
    folder,
    all,
    service: named(/^tidemark-.*\.service$/),
    timer: named(/^tidemark-.*\.timer$/),
    manager: named(/^libvirt-for-/) === "" ? "--system" : "--user",
  };
}

it("there are plans with units", () => expect(plans.length).toBeGreaterThanOrEqual(2));

describe.each(plans)("%s", (plan) => {
  it("is verified without a word", () => {
    const { all, manager } = unitsOf(plan);
    const { status, stdout, stderr } = systemd("systemd-analyze", manager, "verify", ...all);
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });

  it("is exposed by 1.7 of 10 at most, or by 2.3 where it calls commands of the policy, and that of a user by 6.2", () => {
    const { service, manager } = unitsOf(plan);
    const { hooks } = JSON.parse(readFileSync(join(ROOT, plan, "plan.json"), "utf8"));
    const system = hooks === undefined ? 17 : 23;
    const { status, stdout } = systemd(
      "systemd-analyze",
      manager,
      "security",
      "--offline=yes",
      `--threshold=${manager === "--user" ? 62 : system}`,
      service,
    );
    expect(status, stdout).toBe(0);
  });

  it("fires at each slot", () => {
    const { timer } = unitsOf(plan);
    const { domains, horizon } = JSON.parse(readFileSync(join(ROOT, plan, "plan.json"), "utf8"));
    const slots: string[] = domains.flatMap(({ runs }: { runs: { slot: string }[] }) =>
      runs.map(({ slot }) => slot),
    );
    const lines = [...readFileSync(timer, "utf8").matchAll(/^OnCalendar=(.*)$/gm)].map(
      ([, line = ""]) => line,
    );
    const { stdout, status } = systemd(
      "systemd-analyze",
      "calendar",
      `--base-time=${beforeInstant(horizon.from)}`,
      "--iterations=60",
      ...lines,
    );
    expect(status).toBe(0);
    const fires = new Set(
      [...stdout.matchAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g)].map(
        ([, day, time]) => `${day}T${time}Z`,
      ),
    );
    expect(slots.length).toBeGreaterThan(0);
    expect(slots.filter((slot) => !fires.has(slot))).toEqual([]);
  });
});

function beforeInstant(instant: string): string {
  return `${new Date(Date.parse(instant) - 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** What systemd's own dry start prints of each unit that it has loaded, by the unit's name. */
function loadedWith({ folder, service, manager }: Units): ReadonlyMap<string, string> {
  const { stdout } = spawnSync(
    "setpriv",
    [
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      "/lib/systemd/systemd",
      "--test",
      manager,
      `--unit=${basename(service)}`,
    ],
    {
      encoding: "utf8",
      maxBuffer: 64 << 20,
      env: {
        PATH: process.env["PATH"],
        LC_ALL: "C",
        XDG_RUNTIME_DIR: scratch,
        SYSTEMD_UNIT_PATH: `${folder}:`,
      },
    },
  );
  return new Map(
    stdout
      .split(/^\s*-> Unit /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf(":\n")), text]),
  );
}

/** The words of each command, as systemd prints them: quoted for a shell; a dollar still stands twice, as it does until the command is run. */
function commandsOf(unit: string): string[][] {
  return [...unit.matchAll(/^\s*Command Line: (.*)$/gm)].map(([, line = ""]) => wordsOf(line));
}

const told = (unit: string, name: string) => unit.match(new RegExp(`^\\s*${name}: (.*)$`, "m"))?.[1];

it("a user's service manager knows each unit that is named, and the words of each command", () => {
  const units = unitsOf("golden/systemd-of-a-user/expected");
  const loaded = loadedWith(units);
  const service = loaded.get("tidemark-nightly.service") ?? "";
  const session = loaded.get("libvirt-for-tidemark-nightly.service") ?? "";
  for (const unit of [service, session]) {
    const named = [...unit.matchAll(/^\s*(?:After|Wants|Requires): (\S+) \(.*origin-file/gm)].map(
      ([, name = ""]) => name,
    );
    const known = named.map((name) => [name, told(loaded.get(name) ?? "", "Unit Load State")]);
    expect(known).toEqual(named.map((name) => [name, "loaded"]));
  }
  expect(told(service, "Wants")).toMatch(/^libvirt-for-tidemark-nightly\.service /);
  const uri = "qemu+unix:///session?x=$y";
  const script = "/home/user/tide mark/nightly/run-due.sh";
  expect(commandsOf(service)).toEqual([
    ["/usr/bin/env", "mkdir", "-p", "--", "/home/user/back up 100%"],
    ["/usr/bin/env", "grep", "-qx", "}", script],
    ["/usr/bin/env", "bash", script, "--wait", "--retry", "--no-progress", "--connect", uri],
  ]);
  expect(commandsOf(session)).toEqual([
    ["/usr/bin/env", "virsh", "--connect", uri, "event", "--all", "--loop"],
    ["/usr/bin/env", "virsh", "--connect", uri, "uri"],
  ]);
});

it.each(["systemd-with-devices", "systemd-of-a-user"])(
  "the service of %s may give files to others and call setpriv",
  (name) => {
    const unit = loadedWith(unitsOf(`golden/${name}/expected`)).get("tidemark-nightly.service") ?? "";
    const allowed = (told(unit, "SystemCallFilter") ?? "").split(" ");
    expect(allowed).toEqual(expect.arrayContaining(["read", "chown", "fchownat", "capset"]));
    expect(allowed).not.toContain("setuid");
  },
);

it("means the paths that the policy names, whatever they hold", () => {
  const own = loadedWith(unitsOf("golden/systemd/expected/kvm-a")).get("tidemark-nightly.service") ?? "";
  const repository = `/srv/back "up" 100% of $HOME/kvm-a`;
  const vault = "/mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b11";
  expect(told(own, "ReadWritePaths")).toBe(`-${vault} -${repository}`);
  expect(own).toContain(`RequiresMountsFor: ${repository} `);
  expect(told(own, "OnFailure")).toMatch(/^notify@tidemark-nightly\.service\.service /);
  expect(commandsOf(own)).toEqual([
    ["/usr/bin/env", "mkdir", "-p", "--", vault, repository],
    ["/usr/bin/env", "grep", "-qx", "}", "/opt/tide mark/100% $x/run-due.sh"],
    [
      "/usr/bin/env",
      "bash",
      "/opt/tide mark/100% $x/run-due.sh",
      "--wait",
      "--retry",
      "--no-progress",
      "--connect",
      "qemu:///system?x=$y",
    ],
  ]);
});

function wordsOf(line: string): string[] {
  const { stdout } = spawnSync("bash", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  return stdout
    .split("\0")
    .slice(0, -1)
    .map((word) => word.replaceAll("$$", "$"));
}
