import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Guest, pointsOf, sh, startGuest } from "./guest.js";
import { type Nights, type PolicyText, pullMode, underPolicy } from "./nights.js";

/* Who may read and write what a run makes, and where; and the space that it takes. QEMU is another user than the run. */
const NAME = "tmlive-ownership";

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

function begin(
  text: (folder: string) => PolicyText = () => ({}),
  { size = "4M", repository }: { size?: string; repository?: string } = {},
): { host: Guest; nights: Nights } {
  const host = startGuest(NAME, [{ target: "vda", format: "qcow2", size }]);
  guest = host;
  const nights = underPolicy(
    host,
    { schedule: '[{ level: incremental, at: "0 1 * * *" }]', ...text(host.folder) },
    repository,
  );
  nights.compile();
  return { host, nights };
}

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

describe("QEMU's user", () => {
  it("that may not pass through a folder of the images is refused before the job", () => {
    const { host, nights } = begin(undefined, { repository: "vault/the repository" });
    const vault = join(host.folder, "vault");
    mkdirSync(vault);
    chmodSync(vault, 0o700);
    const { output } = nights.run({ status: 3 });
    expect(output).toMatch(
      /QEMU's user libvirt-qemu cannot write .*vda\.qcow2: it may not pass through .*vault \(mode 700\)/,
    );
    expect(pointsOf(nights.folder)).toEqual([]);
    chmodSync(vault, 0o711);
    nights.run();
    expect(nights.compareAll()).toBe(1);
  });

  it("that may not make the socket is refused before the job", () => {
    const { host, nights } = begin((folder) => ({
      defaults: pullMode(folder, `{ transport: unix, socket: ${JSON.stringify(`${folder}/sockets/nbd`)} }`),
    }));
    const sockets = join(host.folder, "sockets");
    mkdirSync(sockets);
    expect(nights.run({ status: 3 }).output).toMatch(
      /QEMU's user libvirt-qemu cannot write .*sockets\/nbd: it may not write in .*sockets/,
    );
    rmSync(sockets, { recursive: true });
    // What is missing is made for it.
    nights.run();
    expect(statSync(sockets).uid).not.toBe(0);
    expect(nights.compareAll()).toBe(1);
  });

  it("is let in where a folder is its own, and nobody else may enter", () => {
    const { host, nights } = begin(undefined, { repository: "vault/the repository" });
    const vault = join(host.folder, "vault");
    mkdirSync(vault);
    chmodSync(vault, 0o700);
    chownSync(vault, statSync(host.folder).uid, 0);
    nights.run();
    expect(nights.compareAll()).toBe(1);
  });
});

describe("what a run writes", () => {
  it("is read by its group, and by nobody else", () => {
    const { host, nights } = begin();
    const { point } = nights.run();
    for (const name of ["vda.qcow2", "manifest.json", "domain.xml"])
      expect(modeOf(join(nights.folder, point, name)), name).toBe("640");
    // Nobody may list the folders; QEMU's user may pass through them.
    for (const folder of [nights.repository, nights.folder, join(nights.folder, point)])
      expect(modeOf(folder), folder).toMatch(/^75[01]$/);
    const to = join(host.folder, "restored");
    sh("bash", [nights.restoreScript, point, "--to", to]);
    expect(modeOf(join(to, "vda.qcow2"))).toBe("640");
    expect(modeOf(to)).toBe("751");
  });

  it("has the mode, the owner and the group that the policy says", () => {
    const { nights } = begin(() => ({
      top: 'permissions: { owner: backup, group: operator, mode: "0660" }',
    }));
    const { point } = nights.run();
    nights.run();
    const said = sh("stat", ["-c", "%U:%G %a", join(nights.folder, point, "vda.qcow2"), nights.folder]);
    expect(said.stdout).toBe("backup:operator 660\nbackup:operator 771\n");
    expect(nights.compareAll()).toBe(2);
  });

  it("keeps its owner and its mode in folds and changed pins", () => {
    const { nights } = begin(() => ({
      top: 'consolidate: true\npermissions: { owner: backup, group: operator, mode: "0660" }',
      retention: "{ keepLast: 2 }",
    }));
    for (let night = 0; night < 3; night++) nights.run();
    const { point, output } = nights.run();
    expect(output).toContain("  fold ");
    sh("bash", [nights.script, point, "--pin", "the auditors' night"]);
    for (const each of pointsOf(nights.folder))
      for (const name of ["vda.qcow2", "manifest.json"])
        expect(
          sh("stat", ["-c", "%U:%G %a", join(nights.folder, each, name)]).stdout,
          `${each} ${name}`,
        ).toBe("backup:operator 660\n");
    nights.compareAll();
  });
});

describe("space", () => {
  /** A file system of 48 MiB for the repository. */
  function small(host: Guest): string {
    const folder = join(host.folder, "small");
    mkdirSync(folder);
    sh("mount", ["-t", "tmpfs", "-o", "size=48m,mode=755", "none", folder]);
    return folder;
  }

  it("that a thin disk does not use is not asked for", () => {
    const { host, nights } = begin(undefined, { size: "512M", repository: "small/the repository" });
    const folder = small(host);
    try {
      host.write("vda", "write -P 7 100M 8M", "write -P 9 500M 1M");
      nights.run();
      expect(nights.compareRestored()).toHaveLength(1);
      host.write("vda", "write -P 8 200M 64M");
      expect(nights.run({ status: 3 }).output).toMatch(
        /has [\d.]+ MiB free, and this run may need [\d.]+ MiB/,
      );
      expect(pointsOf(nights.folder)).toHaveLength(1);
    } finally {
      sh("umount", [folder]);
    }
  });

  it("is left free as the policy says", () => {
    const { host, nights } = begin(() => ({ top: "spaceMargin: 1TiB" }), {
      repository: "small/the repository",
    });
    const folder = small(host);
    try {
      expect(nights.run({ status: 3 }).output).toMatch(/may need 1 TiB/);
    } finally {
      sh("umount", [folder]);
    }
  });
});

it("a night that failed is tried again by the timer's call, as often as the policy says", () => {
  const { host, nights } = begin((folder) => ({
    top: `retry: { times: 1, after: 1min }
hooks: { before: 'echo x >>"${folder}/tries"; (($(wc -l <"${folder}/tries") > 1))' }`,
  }));
  const due = (...args: readonly string[]) =>
    sh(
      "bash",
      [join(host.folder, "plan/run-due.sh"), "--at", "2026-12-06T02:00:00Z", "-c", "qemu:///system", ...args],
      { status: "any" },
    );
  expect(due().status).toBe(1);
  expect(existsSync(nights.folder) ? pointsOf(nights.folder) : []).toEqual([]);
  rmSync(join(host.folder, "tries"));
  const { status, stdout, stderr } = due("--retry");
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/1 failed and will be tried again in 60 s/);
  expect(readFileSync(join(host.folder, "tries"), "utf8")).toBe("x\nx\n");
  expect(pointsOf(nights.folder)).toHaveLength(1);
});
