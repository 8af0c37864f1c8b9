import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.js";

const GOOD = `version: 1
name: nightly
repository: /backup
schedule: [{ level: full, at: "@daily" }]
retention: { keepLast: 3 }
domains: { web: }
`;

/** `code line:column` of each finding. */
function findings(text: string | Uint8Array): string[] {
  return parsePolicy(text, "p.yaml").diagnostics.map(
    ({ code, location }) => `${code} ${location?.line}:${location?.column}`,
  );
}

describe("a policy that is well", () => {
  it("gets its defaults", () => {
    const { policy, diagnostics } = parsePolicy(GOOD, "p.yaml");
    expect(diagnostics).toEqual([]);
    expect(policy).toMatchObject({
      timezone: "UTC",
      inventory: "./inventory",
      onMissingBase: "last-verified",
      onDrift: "fail",
      onNewDisk: "continue",
      onStopped: "skip",
      timeLimit: { text: "6h", units: { hours: 6 } },
      hookTimeLimit: { units: { minutes: 10 } },
      spaceMargin: { percent: 10, bytes: 2 ** 24 },
      retry: { times: 2, after: { units: { minutes: 15 } } },
      permissions: { mode: "0640" },
      adopt: [],
      schedule: [{ level: "full", at: [{ text: "@daily", hours: [0], minutes: [0] }] }],
      domains: { web: {} },
    });
  });

  it("may have anchors and merge keys; own keys win, and places are where the text stands", () => {
    const { policy } = parsePolicy(
      GOOD.replace(
        "domains: { web: }",
        "domains:\n  a: &a\n    freeze: true\n    mode: push\n  b:\n    <<: *a\n    freeze: false",
      ),
      "p.yaml",
    );
    expect(policy?.domains["b"]).toEqual({ freeze: false, mode: "push" });
    expect(policy?.locations.get("/domains/b/mode")).toMatchObject({ line: 9, column: 11 });
    expect(policy?.locations.get("/domains/b/freeze")).toMatchObject({ line: 12, column: 13 });
  });

  it("may begin with a byte order mark and end its lines with CR LF", () => {
    expect(findings(Buffer.from(`\ufeff${GOOD.replaceAll("\n", "\r\n")}`))).toEqual([]);
  });
});

