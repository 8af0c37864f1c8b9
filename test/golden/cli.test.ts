import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TIDEMARK = join(ROOT, "dist/bin/tidemark.js");
const scratch = mkdtempSync(join(tmpdir(), "tidemark-cli-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeAll(() => {
  for (const name of ["nightly", "databases"]) {
    cpSync(join(ROOT, "plans", name), join(scratch, name), {
      recursive: true,
      filter: (path) => !path.endsWith("/plan"),
    });
  }
});

function tidemark(...args: readonly string[]) {
  return spawnSync(process.execPath, [TIDEMARK, ...args], { cwd: scratch, encoding: "utf8" });
}

const MONDAY = ["nightly/policy.yaml", "--domain", "web-1", "--slot"] as const;
const PLANNED = join(ROOT, "plans/nightly/plan/web-1/20261207T010000Z");

describe("tidemark diff and compile --check, in a git repository", () => {
  const git = (...args: readonly string[]) =>
    spawnSync("git", [
      "-C",
      join(scratch, "repo"),
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@example.org",
      ...args,
    ]);

  beforeAll(() => {
    cpSync(join(ROOT, "plans/nightly"), join(scratch, "repo/nightly"), { recursive: true });
    for (const args of [
      ["init", "-q"],
      ["add", "."],
      ["commit", "-qm", "plan"],
    ])
      git(...args);
  });

  it("finds nothing where nothing was changed", () => {
    expect(tidemark("compile", "--check", "repo/nightly/policy.yaml")).toMatchObject({
      stdout: "repo/nightly/plan: up to date with the policy\n",
      status: 0,
    });
    for (const [old, now] of [
      ["git:HEAD", "repo/nightly/plan"],
      ["git:HEAD", "repo/nightly/policy.yaml"],
      ["repo/nightly/plan/plan.json", "repo/nightly/policy.yaml"],
    ] as const) {
      expect(tidemark("diff", old, now)).toMatchObject({ stdout: "No changes.\n", stderr: "", status: 0 });
    }
  });

  it("tells what a change of the policy does before it is compiled, and after", () => {
    const path = join(scratch, "repo/nightly/policy.yaml");
    const written = readFileSync(path, "utf8");
    writeFileSync(path, written.replace("keepLast: 3, keepDaily: 7", "keepLast: 1, keepDaily: 2"));
    const before = readdirSync(join(scratch, "repo/nightly/plan"));
    const check = tidemark("compile", "--check", "repo/nightly/policy.yaml");
    expect(check.status).toBe(2);
    expect(check.stdout).toMatch(/^repo\/nightly\/plan: files: \d+ changed, \d+ unchanged if compiled now\n/);
    expect(check.stdout).toMatch(/! +\d+ restore points are lost earlier than planned/);
    expect(readdirSync(join(scratch, "repo/nightly/plan"))).toEqual(before);

    expect(tidemark("compile", "repo/nightly/policy.yaml").status).toBe(0);
    const diff = tidemark("diff", "git:HEAD", "repo/nightly/plan", "--format", "json");
    expect(diff.status).toBe(2);
    expect(JSON.parse(diff.stdout).dangers).toBeGreaterThan(0);
    expect(tidemark("diff", "git:HEAD", "repo/nightly/plan", "--format", "markdown").stdout).toMatch(
      /^<!-- tidemark diff -->/,
    );
    writeFileSync(path, written);
    expect(tidemark("compile", "repo/nightly/policy.yaml").status).toBe(0);
  });

  it("sees a script that was edited by hand", () => {
    const script = join(scratch, "repo/nightly/plan/web-1/run.sh");
    const text = readFileSync(script, "utf8");
    writeFileSync(script, `${text}# edited\n`);
    const check = tidemark("compile", "--check", "repo/nightly/policy.yaml");
    expect(check.stdout).toMatch(
      /^repo\/nightly\/plan: files: 1 changed, \d+ unchanged if compiled now\nthe runs do the same as before; .*\n$/,
    );
    expect(check.status).toBe(2);
    writeFileSync(script, text);
  });

  describe("the examples", () => {
    const repo = join(scratch, "repo");
    const bin = join(scratch, "bin");
    const bash = (script: string, env: Record<string, string> = {}) =>
      spawnSync("bash", ["-euo", "pipefail", "-c", script], {
        cwd: repo,
        encoding: "utf8",
        env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, ...env },
      });
    const policy = join(repo, "nightly/policy.yaml");
    const commit = "git -c user.name=t -c user.email=t@example.org commit -qm change";

    beforeAll(() => {
      mkdirSync(bin);
      writeFileSync(join(bin, "tidemark"), `#!/bin/sh\nexec "${process.execPath}" "${TIDEMARK}" "$@"\n`, {
        mode: 0o755,
      });
      cpSync(join(ROOT, "examples/pre-commit"), join(repo, ".git/hooks/pre-commit"));
    });

    it("the hook refuses a policy without its plan, and takes the two together", () => {
      const written = readFileSync(policy, "utf8");
      writeFileSync(policy, written.replace("keepDaily: 7", "keepDaily: 6"));
      const refused = bash(`git add -A && ${commit}`);
      expect(refused.stderr).toContain("Call tidemark compile nightly/policy.yaml");
      expect(refused.status).toBe(1);
      expect(bash(`tidemark compile nightly/policy.yaml && git add -A && ${commit}`)).toMatchObject({
        status: 0,
      });
      writeFileSync(policy, written.replace("keepDaily: 7", "keepDaily: 5"));
      bash("git add nightly/policy.yaml && tidemark compile nightly/policy.yaml");
      expect(bash(commit).status, "the plan was compiled, and not staged").toBe(1);
      bash("git reset -q --hard");
      writeFileSync(join(repo, "README"), "not ours");
      expect(bash(`git add README && ${commit}`)).toMatchObject({ status: 0 });
    });

    it("the workflow's steps pass on that, and tell what it does", () => {
      const { jobs } = parse(readFileSync(join(ROOT, "examples/github-workflow.yml"), "utf8"));
      const steps = (jobs.plan.steps as { run?: string }[]).flatMap(({ run }) => run ?? []);
      expect(steps[0]).toBe("npm install --global tidemark");
      const summary = join(scratch, "summary.md");
      for (const step of steps.slice(1)) {
        const done = bash(step, {
          BASE: bash("git rev-parse HEAD~2").stdout.trim(),
          GITHUB_STEP_SUMMARY: summary,
        });
        expect(done.status, step + done.stdout + done.stderr).toBe(0);
      }
      expect(readFileSync(summary, "utf8")).toMatch(
        /^<!-- tidemark diff -->\n\*\*Plan[\s\S]*(dangerous|No dangerous changes)/,
      );
      const [, , last = ""] = steps.slice(1);
      const base = bash("git rev-parse HEAD").stdout.trim();
      bash(`git rm -rq nightly && ${commit}`);
      expect(bash(last, { BASE: base, GITHUB_STEP_SUMMARY: summary }).status).toBe(0);
      expect(readFileSync(summary, "utf8")).toMatch(
        /\*\*nightly\/policy\.yaml was removed: its domains are no longer backed up\*\*\n$/,
      );
      bash("git reset -q --hard HEAD~1");
    });
  });

  it.each([
    [["diff", "nowhere", "repo/nightly/plan"], /there is no plan nowhere/],
    [["diff", "git:no-such", "repo/nightly/plan"], /git has no plan no-such:\.\/plan\.json/],
    [["diff", "nightly", "repo/nightly/plan"], /there is no plan nightly\/plan\.json/],
  ] as const)("says what is wrong: %j", (args, says) => {
    const done = tidemark(...args);
    expect(done.stderr).toMatch(says);
    expect([done.stdout, done.status]).toEqual(["", 1]);
  });
});

