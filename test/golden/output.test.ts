import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "sarif";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CODES } from "../../src/diagnostics/codes.js";
import { ROOT, readAs, TIDEMARK, tidemarkIn } from "../support/tidemark.js";

const scratch = mkdtempSync(join(tmpdir(), "tidemark-output-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeAll(() => cpSync(join(ROOT, "plans/nightly"), join(scratch, "nightly"), { recursive: true }));
const tidemark = (...args: readonly string[]) => tidemarkIn(scratch, args);

const failing = readdirSync(join(ROOT, "golden")).filter((name) => name.startsWith("diagnostics-"));

describe("every finding of the golden cases", () => {
  it.each(failing)("%s, as JSON and as SARIF", (name) => {
    const folder = join(ROOT, "golden", name);
    const json = tidemarkIn(folder, ["validate", "policy.yaml", "--format", "json"]);
    const { diagnostics } = readAs("diagnostics", json.stderr) as {
      diagnostics: { code: string; message: string; location?: { line: number } }[];
    };
    expect(json.stdout).toBe("");

    const sarif = tidemarkIn(folder, ["validate", "policy.yaml", "--format", "sarif"]);
    expect([sarif.stderr, sarif.status]).toEqual(["", json.status]);
    const [run] = (JSON.parse(sarif.stdout) as Log).runs;
    const rules = run?.tool.driver.rules ?? [];
    expect(
      run?.results?.map(({ ruleId, locations }) => [
        ruleId,
        locations?.[0]?.physicalLocation?.region?.startLine,
      ]),
    ).toEqual(diagnostics.map(({ code, location }) => [code, location?.line]));
    for (const { ruleId, ruleIndex = -1, message } of run?.results ?? []) {
      expect(rules[ruleIndex]?.id).toBe(ruleId);
      expect(rules[ruleIndex]?.help?.text).toMatch(/\w{3}/);
      expect(rules[ruleIndex]?.shortDescription?.text).toBe(CODES[ruleId as keyof typeof CODES]);
      expect(diagnostics.some((each) => message.text?.startsWith(each.message))).toBe(true);
    }
  });
});

describe("what compile did", () => {
  it("as JSON: written, unchanged, changed, as in a dry run", () => {
    const compile = (...more: readonly string[]) =>
      tidemark("compile", "nightly/policy.yaml", "--format", "json", ...more);
    const plan = readAs("plan", compile("--dry-run").stdout);
    expect(plan).toEqual(JSON.parse(readFileSync(join(scratch, "nightly/plan/plan.json"), "utf8")));

    const written = readAs("compilation", compile("-o", "new").stdout) as { plans: unknown[] };
    expect(written.plans).toEqual([
      {
        policy: "nightly",
        directory: "new",
        domains: 2,
        unplanned: [],
        outside: [],
        runs: 28,
        files: { created: expect.any(Number), changed: 0, unchanged: 0, removed: 0 },
      },
    ]);
    const same = compile("-o", "new", "--check");
    expect(same.status).toBe(0);
    expect(readAs("compilation", same.stdout)).toMatchObject({
      plans: [{ files: { created: 0, changed: 0, removed: 0 }, diff: { domains: [] } }],
    });
    const later = compile("-o", "new", "--check", "--from", "2026-12-05");
    expect(later.status).toBe(2);
    expect(readAs("compilation", later.stdout)).toMatchObject({
      plans: [{ diff: { old: { policy: "nightly" } } }],
    });
    const none = compile("-o", "nowhere", "--check");
    expect(none.status).toBe(2);
    expect(readAs("compilation", none.stdout)).toMatchObject({ plans: [{ diff: null }] });
  });

  it("says which domains no entry covers, in every form", () => {
    const policy = readFileSync(join(scratch, "nightly/policy.yaml"), "utf8");
    writeFileSync(join(scratch, "nightly/some.yaml"), policy.replace(/ {2}mail:[\s\S]*$/, ""));
    const done = tidemark("compile", "nightly/some.yaml", "-o", "some");
    expect(done.stdout).toMatch(/^some: 14 runs; files: \d+ created; no entry covers mail\n$/);
    expect(readFileSync(join(scratch, "some/PLAN.md"), "utf8")).toMatch(
      /\| \*\*all\*\* \| mail \| no entry of the policy names it \|/,
    );
    expect(tidemark("compile", "-n", "nightly/some.yaml").stdout).toMatch(
      /not protected {2}mail: no entry of the policy names it/,
    );
    expect(tidemark("diff", "nightly/plan", "some").stdout).toMatch(/domains in no entry: none → mail/);
  });
});

describe("long work", () => {
  it("says on a terminal how far it is, and nowhere else", () => {
    const fleet = join(scratch, "fleet");
    mkdirSync(join(fleet, "inventory/domains"), { recursive: true });
    writeFileSync(join(fleet, "inventory/host.json"), '{ "libvirt": "9.0.0", "qemu": "7.2.22" }');
    for (let index = 0; index < 400; index++) {
      const uuid = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
      writeFileSync(
        join(fleet, `inventory/domains/${index}.xml`),
        `<domain type='kvm'><name>vm-${index}</name><uuid>${uuid}</uuid><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/i/${index}'/><target dev='vda' bus='virtio'/></disk></devices></domain>`,
      );
    }
    writeFileSync(
      join(fleet, "policy.yaml"),
      'version: 1\nname: f\nrepository: /r\nhorizon: { from: 2026-12-01, for: 1y }\nschedule: [{ level: full, at: "@weekly" }, { level: incremental, at: "@daily" }]\nretention: { keepDaily: 14 }\ndomains: { "*": {} }\n',
    );
    const command = `"${process.execPath}" "${TIDEMARK}" validate fleet/policy.yaml`;
    const terminal = spawnSync("script", ["-qec", command, "/dev/null"], { cwd: scratch, encoding: "utf8" });
    expect(terminal.stdout).toMatch(/\d+ % of 400 domains, about \d+ s left/);
    expect(terminal.stdout.endsWith("\r\u001b[K")).toBe(true);
    expect(tidemark("validate", "fleet/policy.yaml")).toMatchObject({ stdout: "", stderr: "", status: 0 });
  });

  it("has no markup for it", () => {
    const command = `"${process.execPath}" "${TIDEMARK}" timeline nightly/plan`;
    const terminal = spawnSync("script", ["-qec", command, "/dev/null"], { cwd: scratch, encoding: "utf8" });
    expect(terminal).toMatchObject({ status: 1, stdout: expect.stringContaining("-o timeline.html") });
    expect(terminal.stdout).not.toContain("<");
    expect(tidemark("timeline", "nightly/plan").stdout).toMatch(/^<!doctype html>/);
  });
});