describe("a policy that is not", () => {
  it.each<[string, string | Uint8Array, string[]]>([
    ["5 MiB", `${GOOD}# ${"x".repeat(5 << 20)}`, ["TM109 1:1"]],
    ["no UTF-8", Buffer.from([0x61, 0x3a, 0x0a, 0x20, 0xff]), ["TM101 2:2"]],
    ["nothing", "", ["TM103 1:1"]],
    ["only a comment", "# hm\n", ["TM103 1:1"]],
    ["a list", "- 1\n", ["TM107 1:1"]],
    ["a word", "hello\n", ["TM107 1:1"]],
    ["two documents", `${GOOD}---\n${GOOD}`, ["TM102 7:1"]],
    ["a key twice", `${GOOD}name: other\n`, ["TM102 7:1"]],
    ["a word to merge", GOOD.replace("web:", "web: { <<: front }"), ["TM102 6:23"]],
    [
      "a list with a word to merge",
      GOOD.replace("web:", "web: { <<: [{ mode: push }, front] }"),
      ["TM102 6:40"],
    ],
    ["nothing to merge", GOOD.replace("web:", "web: { <<: }"), ["TM102 6:23"]],
    [
      "an alias of a word to merge",
      GOOD.replace("web:", "web: { description: &d x, <<: *d }"),
      ["TM102 6:42"],
    ],
    ["an alias to nothing", GOOD.replace("web:", "web: *x"), ["TM102 6:17"]],
    ["a required key that is a slip", GOOD.replace("schedule", "scedule"), ["TM105 4:1"]],
    ...["[2]", '["1"]', "true", "{ a: 1 }", "", "null", ".nan", ".inf"].map(
      (version): [string, string, string[]] => [
        `the version "${version}"`,
        GOOD.replace("version: 1", `version: ${version}`),
        [["true", ".nan", ".inf"].includes(version) ? "TM104 1:10" : "TM104 1:1"],
      ],
    ),
    ["no version", GOOD.replace("version: 1\n", ""), ["TM106 1:1"]],
    ["a version of the future", GOOD.replace("version: 1", "version: 7"), ["TM104 1:10"]],
    ["a key that is a slip", GOOD.replace("retention", "retenton"), ["TM105 5:1", "TM312 1:1"]],
    ["__proto__", `${GOOD}__proto__: { x: 1 }\n`, ["TM105 7:1"]],
    [
      "constructor among the disks' settings",
      GOOD.replace("web:", "web: { disks: { constructor: { x: 1 } } }"),
      ["TM105 6:43"],
    ],
    ["text for a number", GOOD.replace("keepLast: 3", "keepLast: three"), ["TM107 5:24"]],
    ["minus two", GOOD.replace("keepLast: 3", "keepLast: -2"), ["TM108 5:24"]],
    ["a retention that counts to none", GOOD.replace("keepLast: 3", "keepLast: 0"), ["TM312 5:1"]],
    ["pins and no rule", GOOD.replace("keepLast: 3", 'keep: ["2026-12-24"]'), ["TM312 5:1"]],
    ["six cron fields", GOOD.replace("@daily", "0 0 2 * * *"), ["TM110 4:31"]],
    ["31 February", GOOD.replace("@daily", "0 2 31 2 *"), ["TM110 4:31"]],
    ["no such zone", `${GOOD}timezone: Mars/Olympus\n`, ["TM111 7:11"]],
    ["no such time", `${GOOD}horizon: { from: 2026-02-30, for: 1w }\n`, ["TM112 7:18"]],
    ["no such span", `${GOOD}maxChainAge: 5 days\n`, ["TM108 7:14"]],
    ["a relative repository", GOOD.replace("/backup", "backup"), ["TM406 3:13"]],
    [
      "a host in a repository where there are no hosts",
      GOOD.replace("/backup", "/mnt/{host}"),
      ["TM113 3:13"],
    ],
    ["a slip in a repository", `${GOOD.replace("/backup", "/mnt/{Host}")}hosts: { kvm1: }\n`, ["TM113 3:13"]],
    ["a point in a repository", GOOD.replace("/backup", "/mnt/{point}"), ["TM113 3:13"]],
    [
      "a connection to another host",
      `${GOOD}systemd: { connect: "qemu+ssh://root@kvm1/system" }\n`,
      ["TM108 7:21"],
    ],
    [
      "units of a user without a directory",
      `${GOOD}systemd: { connect: "qemu+unix:///session?x=y" }\n`,
      ["TM115 7:21"],
    ],
    [
      "units of a user, which a playbook would install as root",
      `${GOOD}hosts: { kvm1: }\nansible:\nsystemd: { connect: "qemu:///session", directory: /home/user/plan }\n`,
      ["TM114 8:1"],
    ],
    [
      "units of a user with a directory",
      `${GOOD}systemd: { connect: "qemu:///session", directory: /home/user/plan }\n`,
      [],
    ],
    [
      "hours of bandwidth that overlap, and a limit that is none",
      GOOD.replace(
        "web:",
        "web: { bandwidth: [{ hours: 08:00-18:00, limit: 1MiB/s }, { limit: 80 MiB }, { hours: 18:00-08:00, limit: 2MiB/s }] }",
      ),
      ["TM108 6:79", "TM114 6:70", "TM114 6:89"],
    ],
    [
      "names of others that are like those of settings",
      GOOD.replace(
        "web:",
        "permissions: { mode: push, where: { metadata: { u: { bandwidth: high, hours: x } } } }",
      ),
      [],
    ],
    ["a control character", GOOD.replace("web:", 'web: { description: "\\u0007" }'), ["TM403 6:32"]],
    [
      "all at once",
      "version: 1\nname: a b\nschedule: []\n",
      ["TM106 1:1", "TM106 1:1", "TM401 2:7", "TM108 3:1", "TM312 1:1"],
    ],
  ])("%s", (_, text, expected) => expect(findings(text).sort()).toEqual(expected.sort()));

  it.each([
    ["retention: { keepLast: 3 }", 'retention: { keepLast: "3" }', "write the number without quotes: 3"],
    ["web:", "web: { freeze: yes }", "write true, without quotes"],
    ["web:", "web: { freeze: Off }", "write false, without quotes"],
    ["version: 1", 'version: "1"', "write the number without quotes: version: 1"],
    ["keepLast: 3", "keepLast: some", "write the value as in keepLast: 3 (the newest restore points)"],
    [
      "name: nightly",
      "maxChainLength: 9",
      "add the key as in name: nightly (name of the policy and first part of every checkpoint's name. Letters, digits, _ . and -, no leading dot)",
    ],
    [
      "retention: { keepLast: 3 }",
      "retention: { keepLast: 3 }\nmaxChainAge: 3",
      "put the value in quotes if it is text, or write it as in maxChainAge: 30d (a full is forced when the chain's full is this old)",
    ],
    [
      "web:",
      "web: { server: { transport: unix } }",
      'add the key as in socket: "/run/tidemark/{domain}.sock" (absolute path; placeholders {policy} {domain} {uuid})',
    ],
    [
      "web:",
      "web: { disks: { vda: { target: [] } } }",
      'write the value as in target: "/srv/backup/{domain}/{point}/{disk}.qcow2" (where images are written. Placeholders: {repository} {policy} {domain} {uuid} {point} {slot} {disk} {format})',
    ],
  ])("%s as %s has a hint", (from, to, hint) => {
    expect(parsePolicy(GOOD.replace(from, to), "p.yaml").diagnostics.map((each) => each.hint)).toEqual([
      hint,
    ]);
  });

  it("has no hosts for ansible", () => {
    expect(findings(`${GOOD}ansible: {}\n`)).toEqual(["TM115 7:1"]);
  });

  it.each([
    ["ten thousand brackets", "[".repeat(10_000)],
    ["ten thousand nested maps", Array.from({ length: 10_000 }, () => "{a: ").join("")],
    ["zero bytes", "\u0000\u0000\u0000"],
    [
      "an alias bomb",
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${"bcdefgh"
        .split("")
        .map((name, index) => `${name}: &${name} [${`*${"abcdefg"[index]},`.repeat(10)}]`)
        .join("\n")}\n`,
    ],
    ["an alias to itself", "a: &a [*a]\n"],
  ])("%s ends in a diagnostic, soon", (_, text) => {
    const started = performance.now();
    expect(findings(text).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
