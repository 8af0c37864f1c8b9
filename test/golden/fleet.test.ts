import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { PlanDiff } from "../../src/plan/difference.js";
import { ROOT, readAs, tidemarkIn } from "../support/tidemark.js";

/* Every command on a policy of three hosts, and on the plan directory that it compiles to. */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-fleet-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const work = join(scratch, "work");
const tidemark = (...args: readonly string[]) => tidemarkIn(work, args);

beforeEach(() => {
  rmSync(work, { recursive: true, force: true });
  cpSync(join(ROOT, "golden/fleet"), work, {
    recursive: true,
    filter: (path) => !path.endsWith("/expected"),
  });
  const done = tidemark("compile", "policy.yaml");
  expect(done.status, done.stderr).toBe(0);
});

const change = (file: string, from: string, to: string) => {
  const text = readFileSync(join(work, file), "utf8");
  expect(text).toContain(from);
  writeFileSync(join(work, file), text.replace(from, to));
};

describe("compile", () => {
  it("tells what it wrote, and checks it", () => {
    const check = tidemark("compile", "policy.yaml", "--check", "--format", "json");
    expect(check.status).toBe(0);
    expect(readAs("compilation", check.stdout)).toMatchObject({
      plans: [
        {
          hosts: ["kvm1", "kvm2", "kvm3"],
          domains: 4,
          runs: 12,
          unplanned: ["kvm3/scratch"],
          files: { created: 0, changed: 0, removed: 0 },
          diff: { domains: [], dangers: 0 },
        },
      ],
    });
    change("policy.yaml", "keepLast: 7", "keepLast: 2");
    expect(tidemark("compile", "policy.yaml", "--check").status).toBe(2);
  });

  it("removes the plan of a host that the policy no longer names, and what an other shape has left", () => {
    change("policy.yaml", "  kvm3: { inventory: ./inventory/spare }\n", "");
    change("policy.yaml", "silver*", "gold*");
    expect(tidemark("compile", "policy.yaml").status).toBe(0);
    expect(readdirSync(join(work, "plan")).sort()).toEqual([
      "PLAN.md",
      "fleet.json",
      "kvm1",
      "kvm2",
      "timeline.svg",
    ]);

    const single = readFileSync(join(work, "policy.yaml"), "utf8").replace(/^hosts:[\s\S]*$/m, "");
    writeFileSync(join(work, "single.yaml"), `${single}inventory: ./inventory/kvm2\ndomains: { web: }\n`);
    const done = tidemark("compile", "single.yaml", "-o", "plan");
    expect([done.stderr, done.status]).toEqual(["", 0]);
    expect(readdirSync(join(work, "plan")).sort()).toEqual([
      "PLAN.md",
      "lib",
      "plan.bash",
      "plan.json",
      "run-due.sh",
      "timeline.svg",
      "web",
    ]);
    expect(tidemark("compile", "policy.yaml").status).toBe(0);
    expect(existsSync(join(work, "plan/lib"))).toBe(false);
    expect(existsSync(join(work, "plan/plan.json"))).toBe(false);
  });

  it("says what is wrong with an index, or with a host's plan that is gone", () => {
    rmSync(join(work, "plan/kvm2/plan.json"));
    expect(tidemark("compile", "policy.yaml").stderr).toMatch(
      /error TM503 plan\/kvm2\/plan\.json is not a plan/,
    );
    writeFileSync(join(work, "plan/fleet.json"), '{"formatVersion":"3.0"}');
    expect(tidemark("compile", "policy.yaml").stderr).toMatch(
      /error TM502 plan\/fleet\.json has plan format 3\.0/,
    );
  });

  it("reads inventories elsewhere, each in a folder of its host's name", () => {
    cpSync(join(work, "inventory"), join(work, "other"), { recursive: true });
    const missing = tidemark("compile", "policy.yaml", "--inventory", "other");
    expect(missing.stderr).toMatch(/TM201 cannot read the inventory other\/kvm3/);
    cpSync(join(work, "other/spare"), join(work, "other/kvm3"), { recursive: true });
    expect(tidemark("compile", "policy.yaml", "--inventory", "other", "--check").status).toBe(0);
  });
});