describe("tidemark xml", () => {
  it.each(["2026-12-07", "2026-12-07T02:00", "2026-12-07T01:00:00Z", "20261207T010000Z"])(
    "prints what compile writes, for the slot %s",
    (slot) => {
      for (const document of ["backup", "checkpoint"]) {
        const done = tidemark("xml", ...MONDAY, slot, document);
        expect(done.stdout).toBe(readFileSync(`${PLANNED}.${document}.xml`, "utf8"));
        expect([done.stderr, done.status]).toEqual(["", 0]);
      }
      const { stdout: fallback } = tidemark("xml", ...MONDAY, slot, "fallback");
      expect(fallback).toContain("backupmode='full'");
      expect(fallback).not.toContain("incremental");
    },
  );

  it.each([
    [
      ["xml", "nightly/policy.yaml", "--domain", "web-2", "--slot", "2026-12-07", "backup"],
      /no domain "web-2"[\s\S]*did you mean "web-1"/,
    ],
    [["xml", ...MONDAY, "2026-12-07T03:00", "backup"], /no slot "2026-12-07T03:00"/],
    [
      ["xml", "databases/policy.yaml", "--domain", "db-1", "--slot", "2026-12-02", "backup"],
      /no single slot/,
    ],
    [["xml", ...MONDAY, "2026-12-06", "fallback"], /no fallback document/],
    [["xml", ...MONDAY, "2026-12-07", "bakcup"], /Allowed choices are backup, checkpoint, fallback/],
  ] as const)("says what it has instead: %j", (args, says) => {
    const done = tidemark(...args);
    expect(done.stderr).toMatch(says);
    expect([done.stdout, done.status]).toEqual(["", 1]);
  });
});

