import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT, TIDEMARK } from "../support/tidemark.js";

/** A command of the page, over several lines where it has them, and what is printed after it. */
interface Command {
  readonly text: string;
  readonly expected: readonly string[];
}

function commandsOf(page: string): Command[] {
  return [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const lines = part.trimEnd().split("\n");
        const last = lines.findLastIndex((line, index) => index === 0 || line.startsWith("> "));
        return {
          text: lines
            .slice(0, last + 1)
            .map((line, index) => (index === 0 ? line : line.slice(2)))
            .join("\n"),
          expected: lines.slice(last + 1),
        };
      }),
  );
}

/** `…` stands for anything on a line, and on a line of its own for any lines. */
function pattern(expected: readonly string[]): RegExp {
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const source = expected.map((line) =>
    line === "…" ? "(?:.*\n)*" : `${line.split("…").map(literal).join(".*")}\n`,
  );
  return new RegExp(`^${source.join("")}$`);
}

const scratch = mkdtempSync(join(tmpdir(), "tidemark-tutorial-"));
const FOLDER = "/var/tmp/tidemark-tutorial";
/** The copies of the marks that this host keeps of the page's repository. */
const marks = () =>
  spawnSync("grep", ["-rlF", FOLDER, "/var/lib/tidemark/.marks"], { encoding: "utf8" })
    .stdout.split("\n")
    .slice(0, -1);
const clean = () => {
  for (const name of ["web-1", "mail"]) {
    spawnSync("virsh", ["-c", "qemu:///system", "destroy", name]);
    spawnSync("virsh", ["-c", "qemu:///system", "undefine", name, "--checkpoints-metadata"]);
  }
  rmSync(FOLDER, { recursive: true, force: true });
  for (const mark of marks()) rmSync(mark);
};
beforeAll(() => {
  clean();
  mkdirSync(join(scratch, "bin"));
  writeFileSync(join(scratch, "bin/tidemark"), `#!/bin/sh\nexec "${process.execPath}" "${TIDEMARK}" "$@"\n`);
  chmodSync(join(scratch, "bin/tidemark"), 0o755);
});
afterAll(() => {
  clean();
  rmSync(scratch, { recursive: true, force: true });
});

it("every command of docs/tutorial.md does what the page says", () => {
  const commands = commandsOf(readFileSync(join(ROOT, "docs/tutorial.md"), "utf8"));
  expect(commands.length).toBeGreaterThan(25);
  let folder = scratch;
  for (const { text, expected } of commands) {
    const where = join(scratch, "where");
    const done = spawnSync("bash", ["-c", `exec 2>&1; trap 'pwd >"${where}"' EXIT; ${text}\n`], {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${join(scratch, "bin")}:${process.env["PATH"]}`,
        HOME: scratch,
        GIT_AUTHOR_NAME: "t",
        GIT_AUTHOR_EMAIL: "t@example.org",
        GIT_COMMITTER_NAME: "t",
        GIT_COMMITTER_EMAIL: "t@example.org",
        // The page names the folder that the marks have where nothing else is set.
        STATE_DIRECTORY: undefined,
      },
    });
    expect(done.status, `${text}\n${done.stdout}`).toBe(0);
    expect(done.stdout, text).toMatch(pattern(expected));
    folder = readFileSync(where, "utf8").trimEnd();
  }
  expect(marks()).toEqual([]);
});
