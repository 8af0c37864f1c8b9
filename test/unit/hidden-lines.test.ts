import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { sourcesOf } from "../../src/cli/report.js";
import { load } from "../../src/compilation/load.js";
import { printGitHub, printJson, printText } from "../../src/diagnostics/print.js";

/*
 * A policy's author may not be the one who compiles it, as in a pull request. Nothing that the author lets the compiler read by a
 * path or a link may show what the author cannot read, unless it is a policy or an inventory's file.
 */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-hidden-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const SECRET = "hunter2";
const SECRETS: Readonly<Record<string, string>> = {
  shadow: `root:$6$${SECRET}:19000:0:99999:7:::\nbin:*:19000:0:99999:7:::\n`,
  "token.yaml": `example.org:\n  oauth_token: ${SECRET}\n`,
  "list.yaml": `- ${SECRET}\n`,
  "broken.yaml": `name: nightly\npassword: "${SECRET}\n`,
  "environment.yaml": `version: 3\nname: x\nservices: { db: { password: ${SECRET} } }\n`,
  "alias.yaml": `name: *${SECRET}\n`,
  "binary.yaml": `${SECRET}\u0000\n`,
  "token.json": `{ "auths": "${SECRET}" }`,
  "broken.json": `${SECRET}`,
  "truncated.json": `{ "token": "${SECRET}`,
  "secret.xml": `<secret><value>${SECRET}</value></secret>`,
  "broken.xml": `<${SECRET}>`,
  "key.xml": `-----BEGIN KEY-----\n${SECRET}\n`,
};

const POLICY = `version: 1
name: nightly
repository: /backup
horizon: { from: 2026-12-01, for: 1w }
schedule: [{ level: full, at: "@daily" }]
retention: { keepLast: 3 }
domains: { "*": }
`;

let secrets: string;
let own: string;
let count = 0;

beforeEach(() => {
  count += 1;
  secrets = join(scratch, `elsewhere-${count}`);
  own = join(scratch, `own-${count}`);
  mkdirSync(secrets);
  mkdirSync(join(own, "inventory/domains"), { recursive: true });
  for (const [name, text] of Object.entries(SECRETS)) writeFileSync(join(secrets, name), text);
  writeFileSync(join(own, "inventory/host.json"), '{ "libvirt": "9.0.0", "qemu": "7.2.0" }');
});

/** All that may be printed about a policy. */
function said(file = "policy.yaml", options = {}): string {
  const { diagnostics } = load(join(own, file), options);
  expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  return [
    printText(diagnostics, sourcesOf(diagnostics), { color: false }),
    printJson(diagnostics),
    printGitHub(diagnostics),
  ].join("\n");
}

const policyWith = (line: string) => writeFileSync(join(own, "policy.yaml"), `${line}\n${POLICY}`);
const texts = Object.keys(SECRETS).filter((name) => !/\.(?:json|xml)$/.test(name));
const facts = Object.keys(SECRETS).filter((name) => /\.(?:json|xml)$/.test(name));

describe.each(texts)("lines of %s are not shown", (name) => {
  it.each(["extends", "include"])("by %s of its path", (key) => {
    policyWith(`${key}: ${join(secrets, name)}`);
    expect(said()).not.toContain(SECRET);
    expect(said()).toContain("TM123");
  });

  it.each(["extends", "include"])("by %s of a link", (key) => {
    symlinkSync(join(secrets, name), join(own, "part.yaml"));
    policyWith(`${key}: part.yaml`);
    expect(said()).not.toContain(SECRET);
  });

  it("by a link to its folder, and a glob", () => {
    symlinkSync(secrets, join(own, "parts"));
    policyWith("include: parts/*");
    expect(said()).not.toContain(SECRET);
  });

  it("by a fragment that another names", () => {
    writeFileSync(join(own, "part.yaml"), `include: ${join(secrets, name)}\n`);
    policyWith("include: part.yaml");
    expect(said()).not.toContain(SECRET);
  });

  it("where the policy itself is a link", () => {
    symlinkSync(join(secrets, name), join(own, "policy.yaml"));
    expect(said()).not.toContain(SECRET);
  });
});

describe.each(facts)("lines of %s are not shown", (name) => {
  const extension = name.slice(name.lastIndexOf("."));
  const places = {
    ".xml": ["web.xml", "domains/web.xml", "checkpoints/web/a.xml"],
    ".json": ["host.json", "catalog/web/manifest.json"],
  }[extension] as readonly string[];

  it.each(places)("by a link at %s of the inventory", (place) => {
    policyWith("");
    const path = join(own, "inventory", place);
    rmSync(path, { force: true });
    mkdirSync(join(path, ".."), { recursive: true });
    symlinkSync(join(secrets, name), path);
    expect(said()).not.toContain(SECRET);
    expect(said("policy.yaml", { inventory: join(own, "inventory") })).not.toContain(SECRET);
  });

  it("by an inventory that is elsewhere", () => {
    mkdirSync(join(secrets, "domains"));
    symlinkSync(join(secrets, name), join(secrets, "domains", `x${extension}`));
    policyWith(`inventory: ${secrets}`);
    expect(said()).not.toContain(SECRET);
  });

  it("by a link to the folder of a host's inventory", () => {
    mkdirSync(join(own, "inventory/kvm1"));
    symlinkSync(secrets, join(own, "inventory/kvm1/domains"));
    writeFileSync(join(own, "inventory/kvm1/host.json"), '{ "libvirt": "9.0.0", "qemu": "7.2.0" }');
    policyWith("hosts: inventory/*");
    expect(said()).not.toContain(SECRET);
  });
});

describe("lines are shown, as before,", () => {
  const WRONG = "timezone: Mars/Olympus\n";

  it("of the policy's own files", () => {
    writeFileSync(join(own, "part.yaml"), "unheard: of\n");
    policyWith("include: part.yaml");
    expect(said()).toContain("1 | unheard: of");
  });

  it("of a policy elsewhere, which is one", () => {
    writeFileSync(join(secrets, "base.yaml"), WRONG);
    policyWith(`extends: ${join(secrets, "base.yaml")}`);
    expect(said()).toContain("1 | timezone: Mars/Olympus");
  });

  it("of files anywhere in the work tree of git that the policy is in", () => {
    mkdirSync(join(own, ".git"));
    mkdirSync(join(own, "shared"));
    mkdirSync(join(own, "nightly"));
    writeFileSync(join(own, "shared/base.yaml"), "unheard: of\n");
    writeFileSync(join(own, "nightly/policy.yaml"), `extends: ../shared/base.yaml\n${POLICY}`);
    expect(said("nightly/policy.yaml")).toContain("1 | unheard: of");
  });

  it("of domains in an inventory elsewhere", () => {
    writeFileSync(join(secrets, "domain.xml"), "<domain>\n<name>web</title>\n</domain>");
    symlinkSync(join(secrets, "domain.xml"), join(own, "inventory/domains/web.xml"));
    policyWith("");
    expect(said()).toContain("<name>web</title>");
  });
});