describe("diff", () => {
  const diff = (...args: readonly string[]) => {
    const done = tidemark("diff", ...args, "--format", "json");
    expect(done.stderr).not.toMatch(/error/);
    return readAs("diff", done.stdout) as PlanDiff;
  };

  it("sees a domain that moves as one domain", () => {
    cpSync(join(work, "plan"), join(work, "old"), { recursive: true });
    cpSync(join(work, "inventory/kvm2/domains/web.xml"), join(work, "inventory/kvm1/domains/web.xml"));
    cpSync(join(work, "inventory/kvm2/checkpoints"), join(work, "inventory/kvm1/checkpoints"), {
      recursive: true,
    });
    rmSync(join(work, "inventory/kvm2/domains/web.xml"));
    const { domains } = diff("old", "policy.yaml");
    expect(domains.map(({ name, host, change: what, dangers }) => [name, host, what, dangers])).toEqual([
      ["web", "kvm1", "changed", []],
    ]);
    expect(domains[0]?.settings).toEqual([{ setting: "host", old: "kvm2", new: "kvm1" }]);
    expect(tidemark("diff", "old", "policy.yaml").stdout).toContain("kvm1/web\n  ~   host: kvm2 → kvm1");
  });

  it("finds the index of either shape in git", () => {
    const git = (...args: readonly string[]) =>
      tidemarkGit(work, ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args]);
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "plan");
    expect(tidemark("diff", "git:HEAD", "plan")).toMatchObject({ stdout: "No changes.\n", status: 0 });
    change("policy.yaml", "  mail: # moved from kvm1 to kvm2 without\n", "");
    const dropped = diff("git:HEAD", "policy.yaml");
    expect(dropped.domains).toMatchObject([
      { name: "mail", host: "kvm2", change: "removed", dangers: [{ kind: "domain-dropped" }] },
    ]);
    // It is not new on the host.
    expect(dropped.planDangers).toEqual([]);
    expect(diff("git:HEAD:plan/kvm2/plan.json", "plan/kvm2").domains).toEqual([]);
  });
});

it("explain, xml and timeline know the host", () => {
  cpSync(join(ROOT, "golden/fleet-local-repositories"), join(work, "local"), { recursive: true });
  const ambiguous = tidemark("explain", "local/policy.yaml", "--domain", "web");
  expect(ambiguous.stderr).toMatch(
    /no single domain "web"\n {2}hint: name the host as well: kvm-a\/web, kvm-b\/web/,
  );
  const one = tidemark("xml", "local/policy.yaml", "backup", "--domain", "kvm-b/web", "--slot", "2026-12-02");
  expect(one.stdout).toContain("/srv/backup/kvm-b/web/");
  expect(tidemark("explain", "policy.yaml", "--domain", "web", "--slot", "2026-12-02").stdout).toContain(
    "which was on kvm1; the checkpoint came along",
  );
  expect(tidemark("timeline", "plan").stdout).toContain("kvm2/web");
  expect(tidemark("timeline", "plan", "--domain", "kvm9/*").stderr).toContain('no domain "kvm9/*"');
  expect(tidemark("__complete", "explain", "policy.yaml", "--domain", "w").stdout).toMatch(
    /^web\tpush mode, on kvm2\nwiki\tpush mode, on kvm3\n/,
  );
});

