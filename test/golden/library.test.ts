import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import {
  compile,
  compileFleet,
  type Inventory,
  loadInventory,
  type Policy,
  parsePolicy,
  resolveHorizon,
  writePlan,
} from "../../src/index.js";
import { ROOT, tidemarkIn } from "../support/tidemark.js";

/* What a program makes with the library is what the command makes of the same files. */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-library-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const work = join(scratch, "work");
const byCommand = join(work, "command");
const byLibrary = join(work, "library");

function copyOf(example: string): void {
  cpSync(join(ROOT, example), work, {
    recursive: true,
    filter: (path) => !/\/(?:expected|plan)$/.test(path),
  });
}

beforeEach(() => rmSync(work, { recursive: true, force: true }));

function policyAt(file: string): Policy {
  const { policy } = parsePolicy(readFileSync(file), file);
  if (policy === undefined) throw new Error(`${file} is no policy`);
  return policy;
}

function inventoryAt(folder: string): Inventory {
  const { inventory } = loadInventory(folder);
  if (inventory === undefined) throw new Error(`${folder} is no inventory`);
  return inventory;
}

function horizonOf(policy: Policy) {
  const { horizon } = resolveHorizon(policy);
  if (horizon === undefined) throw new Error("the policy has no horizon");
  return horizon;
}

/** Mode and text of each file. */
function filesOf(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    paths
      .map((path) => [path, statSync(join(root, path))] as const)
      .filter(([, stat]) => stat.isFile())
      .map(([path, stat]) => [path, `${stat.mode & 0o777} ${readFileSync(join(root, path), "utf8")}`]),
  );
}

describe("one host", () => {
  const compiled = () => {
    const policy = policyAt(join(work, "policy.yaml"));
    return { policy, ...compile(policy, inventoryAt(join(work, "inventory")), horizonOf(policy)) };
  };

  it("the plan directory is the command's, byte for byte", async () => {
    copyOf("plans/nightly");
    expect(tidemarkIn(work, ["compile", "policy.yaml", "-o", byCommand])).toMatchObject({ status: 0 });
    const { policy, plan, diagnostics } = compiled();
    if (plan === undefined) throw new Error("not compiled");
    const { files, diagnostics: trouble } = await writePlan(byLibrary, policy, plan, diagnostics);
    expect(trouble).toEqual([]);
    expect(filesOf(byLibrary)).toEqual(filesOf(byCommand));
    expect(files).toEqual({
      created: Object.keys(filesOf(byLibrary)).length,
      changed: 0,
      unchanged: 0,
      removed: 0,
    });

    const again = await writePlan(byLibrary, policy, plan, diagnostics);
    expect(again.files).toEqual({ created: 0, changed: 0, unchanged: files?.created, removed: 0 });
  });

  it("what the earlier plan had and this one does not is removed", async () => {
    copyOf("plans/nightly");
    const { policy, plan, diagnostics } = compiled();
    if (plan === undefined) throw new Error("not compiled");
    await writePlan(byLibrary, policy, plan, diagnostics);
    const [gone] = plan.domains;
    const { files } = await writePlan(byLibrary, policy, { ...plan, domains: plan.domains.slice(1) });
    expect(files?.removed).toBeGreaterThan(0);
    expect(Object.keys(filesOf(byLibrary)).filter((path) => path.startsWith(`${gone?.directory}/`))).toEqual(
      [],
    );
  });

  it("what is in the way is said, and left as it is", async () => {
    copyOf("plans/nightly");
    const { policy, plan } = compiled();
    if (plan === undefined) throw new Error("not compiled");
    const other = { ...policy, name: "other" };
    await writePlan(byLibrary, policy, plan);
    const before = filesOf(byLibrary);
    const { files, diagnostics } = await writePlan(byLibrary, other, plan);
    expect([files, diagnostics.map(({ code }) => code)]).toEqual([undefined, ["TM511"]]);
    expect(filesOf(byLibrary)).toEqual(before);

    writeFileSync(join(work, "file"), "");
    const under = await writePlan(join(work, "file/plan"), policy, plan);
    expect(under.diagnostics).toMatchObject([{ code: "TM501", severity: "error" }]);
    expect(under.files).toBeUndefined();
  });
});

describe("hosts", () => {
  const parts = () => {
    copyOf("golden/fleet");
    const policy = policyAt(join(work, "policy.yaml"));
    const inventories = Object.fromEntries(
      Object.entries(policy.hosts ?? {}).map(([host, { inventory }]) => [
        host,
        inventoryAt(join(work, inventory)),
      ]),
    );
    return { policy, inventories, horizon: horizonOf(policy) };
  };

  it("the plan directory of a fleet is the command's, byte for byte", async () => {
    const { policy, inventories, horizon } = parts();
    expect(tidemarkIn(work, ["compile", "policy.yaml", "-o", byCommand])).toMatchObject({ status: 0 });
    const { fleet, diagnostics } = compileFleet(policy, inventories, horizon);
    if (fleet === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    const { diagnostics: trouble } = await writePlan(byLibrary, policy, fleet, diagnostics);
    expect(trouble).toEqual([]);
    expect(filesOf(byLibrary)).toEqual(filesOf(byCommand));
    expect(Object.keys(filesOf(byLibrary)).some((path) => path.startsWith("ansible/"))).toBe(
      policy.ansible !== undefined,
    );
  });

  it("one inventory for a policy of hosts is an error, and plans nothing under no host's name", () => {
    const { policy, inventories, horizon } = parts();
    const one = Object.values(inventories)[0] as Inventory;
    expect(compile(policy, one, horizon)).toMatchObject({
      diagnostics: [
        { code: "TM213", severity: "error", location: { file: expect.stringMatching(/policy\.yaml$/) } },
      ],
    });
    expect(compile(policy, one, horizon)).not.toHaveProperty("plan");
  });

  it("inventories are those of the policy's hosts, all of them and no other", () => {
    const { policy, inventories, horizon } = parts();
    const { kvm2: _, ...others } = inventories;
    const { fleet, diagnostics } = compileFleet(
      policy,
      { ...others, kvmX: Object.values(inventories)[0] as Inventory },
      horizon,
    );
    expect(fleet).toBeUndefined();
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ["TM213", 'no inventory is given of the host "kvm2"'],
      ["TM213", 'an inventory is given of "kvmX", which is no host of the policy'],
    ]);
    const { hosts: __, ...alone } = policy;
    expect(compileFleet(alone, inventories, horizon).diagnostics).toMatchObject([{ code: "TM213" }]);
  });
});
