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
    env: { ...process.env, LC_ALL: "C" },
  });
  if (done.error !== undefined) throw done.error;
  return done;
}

/** The units of a plan where systemd may read them. */
function unitsOf(plan: string): { folder: string; service: string; timer: string } {
  const folder = join(scratch, plan.replaceAll("/", "-"));
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, plan, "systemd"), folder, { recursive: true });
  const [service = "", timer = ""] = readdirSync(folder).sort();
  return { folder, service: join(folder, service), timer: join(folder, timer) };
}

it("there are plans with units", () => expect(plans.length).toBeGreaterThanOrEqual(2));

describe.each(plans)("%s", (plan) => {
  it("is verified without a word", () => {
    const { service, timer } = unitsOf(plan);
    const { status, stdout, stderr } = systemd("systemd-analyze", "verify", service, timer);
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });

  it("is exposed by 1.6 of 10 at most, or by 2.3 where it calls commands of the policy", () => {
    const { service } = unitsOf(plan);
    const { hooks } = JSON.parse(readFileSync(join(ROOT, plan, "plan.json"), "utf8"));
    const { status, stdout } = systemd(
      "systemd-analyze",
      "security",
      "--offline=yes",
      `--threshold=${hooks === undefined ? 16 : 23}`,
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

it("means the paths that the policy names, whatever they hold", () => {
  const { folder, service } = unitsOf("golden/systemd/expected/kvm-a");
  const dump = spawnSync(
    "setpriv",
    [
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      "/lib/systemd/systemd",
      "--test",
      "--system",
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
  ).stdout;
  const own = dump.slice(dump.indexOf(`Unit ${basename(service)}`));
  const told = (name: string) => own.match(new RegExp(`^\\s*${name}: (.*)$`, "m"))?.[1];
  const repository = `/srv/back "up" 100% of $HOME/kvm-a`;
  const vault = "/mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b11";
  expect(told("ReadWritePaths")).toBe(`-${vault} -${repository}`);
  expect(own).toContain(`RequiresMountsFor: ${repository} `);
  expect(told("OnFailure")).toMatch(/^notify@tidemark-nightly\.service\.service /);
  // As systemd prints words: quoted for a shell; a dollar still stands twice, as it does until the command is run.
  const commands = [...own.matchAll(/^\s*Command Line: (.*)$/gm)].map(([, line = ""]) => wordsOf(line));
  expect(commands.slice(0, 3)).toEqual([
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