it("inventory captures the hosts that the policy names", () => {
  const none = tidemark("inventory", "--policy", "policy.yaml", "--host", "kvm0");
  expect(none.stderr).toMatch(/error TM301 policy\.yaml has no host "kvm0"\n {2}hint: did you mean "kvm1"\?/);
  expect(tidemark("inventory", "--host", "kvm1").stderr).toContain("name the policy with --policy");
  expect(
    readAs("diagnostics", tidemark("inventory", "--host", "kvm1", "--format", "json").stderr),
  ).toMatchObject({
    diagnostics: [{ code: "TM001" }],
  });
  writeFileSync(join(work, "virsh"), VIRSH, { mode: 0o755 });
  const env = { PATH: `${work}:${process.env["PATH"]}` };
  const done = tidemarkIn(work, ["inventory", "--policy", "policy.yaml", "--host", "kvm[13]"], env);
  expect(done.stdout).toBe(
    "inventory/kvm1: 0 domains; files: 1 changed, 1 removed\ninventory/spare: 0 domains; files: 1 changed, 2 removed\n",
  );
  const again = ["inventory", "--policy", "policy.yaml", "--host", "kvm[13]", "--format", "json"];
  const { stdout, stderr } = tidemarkIn(work, again, env);
  expect(readAs("diagnostics", stderr)).toMatchObject({ diagnostics: [] });
  expect(readAs("capture", stdout)).toMatchObject({
    inventories: [
      { host: "kvm1", directory: "inventory/kvm1", domains: 0, files: { created: 0 } },
      { host: "kvm3", directory: "inventory/spare" },
    ],
  });
  const cut = tidemarkIn(work, ["inventory", "--policy", "policy.yaml", "--host", "kvm[13]"], {
    ...env,
    DOWN: "kvm1.",
  });
  expect(cut).toMatchObject({
    status: 1,
    stdout: "inventory/spare: 0 domains; no changes\n",
    stderr: expect.stringMatching(/^error TM210 kvm1: libvirt does not answer: cannot reach it\n/),
  });
  expect(readFileSync(join(work, "asked"), "utf8")).toContain(
    "--connect qemu+ssh://root@kvm1.example.org/system version --daemon\n",
  );
});

it("the catalog stays as it was where the repository seems to hold nothing, and that is said", () => {
  mkdirSync(join(work, "bin"));
  writeFileSync(join(work, "bin/virsh"), VIRSH, { mode: 0o755 });
  const env = { PATH: `${join(work, "bin")}:${process.env["PATH"]}` };
  const capture = (repository: string) =>
    tidemarkIn(work, ["inventory", "-o", "captured", "--repository", repository], env);
  mkdirSync(join(work, "share"));
  expect(capture("share")).toMatchObject({ status: 0, stderr: "" });
  expect(capture("nowhere").stderr).toMatch(
    /^warning TM505 there is no repository nowhere: nothing has been backed up yet\n {2}hint: this is normal before/,
  );

  const catalog = join(work, "captured/catalog/web");
  cpSync(join(ROOT, "golden/carried-on/inventory/catalog/web"), catalog, { recursive: true });
  for (const repository of ["share", "nowhere"]) {
    const done = capture(repository);
    expect(done.stderr).toMatch(
      /^warning TM505 .*; captured\/catalog stays as it was, with \d+ restore points?\n/,
    );
    expect(done.stderr).toContain("hint: mount the repository and capture again");
    expect(done).toMatchObject({ status: 0, stdout: "captured: 0 domains; no changes\n" });
  }

  const folder = join(work, "share/web/nightly-20261201T010000Z");
  mkdirSync(folder, { recursive: true });
  cpSync(join(catalog, "nightly-20261201T010000Z.json"), join(folder, "manifest.json"));
  expect(capture("share")).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(catalog), "of a domain that is gone").toEqual([]);
});

/** A host without domains. */
const VIRSH = `#!/bin/sh
echo "$@" >>asked
case " $* " in
  *"\${DOWN:-nothing}"*) echo "error: cannot reach it" >&2; exit 1 ;;
  *" version "*) printf 'Using library: libvirt 9.1.0\\nRunning hypervisor: QEMU 7.2.0\\n' ;;
esac
`;

function tidemarkGit(cwd: string, args: readonly string[]): void {
  const done = spawnSync("git", args, { cwd, encoding: "utf8" });
  expect(done.status, done.stderr).toBe(0);
}
