import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, TIDEMARK } from "../support/tidemark.js";

/*
 * Keys are typed into real shells on a terminal. `tidemark` is a script there: asked to complete it is the program, else it
 * writes down the words that it was given.
 */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-shells-"));
const bin = join(scratch, "bin");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeAll(() => {
  mkdirSync(bin);
  writeFileSync(
    join(bin, "tidemark"),
    `#!/bin/sh
if [ "$1" = __complete ] || [ "$1" = completion ]; then exec "${process.execPath}" "${TIDEMARK}" "$@"; fi
printf '<%s>' "$@" >>"${scratch}/given"
echo >>"${scratch}/given"
`,
  );
  chmodSync(join(bin, "tidemark"), 0o755);
  cpSync(join(ROOT, "plans/nightly"), join(scratch, "work/nightly"), { recursive: true });
  cpSync(join(ROOT, "golden/hard-names"), join(scratch, "work/hard"), { recursive: true });
});

const SHELLS = {
  bash: { start: ["bash", "--norc", "--noprofile", "-i"], load: "source <(tidemark completion bash)" },
  zsh: {
    start: ["zsh", "-f", "-i"],
    load: "autoload -Uz compinit; compinit -u -D; source <(tidemark completion zsh); unsetopt zle_bracketed_paste",
  },
  fish: { start: ["fish", "--no-config", "-i"], load: "tidemark completion fish | source" },
} as const;

type Shell = keyof typeof SHELLS;

/** Types lines, each ended by a return, and gives back the words that each made. */
function type(shell: Shell, lines: readonly string[]): string[] {
  rmSync(join(scratch, "given"), { force: true });
  writeFileSync(join(scratch, "given"), "");
  const { start, load } = SHELLS[shell];
  // A pause after each tab: what is typed while a shell completes is taken for more of the same.
  const keys = [load, ...lines, "exit"]
    .map((line) =>
      line
        .split("\t")
        .map((part) => `printf %s ${quote(part)}`)
        .join("; sleep 0.1; printf '\\t'; sleep 0.9; "),
    )
    .map((typed) => `${typed}; printf '\\r'; sleep 0.5`)
    .join("\n");
  const done = spawnSync(
    "bash",
    ["-c", `(sleep 1\n${keys}\nsleep 0.3) | script -qec ${quote(start.join(" "))} /dev/null`],
    {
      cwd: join(scratch, "work"),
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${bin}:${process.env["PATH"]}`,
        TERM: "xterm",
        HOME: scratch,
        LC_ALL: "C.UTF-8",
      },
      timeout: 100_000,
    },
  );
  const given = readFileSync(join(scratch, "given"), "utf8").trimEnd().split("\n");
  if (given.length !== lines.length)
    throw new Error(`${shell} ran ${given.length} of ${lines.length} lines:\n${done.stdout}`);
  // Which shells leave the slash of a folder on the line is their affair.
  return given.map((line) => line.replaceAll("/>", ">"));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

describe.each(Object.keys(SHELLS) as Shell[])("%s", (shell) => {
  it("completes commands, options, choices, files, domains and slots", () => {
    expect(
      type(shell, [
        "tidemark vali\tnightly/pol\t--form\tsar\t",
        "tidemark schema verifica\t",
        "tidemark xml nightly/policy.yaml fall\t--domain web\t--slot 2026-12-07\t",
        "tidemark init --conn\tqemu:///sys\t",
        "tidemark compile nightly/policy.yaml -o nightly/inv\t",
      ]),
    ).toEqual([
      "<validate><nightly/policy.yaml><--format><sarif>",
      "<schema><verification>",
      "<xml><nightly/policy.yaml><fallback><--domain><web-1><--slot><2026-12-07T01:00:00Z>",
      "<init><--connect><qemu:///system>",
      "<compile><nightly/policy.yaml><-o><nightly/inventory>",
    ]);
  });

  it("carries names that a shell would take apart", () => {
    const plan = JSON.parse(readFileSync(join(ROOT, "golden/hard-names/expected/plan.json"), "utf8"));
    const name = plan.domains
      .map((domain: { name: string }) => domain.name)
      .find((each: string) => each.startsWith("it"));
    expect(type(shell, ["tidemark explain hard/policy.yaml --domain it\t"])).toEqual([
      `<explain><hard/policy.yaml><--domain><${name}>`,
    ]);
  });
});

/** mandoc prints bold text twice, one over the other. */
const OVERSTRIKE = new RegExp(`.${String.fromCharCode(8)}`, "g");

describe("the manual page", () => {
  const page = spawnSync(process.execPath, [TIDEMARK, "man"], { encoding: "utf8" }).stdout;

  it("has no fault that mandoc or groff finds", () => {
    const lint = spawnSync("mandoc", ["-T", "lint", "-W", "warning"], { input: page, encoding: "utf8" });
    // A page that is made of the program has no date of its own.
    expect(lint.stdout.split("\n").filter((line) => line !== "" && !line.includes("missing date"))).toEqual(
      [],
    );
    const groff = spawnSync("groff", ["-man", "-Tutf8", "-ww"], { input: page, encoding: "utf8" });
    expect([groff.stderr, groff.status]).toEqual(["", 0]);
  });

  it("fits 80 columns", () => {
    const text = spawnSync("mandoc", ["-T", "ascii", "-O", "width=78"], {
      input: page,
      encoding: "utf8",
    }).stdout;
    const lines = text.replaceAll(OVERSTRIKE, "").split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("has every command and option, as help has them", () => {
    const text = spawnSync("mandoc", ["-T", "ascii"], { input: page, encoding: "utf8" }).stdout.replaceAll(
      OVERSTRIKE,
      "",
    );
    const help = (...args: readonly string[]) =>
      spawnSync(process.execPath, [TIDEMARK, ...args, "--help"], { encoding: "utf8" }).stdout;
    const commands = [...help().matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name = ""]) => name);
    expect(commands.length).toBeGreaterThan(12);
    for (const name of commands) {
      expect(text).toContain(`tidemark ${name}`);
      for (const [flag] of help(name).matchAll(/--[a-z-]+(?= |$)/g))
        if (flag !== "--help") expect(text).toContain(flag);
    }
  });
});
