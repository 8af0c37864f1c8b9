import { posix } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareText } from "../../../src/diagnostics/diagnostic.js";
import { globMatcher } from "../../../src/policy/glob.js";
import { parsePolicy } from "../../../src/policy/parse.js";
import type { PolicyFiles } from "../../../src/policy/policy-files.js";

const BASE = `version: 1
name: nightly
repository: /backup
inventory: ./inventory
schedule: [{ level: full, at: "@daily" }]
retention: { keepLast: 3, keepDaily: 7 }
defaults: { mode: push, freeze: true }
`;

function filesOf(texts: Readonly<Record<string, string>>): PolicyFiles {
  return {
    read: (path) => {
      const text = texts[path];
      return text === undefined ? { problem: "there is no such file" } : Buffer.from(text);
    },
    list: (pattern) => Object.keys(texts).filter(globMatcher(pattern)).sort(compareText),
  };
}

function parse(texts: Readonly<Record<string, string>>, file = "p.yaml") {
  return parsePolicy(texts[file] ?? "", file, filesOf(texts));
}

function findings(texts: Readonly<Record<string, string>>, file = "p.yaml"): string[] {
  return parse(texts, file).diagnostics.map(
    ({ code, location }) => `${code} ${location?.file}:${location?.line}:${location?.column}`,
  );
}

describe("extends", () => {
  it("is overridden key by key, collections entry by entry, all else as a whole", () => {
    const { policy, diagnostics } = parse({
      "p.yaml":
        "extends: base.yaml\nretention: { keepLast: 1 }\ndefaults: { freeze: false }\ndomains: { web: }",
      "base.yaml": `${BASE}domains: { db: }`,
    });
    expect(diagnostics).toEqual([]);
    expect(policy).toMatchObject({
      name: "nightly",
      retention: { keepLast: 1 },
      defaults: { mode: "push", freeze: false },
      domains: { db: {}, web: {} },
    });
    expect(policy?.retention.keepDaily).toBeUndefined();
  });

  it("takes later files over earlier ones, and theirs first", () => {
    const { policy } = parse({
      "p.yaml": "extends: [a.yaml, b.yaml]\ndomains: { web: }",
      "a.yaml": `${BASE}jitter: 1h`,
      "b.yaml": "extends: c.yaml\njitter: 2h",
      "c.yaml": "jitter: 3h\nmaxConcurrent: 4\ndefaults: { estimate: { size: 1GiB, changedPerDay: 1% } }",
    });
    expect(policy).toMatchObject({ jitter: { text: "2h" }, maxConcurrent: 4, defaults: { mode: "push" } });
  });

  it("keeps places, and reads paths from the file that they stand in", () => {
    const texts = {
      "teams/p.yaml": "extends: ../shared/base.yaml\ndomains: { web: }",
      "shared/base.yaml": BASE.replace("push", "pusch"),
    };
    expect(findings(texts, "teams/p.yaml")).toEqual(["TM108 shared/base.yaml:7:19"]);
    const { policy } = parse({ ...texts, "shared/base.yaml": BASE }, "teams/p.yaml");
    expect(policy?.inventory).toBe("../shared/inventory");
    expect(policy?.locations.get("/domains/web")?.file).toBe("teams/p.yaml");
  });
});

describe("include", () => {
  it("adds files in the order of their names, whatever order they are found in", () => {
    const { policy } = parse({
      "p.yaml": `include: ["d/*.yaml"]\n${BASE}`,
      "d/2.yaml": "domains: { b: }",
      "d/10.yaml": "domains: { a: }",
    });
    expect(Object.keys(policy?.domains ?? {})).toEqual(["a", "b"]);
  });

  it("must not say what is said already; both places are named", () => {
    const { diagnostics } = parse({
      "p.yaml": `include: d.yaml\n${BASE}domains: { web: , db: }`,
      "d.yaml": "jitter: 1h\nname: weekly\ndomains:\n  db: { mode: pull }",
    });
    expect(
      diagnostics.map(({ code, location, related }) => [code, location?.line, related?.[0]?.location.line]),
    ).toEqual([
      ["TM122", 2, 3],
      ["TM122", 4, 9],
    ]);
  });
});

describe("files that cannot be joined", () => {
  it.each([
    ["a missing file", { "p.yaml": "extends: no.yaml" }, "TM120 p.yaml:1:10"],
    ["a glob that matches nothing", { "p.yaml": 'include: ["d/*"]' }, "TM120 p.yaml:1:11"],
    ["a circle", { "p.yaml": "extends: a.yaml", "a.yaml": "include: p.yaml" }, "TM121 a.yaml:1:10"],
    ["itself", { "p.yaml": "extends: p.yaml" }, "TM121 p.yaml:1:10"],
    ["no path", { "p.yaml": "extends: 7" }, "TM107 p.yaml:1:10"],
    ["no mapping", { "p.yaml": "include: a.yaml", "a.yaml": "- 1" }, "TM107 a.yaml:1:1"],
    ["no YAML", { "p.yaml": "include: a.yaml", "a.yaml": "a: b: c" }, "TM102 a.yaml:1:4"],
    ["another version", { "p.yaml": "extends: a.yaml", "a.yaml": "version: 2" }, "TM104 a.yaml:1:10"],
  ])("%s", (_, texts, finding) => {
    expect(findings(texts)).toEqual([finding]);
  });
});

it("any cut of a policy into files is the same policy", () => {
  const lines = [...BASE.trimEnd().split("\n"), "domains: { a: }", "jitter: 1h", "timezone: Asia/Tokyo"];
  const whole = parse({ "p.yaml": `${lines.join("\n")}\n` }).policy;
  const digest = (policy: typeof whole) => JSON.stringify({ ...policy, locations: undefined });
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("p.yaml", "d/x.yaml", "d/y.yaml"), { minLength: 10, maxLength: 10 }),
      fc.constantFrom("extends", "include"),
      (places, how) => {
        const texts: Record<string, string> = { "p.yaml": "", "d/x.yaml": "", "d/y.yaml": "" };
        for (const [index, line] of lines.entries()) {
          const file = places[index] ?? "p.yaml";
          const inner = line.replace(
            "./inventory",
            posix.dirname(file) === "d" ? "../inventory" : "inventory",
          );
          texts[file] += `${inner}\n`;
        }
        const named = Object.keys(texts).filter((file) => file !== "p.yaml" && texts[file] !== "");
        if (named.length > 0) texts["p.yaml"] += `${how}: ${JSON.stringify(named)}\n`;
        const { policy, diagnostics } = parse(texts);
        expect(diagnostics).toEqual([]);
        expect(digest(policy && { ...policy, inventory: "./inventory" })).toBe(digest(whole));
        expect(posix.normalize(policy?.inventory ?? "")).toBe("inventory");
      },
    ),
  );
});
