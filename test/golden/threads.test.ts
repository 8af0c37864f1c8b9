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
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { load } from "../../src/compilation/load.js";
import { DomainFiles } from "../../src/emit/domain-files.js";
import { domainWriter } from "../../src/emit/domain-threads.js";
import { PlanDirectory } from "../../src/emit/plan-directory.js";
import { FleetWriter } from "../../src/emit/write-plan.js";
import { planDomains } from "../../src/planner/plan-domains.js";
import { ROOT, tidemarkIn } from "../support/tidemark.js";

/* Files of domains are written in other threads where there are many, as two years of nights have. */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-threads-"));
const policy = join(scratch, "nightly/policy.yaml");
const HORIZON = { from: "2026-12-01", until: "2028-12-01" };
const compile = (...more: readonly string[]) =>
  tidemarkIn(ROOT, ["compile", policy, "--from", HORIZON.from, "--until", HORIZON.until, ...more]);

beforeAll(() => cpSync(join(ROOT, "plans/nightly"), join(scratch, "nightly"), { recursive: true }));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it("a machine of more than one core takes threads for this plan", () => {
  const place = { root: scratch, staging: scratch, fresh: true };
  expect(domainWriter(place, 999)).toBeInstanceOf(DomainFiles);
  expect(availableParallelism()).toBeGreaterThan(1);
});

it("a plan written in threads is what one thread writes", async () => {
  const plan = join(scratch, "plan");
  expect(compile("-o", plan)).toMatchObject({ status: 0, stdout: expect.stringMatching(/: 1\d{3} runs; /) });
  const alone = join(scratch, "alone");
  await writeAlone(alone);
  const [files, others] = [filesOf(plan), filesOf(alone)];
  expect([...files.keys()]).toEqual([...others.keys()]);
  for (const [path, content] of files)
    if (content !== others.get(path)) expect(content, path).toBe(others.get(path));

  const [[some = ""]] = [[...files.keys()].filter((path) => path.endsWith("/run.sh"))];
  const again = compile("-o", plan, "--check");
  expect([again.status, again.stdout]).toEqual([0, `${plan}: up to date with the policy\n`]);
  writeFileSync(join(plan, some), "changed\n");
  expect(compile("-o", plan, "--check").status).toBe(2);
  expect(compile("-o", plan).stdout).toMatch(/; files: 1 changed, \d+ unchanged\n$/);
  expect(readFileSync(join(plan, some), "utf8")).toBe(files.get(some)?.slice(3));
});

it("what a thread cannot write is said, and nothing is left behind", () => {
  // The domain's folder is 200 bytes long: of all there is to be written, only its files' paths exceed what a system takes.
  const name = "n".repeat(200);
  const inventory = join(scratch, "nightly/inventory");
  const [file = ""] = readdirSync(inventory).filter((each) => each.endsWith(".xml"));
  const xml = readFileSync(join(inventory, file), "utf8");
  writeFileSync(
    join(inventory, "long.xml"),
    xml.replace(/<name>.*<\/name>/, `<name>${name}</name>`).replace(/<uuid>.{8}/, "<uuid>12345678"),
  );
  writeFileSync(policy, readFileSync(policy, "utf8").replace(/^domains:$/m, `domains:\n  ${name}: {}`));
  let deep = join(scratch, "deep");
  while (deep.length < 3700) deep = join(deep, "d".repeat(100));
  deep = join(deep, "d".repeat(3850 - deep.length));
  mkdirSync(deep, { recursive: true });
  const done = compile("-o", join(deep, "plan"));
  expect([done.status, done.stdout]).toEqual([1, ""]);
  expect(done.stderr).toMatch(/error TM501 cannot write .*\/plan: the path is too long\n/);
  expect(readdirSync(deep)).toEqual([]);
});

async function writeAlone(root: string): Promise<void> {
  const { fleet } = load(policy, HORIZON);
  if (fleet === undefined) throw new Error("the example does not compile");
  const directory = new PlanDirectory(root);
  const writer = new FleetWriter(directory, new DomainFiles(directory.stagedDirectory), fleet.header);
  for (const prepared of fleet.hosts) {
    const host = writer.host(prepared.header);
    for (const { plan } of planDomains(prepared)) await host.add(plan);
    host.close([]);
  }
  writer.close([]);
  directory.commit(() => []);
}

/** Mode and text of each file. */
function filesOf(root: string): ReadonlyMap<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  return new Map(
    paths.flatMap((path) => {
      const stat = statSync(join(root, path));
      if (stat.isDirectory()) return [];
      return [[path, `${(stat.mode & 0o777).toString(8)}${readFileSync(join(root, path), "utf8")}`] as const];
    }),
  );
}