describe("tidemark compile", () => {
  it("touches nothing that did not change, and removes only what an earlier plan wrote", () => {
    const out = join(scratch, "out");
    const compile = (...args: readonly string[]) =>
      tidemark("compile", "nightly/policy.yaml", "-o", "out", ...args);
    expect(compile().stdout).toMatch(/28 runs; files: \d+ created\n$/);
    const before = timesOf(out);
    expect(compile().stdout).toMatch(/no changes/);
    expect(timesOf(out)).toEqual(before);

    writeFileSync(join(out, "web-1/NOTES.txt"), "mine\n");
    writeFileSync(join(out, "web-1/20261201T010000Z.mine.txt"), "mine too\n");
    expect(compile("--from", "2026-12-05").stdout).toMatch(
      /created, \d+ changed, \d+ removed, \d+ unchanged/,
    );
    const after = timesOf(out);
    expect([...after.keys()]).toContain("web-1/NOTES.txt");
    expect([...after.keys()].filter((path) => path.startsWith("web-1/20261201T010000Z"))).toEqual([
      "web-1/20261201T010000Z.mine.txt",
    ]);
    expect(after.get("web-1/20261213T010000Z.backup.xml")).toBe(
      before.get("web-1/20261213T010000Z.backup.xml"),
    );
    expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
    expect(statSync(join(out, "web-1/run.sh")).mode & 0o111).not.toBe(0);
  });

  it("compiles several policies, each to a folder of its name, or none of them", () => {
    expect(tidemark("compile", "nightly/policy.yaml", "databases/policy.yaml", "-o", "all").status).toBe(0);
    expect(readdirSync(join(scratch, "all"))).toEqual(["databases", "nightly"]);
    writeFileSync(join(scratch, "bad.yaml"), "version: 1\n");
    expect(tidemark("compile", "nightly/policy.yaml", "bad.yaml", "-o", "none").status).toBe(1);
    expect(readdirSync(scratch)).not.toContain("none");
    expect(tidemark("compile", "nightly/policy.yaml", "nightly/policy.yaml", "-o", "twice").stderr).toMatch(
      /TM504/,
    );
  });

  it("prints the plan and writes nothing in a dry run", () => {
    const done = tidemark("compile", "-n", "nightly/policy.yaml");
    expect(done.stdout).toMatch(
      /web-1 \(push\)[\s\S]*2026-12-07T02:00:00\+01:00 {2}incremental {3}since nightly-20261206T010000Z/,
    );
    expect(readdirSync(join(scratch, "nightly"))).not.toContain("plan");
  });
});

describe("tidemark explain", () => {
  const explain = (...args: readonly string[]) =>
    tidemark("explain", "nightly/policy.yaml", "--domain", "web-1", ...args);

  it("tells the whole life of a restore point", () => {
    const { stdout, status } = explain("--slot", "2026-12-07");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^nightly-20261207T010000Z of web-1: incremental, 2026-12-07T02:00:00\+01:00\n/);
    expect(stdout).toMatch(/vda {2}incremental since nightly-20261206T010000Z: changes since the last run/);
    expect(stdout).toMatch(/builds on {3}nightly-20261206T010000Z/);
    expect(stdout).toMatch(/needed by {3}nightly-20261208T010000Z/);
    expect(stdout).toMatch(/kept by .*up to the run of 2026-12-\d\dT02:00:00\+01:00/);
  });

  it("tells the same to programs, folds included", () => {
    const schema = JSON.parse(readFileSync(join(ROOT, "schemas/explanation.schema.json"), "utf8"));
    const validate = new Ajv2020().compile(schema);
    const policy = join(ROOT, "golden/consolidate/policy.yaml");
    const done = tidemark("explain", policy, "--domain", "web", "--format", "json");
    const told = JSON.parse(done.stdout);
    expect(validate(told) ? [] : validate.errors).toEqual([]);
    const [first, second, third] = told.points;
    expect(second.deletedBy.foldedInto).toBe(third.point);
    expect(third.foldedIn).toEqual([{ slot: second.deletedBy.slot, of: [second.point] }]);
    const one = tidemark("explain", policy, "--domain", "web", "--slot", first.point, "--format", "json");
    expect(JSON.parse(one.stdout).points).toEqual([first]);
  });

  it("says of every restore point what the plan does with it", () => {
    const plan = JSON.parse(readFileSync(join(ROOT, "plans/nightly/plan/plan.json"), "utf8"));
    const domain = plan.domains.find((each: { name: string }) => each.name === "web-1");
    const lines = explain().stdout.trimEnd().split("\n");
    const points = [...domain.found, ...domain.runs.map((run: { point: string }) => run.point)];
    const named = (line: string) => line.split(/ {2,}/)[2];
    expect(lines.map(named)).toEqual(points);
    for (const run of domain.runs) {
      const pruned = run.steps.find((step: { do: string }) => step.do === "prune")?.points ?? [];
      for (const point of pruned) {
        expect(lines.find((line) => named(line) === point)).toContain(
          `deleted by the run of ${run.localTime}`,
        );
      }
    }
    for (const { point, reasons } of domain.kept) {
      const line = lines.find((each) => named(each) === point);
      expect(line).toContain("kept (");
      for (const reason of reasons) expect(line).toContain(reason);
    }
  });

  it("says what it has instead", () => {
    expect(explain("--slot", "2027-01-01")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/TM301.*no slot "2027-01-01"/),
    });
  });
});

