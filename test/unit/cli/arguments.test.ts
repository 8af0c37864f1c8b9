import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createProgram } from "../../../src/cli/commands/index.js";
import { run } from "../../../src/cli/program.js";
import { ROOT, readAs } from "../../support/tidemark.js";

/*
 * Whatever a command is called with, it ends with a status that its help tells of, and says what is wrong; in JSON, if that is
 * asked for. It is called in a folder with a policy, its plan, its inventory and a repository, and finds no program to start but a
 * bash that does nothing.
 */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-arguments-"));
const { PATH } = process.env;
const before = process.cwd();

beforeAll(() => {
  cpSync(join(ROOT, "plans/nightly"), scratch, { recursive: true });
  const point = join(scratch, "repository/web/nightly-20261129T010000Z");
  mkdirSync(point, { recursive: true });
  cpSync(
    join(ROOT, "golden/carried-on/inventory/catalog/web/nightly-20261129T010000Z.json"),
    join(point, "manifest.json"),
  );
  writeFileSync(join(scratch, "bash"), "#!/bin/sh\n", { mode: 0o755 });
  process.chdir(scratch);
  process.env["PATH"] = scratch;
});
afterAll(() => {
  process.chdir(before);
  process.env["PATH"] = PATH;
  rmSync(scratch, { recursive: true, force: true });
});

const commands = createProgram("0", () => {}).commands;

/** Right for one argument or another; nothing outside of the folder, and no horizon that takes long. */
const VALUES =
  `policy.yaml plan plan/plan.json plan/web-1 inventory inventory/domains/web-1.xml repository repository/web
git:HEAD git:main:plan git:--output=x git: nothing new . policy.yaml/x new/plan.svg new.html
web-1 mail web * web-* ** [ {a,b} vda nightly nightly-20261207T010000Z TM402 tm999 TM backup checkpoint fallback bash policy
2026-12-07 2026-12-07T02:00 2026-12-07T01:00:00Z 2026-12-07T02:00:00+99:00 2026-13-45 2027-01-01 20261207T010000Z
+275760-09-13 Europe/Berlin Mars/Base 02:00 25:99 9.0.0 9 7 0 -1 1e9 NaN text json github sarif markdown html svg raw qcow2
__proto__ constructor toString $(id) %s%n --help -h -V -- -- -x --no-format --format --format= --sizes=1 -nn`
    .split(/\s+/)
    .concat("", " ", "a\nb", "\u202e\u001b[2J", "\ud800", "x".repeat(5000));

const value = fc.constantFrom(...VALUES);

const callOf = (command: (typeof commands)[number]) => {
  const flags = command.options.flatMap(({ long, short }) => [long ?? [], short ?? []].flat());
  const part = fc.oneof(
    { weight: 3, arbitrary: value.map((word) => [word]) },
    ...(flags.length === 0
      ? []
      : [
          { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...flags), value).map((pair) => [...pair]) },
          { weight: 1, arbitrary: fc.constantFrom(...flags).map((flag) => [flag]) },
        ]),
  );
  const formats = command.options.some(({ long }) => long === "--format") ? [[], ["--format=json"]] : [[]];
  return fc.tuple(fc.constantFrom(...formats), fc.array(part, { maxLength: 5 })).map(([format, parts]) => ({
    isJson: format.length > 0 && !parts.flat().some((word) => word.startsWith("--format")),
    args: [command.name(), ...format, ...parts.flat()],
  }));
};

async function call(args: readonly string[]) {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += text;
      return true;
    }),
  );
  try {
    return { status: await run(args, "0"), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

it.each(commands.map((command) => [command.name(), command] as const))(
  "%s takes whatever it is called with",
  async (name, command) => {
    await fc.assert(
      fc.asyncProperty(callOf(command), async ({ args, isJson }) => {
        const { status, stdout, stderr } = await call(args);
        expect([0, 1, ...(name === "diff" || name === "compile" ? [2] : [])]).toContain(status);
        expect(stderr).not.toMatch(/^\s+at /m);
        if (isJson && stderr !== "") readAs("diagnostics", stderr);
        // SARIF is a report, and goes to stdout.
        if (status === 1) expect(stderr || stdout).toMatch(isJson ? /"severity": "error"/ : /error\b.*[^ ]/);
        if (!isJson) expect(stderr).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
      }),
      { seed: 20261201, numRuns: 60 },
    );
  },
);

it.each([
  [["compile", "--format=json"], "missing required argument 'policy'", /^tidemark compile --help shows/],
  [
    ["compile", "--chek", "--format", "json"],
    "unknown option '--chek'",
    /^did you mean --check\? tidemark compile/,
  ],
  [
    ["verify", "--format", "text", "a", "b", "--format", "json"],
    /^too many arguments/,
    /^tidemark verify --help/,
  ],
  [["explain", "TM999", "--format", "json"], "there is no diagnostic TM999", /^known codes: TM001/],
  [
    ["explain", "policy.yaml", "--format", "json"],
    "required option '--domain <name>' not specified",
    /^name a domain with --domain/,
  ],
] as const)("%j is told to a program as a finding", async (args, message, hint) => {
  const { status, stdout, stderr } = await call(args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(readAs("diagnostics", stderr)).toMatchObject({
    diagnostics: [
      {
        code: "TM001",
        severity: "error",
        message: typeof message === "string" ? message : expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      },
    ],
  });
});

it.each([
  [
    ["help", "verfy"],
    "error: unknown command 'verfy'\n  hint: did you mean verify? tidemark --help shows the commands\n",
  ],
  [["help", "nonsense"], "error: unknown command 'nonsense'\n  hint: tidemark --help shows the commands\n"],
  [
    ["nonsense", "--format", "json"],
    "error: unknown command 'nonsense'\n  hint: tidemark --help shows the commands\n",
  ],
  [["compile", "--", "--format", "json"], /^error TM101 cannot read the policy --format: /],
  [["compile", "--a\u001b[2J"], /^error: unknown option '--a\\u001b\[2J'\n/],
  [["diff", "policy.yaml/x", "plan"], /^error TM503 there is no plan policy\.yaml\/x\n/],
  [["timeline", "x".repeat(5000)], /^error TM503 there is no plan x+\n/],
  [["timeline", "plan", "-o", "."], /^error TM501 cannot write \.: it is in use\n/],
  [
    ["timeline", "plan", "--until", "2027-01-01"],
    /^error: option '--until' is for policies, but a plan is compiled already\n/,
  ],
  [["diff", "plan", "git:HEAD", "--from", "2026-12-02"], /^error: option '--from' is for policies/],
  [["compile", "policy.yaml", "-o", ""], /^error: the argument of option '-o, --out <dir>' is empty\n/],
  [
    ["timeline", "plan", "--domain", "web-1", ""],
    /^error: the argument of option '--domain <name...>' is empty\n/,
  ],
] as const)("%j is told to people", async (args, says) => {
  const { status, stdout, stderr } = await call(args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  if (typeof says === "string") expect(stderr).toBe(says);
  else expect(stderr).toMatch(says);
  expect(existsSync(`${scratch}/..part`), "what was begun to be written is gone").toBe(false);
});

it("help of a command is what its --help prints", async () => {
  const { status, stdout } = await call(["help", "compile"]);
  expect(status).toBe(0);
  expect(stdout).toBe((await call(["compile", "--help"])).stdout);
  expect((await call(["help"])).stdout).toBe((await call(["--help"])).stdout);
  expect((await call(["help", "help"])).stdout).toContain("Usage: tidemark help");
});
