import { describe, expect, it } from "vitest";
import { compile } from "../../../src/planner/compile.js";
import { isSession } from "../../../src/policy/policy.js";
import { emitted } from "../../support/emitted.js";
import { diskOf, inventoryOf, policyOf, type Written } from "../../support/plans.js";

/* The units of a policy for qemu:///session are those of a user's service manager, which lacks much of what the system's has. */

const HORIZON = { from: "2026-10-10T00:00:00Z", until: "2026-10-15T00:00:00Z" };
const SERVICE = "systemd/tidemark-p.service";
const TIMER = "systemd/tidemark-p.timer";
const SESSION = "systemd/libvirt-for-tidemark-p.service";

async function unitsOf(connect: string | undefined, more: Written = {}): Promise<Map<string, string>> {
  const systemd = { directory: "/home/user/plan", ...(connect !== undefined && { connect }) };
  const { plan, diagnostics } = compile(
    policyOf({ systemd, ...more }),
    inventoryOf([diskOf("vda", "qcow2")]),
    HORIZON,
  );
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return new Map([...(await emitted(plan))].filter(([path]) => path.startsWith("systemd/")));
}

/** The names of the settings of a unit, each once. */
function keysOf(unit: string): string[] {
  return [...new Set([...unit.matchAll(/^(\w+)=/gm)].map(([, key = ""]) => key))];
}

it.each([
  ["qemu:///session", true],
  ["qemu+unix:///session", true],
  ["qemu:///session?socket=/run/user/1000/libvirt/libvirt-sock", true],
  ["qemu:///system", false],
  ["qemu:///sessions", false],
  ["qemu:///system?x=qemu:///session", false],
  ["qemu+ssh://host/session", false],
  [undefined, false],
])("%s is the connection of a user: %s", (uri, is) => expect(isSession(uri)).toBe(is));

describe.each(["qemu:///session", "qemu+unix:///session"])("for %s", (connect) => {
  it("the service has no setting that a user's service manager lacks", async () => {
    const units = await unitsOf(connect);
    expect([...units.keys()].sort()).toEqual([SESSION, SERVICE, TIMER]);
    // systemd.exec(5) says of each other one that it is "only available for system services", or for others "when PrivateUsers= is
    // enabled".
    expect(keysOf(units.get(SERVICE) ?? "").sort()).toEqual([
      "After",
      "Description",
      "Documentation",
      "Environment",
      "ExecStart",
      "ExecStartPre",
      "KillMode",
      "LockPersonality",
      "MemoryDenyWriteExecute",
      "NoNewPrivileges",
      "RestrictAddressFamilies",
      "RestrictNamespaces",
      "RestrictRealtime",
      "RestrictSUIDSGID",
      "SyslogIdentifier",
      "SystemCallArchitectures",
      "SystemCallErrorNumber",
      "SystemCallFilter",
      "TimeoutStopSec",
      "Type",
      "Wants",
    ]);
    expect(units.get(SERVICE)).not.toMatch(/^Exec\w+=[-+!:@]/m);
  });

  it("no process of the runs starts the session daemon, and another unit keeps it", async () => {
    const units = await unitsOf(connect);
    const service = units.get(SERVICE);
    expect(service).toMatch(/^Environment=LIBVIRT_AUTOSTART=0$/m);
    expect(service).toMatch(/^Wants=libvirt-for-tidemark-p\.service$/m);
    expect(service).toMatch(/^After=libvirt-for-tidemark-p\.service$/m);
    const session = units.get(SESSION);
    expect(session).not.toContain("LIBVIRT_AUTOSTART");
    expect(session).toContain(`\nExecStart=/usr/bin/env virsh --connect ${connect} event --all --loop\n`);
    expect(session).toContain(`\nExecStartPost=/usr/bin/env virsh --connect ${connect} uri\n`);
    expect(session).toMatch(/^KillMode=process$/m);
    // A daemon that ends takes virsh with it; seen with one that was killed, which was back after two seconds.
    expect(session).toMatch(/^Restart=always$/m);
    // Seen without a limit: a unit that cannot be started is tried for ever, also when the service has ended.
    expect(session).toMatch(/^StartLimitIntervalSec=10min\nStartLimitBurst=20$/m);
    expect(session).toMatch(/^StopWhenUnneeded=yes$/m);
    // What the daemon and its domains may do is not for this policy to say.
    expect(session).not.toMatch(/^(NoNewPrivileges|System|Restrict[A-Z])/m);
  });

  it("the network is reached where the policy calls commands, and no system call is filtered for these", async () => {
    const quiet = (await unitsOf(connect)).get(SERVICE);
    expect(quiet).toMatch(/^RestrictAddressFamilies=AF_UNIX$/m);
    const loud = (await unitsOf(connect, { hooks: { after: "x" } })).get(SERVICE);
    expect(loud).toMatch(/^RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6$/m);
    expect(loud).not.toMatch(/@privileged|MemoryDenyWriteExecute/);
  });
});

it.each([undefined, "qemu:///system"])(
  "for %s the units are those of the system, as before",
  async (connect) => {
    const units = await unitsOf(connect);
    expect([...units.keys()].sort()).toEqual([SERVICE, TIMER]);
    expect(units.get(SERVICE)).toMatch(/^CapabilityBoundingSet=/m);
    expect(units.get(SERVICE)).not.toContain("LIBVIRT_AUTOSTART");
  },
);

it.each(["qemu:///session", "qemu:///system"])(
  "for %s files may be given to others, and setpriv works",
  async (connect) => {
    const lines = [...((await unitsOf(connect)).get(SERVICE) ?? "").matchAll(/^SystemCallFilter=(.*)$/gm)];
    // @privileged takes both out; what comes later counts. setpriv(1) calls capset(2) also where it changes no capability.
    expect(lines.map(([, value]) => value)).toEqual([
      "@system-service",
      "~@privileged @resources",
      "@chown capset",
    ]);
  },
);