describe("the rest", () => {
  it.each([
    [
      ["diff", "plan"],
      /missing required argument 'new'\n {2}hint: tidemark diff --help shows its arguments and options\n$/,
    ],
    [["compile", "--dryrun"], /hint: did you mean --dry-run\? tidemark compile --help/],
    [["compil"], /hint: did you mean compile\? tidemark --help shows the commands/],
    [["verify", "nowhere"], /TM505 cannot read the repository nowhere: there is no such file or folder/],
    [
      ["xml", ...MONDAY, "2026-12-08T03:00", "backup"],
      /no slot "2026-12-08T03:00"\n {2}hint: the nearest are: 2026-12-07T02:00:00\+01:00, 2026-12-08T02:00:00\+01:00, 2026-12-09T/,
    ],
    [["xml", ...MONDAY, "2026-13-08", "backup"], /hint: it has: 2026-12-01T02:00:00\+01:00, /],
    [
      ["timeline", "nightly/policy.yaml", "-o", "x.png"],
      /the name x.png says neither\n {2}hint: .*-o timeline.svg/,
    ],
    [
      ["compile", "nightly/policy.yaml", "-o", "/proc/a/plan"],
      /TM501 cannot write \/proc\/a\/plan: there is no such/,
    ],
  ] as const)("says where to look after %j", (args, says) => {
    expect(tidemark(...args)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(says),
    });
  });

  it("says that its output had no room", () => {
    const command = `"${process.execPath}" "${TIDEMARK}" compile -n nightly/policy.yaml >/dev/full`;
    expect(spawnSync("bash", ["-c", command], { cwd: scratch, encoding: "utf8" })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: cannot write the output: ENOSPC.*\n$/),
    });
  });

  it("gives diagnostics to programs", () => {
    writeFileSync(join(scratch, "bad.yaml"), "version: 1\nnaem: x\n");
    const { diagnostics } = JSON.parse(tidemark("validate", "bad.yaml", "--format", "json").stderr);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ code: "TM105", location: expect.objectContaining({ line: 2, column: 1 }) }),
    );
    expect(tidemark("validate", "bad.yaml", "--format", "github").stderr).toMatch(
      /^::error file=bad.yaml,line=1/,
    );
    expect(tidemark("validate", "nightly/policy.yaml")).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(tidemark("validate", "gone.yaml")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("there is no such file"),
    });
  });

  it("says its version, and its commands to who asks", () => {
    expect(tidemark("--version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const command of [
      "compile",
      "validate",
      "xml",
      "explain",
      "diff",
      "inventory",
      "verify",
      "restore",
      "schema",
    ])
      expect(tidemark(command, "--help").stdout).toMatch(/Example/);
    expect(tidemark("complie")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("did you mean compile?"),
    });
  });

  it("ends quietly when nobody reads on", () => {
    const done = spawnSync(
      "bash",
      [
        "-c",
        `"${process.execPath}" "${TIDEMARK}" compile -n nightly/policy.yaml databases/policy.yaml | head -c 1`,
      ],
      { cwd: scratch, encoding: "utf8" },
    );
    expect(done.stderr).toBe("");
  });
});

function timesOf(root: string): Map<string, number> {
  return new Map(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(root.length + 1), statSync(path).mtimeMs];
      }),
  );
}
