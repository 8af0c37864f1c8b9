import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIBRARY } from "../../../src/plan/files.js";
import { ROOT } from "../../support/tidemark.js";

/*
 * A copy of a plan that was interrupted: whatever file lacks its end, no script ends well, none does anything, and the policy's
 * hook onFailure is called.
 */

const scratch = mkdtempSync(join(tmpdir(), "tidemark-cut-"));
const plan = join(scratch, "plan");
const told = join(scratch, "told");
const asked = join(scratch, "asked");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

beforeAll(() => {
  cpSync(join(ROOT, "plans/nightly/plan"), plan, { recursive: true });
  const declarations = readFileSync(join(plan, "plan.bash"), "utf8");
  const hooks = ["onFailure", "onSuccess"].map(
    (name) => `hook ${name} "echo ${name} \\$TIDEMARK_STATUS >>'${told}'"`,
  );
  writeFileSync(join(plan, "plan.bash"), declarations.replace("\nloaded", `\n${hooks.join("\n")}\nloaded`));
  // The repository of the example is a place of this machine's.
  for (const file of ["run-due.sh", "web-1/domain.bash", "web-1/restore.sh"]) {
    const text = readFileSync(join(plan, file), "utf8");
    writeFileSync(join(plan, file), text.replaceAll("/var/backup/libvirt", join(scratch, "repository")));
  }
  mkdirSync(join(scratch, "bin"));
  writeFileSync(join(scratch, "bin/virsh"), `#!/bin/sh\necho "$@" >>'${asked}'\nexit 1\n`);
  chmodSync(join(scratch, "bin/virsh"), 0o755);
});

const CALLS = {
  "run.sh": ["web-1/run.sh", "2026-12-07T01:00:00Z"],
  "run-due.sh": ["run-due.sh", "--at", "2026-12-07T01:00:00Z", "--domain", "web-1"],
  "restore.sh": ["web-1/restore.sh", "nightly-20261207T010000Z", "--check-only"],
} as const;
type Script = keyof typeof CALLS;

function call(script: Script): { status: number | null; stderr: string; told: string; asked: boolean } {
  for (const path of [told, asked]) rmSync(path, { force: true });
  const [file, ...args] = CALLS[script];
  const done = spawnSync("bash", [join(plan, file), ...args], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(scratch, "bin")}:${process.env["PATH"]}`, TIDEMARK_LOCK_WAIT: "1" },
  });
  return {
    status: done.status,
    stderr: done.stderr,
    told: existsSync(told) ? readFileSync(told, "utf8") : "",
    asked: existsSync(asked),
  };
}

/** Runs `use` while a file is cut to its first characters. */
function whileCut(file: string, length: number, use: () => void): void {
  const path = join(plan, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(0, length));
  try {
    use();
  } finally {
    writeFileSync(path, text);
  }
}

const lengthOf = (file: string) => readFileSync(join(plan, file), "utf8").length;

/** Lines that each script reads before it does anything. */
const READ: Readonly<Record<Script, readonly string[]>> = {
  "run.sh": [
    "plan.bash",
    "web-1/domain.bash",
    "web-1/runs.bash",
    ...LIBRARY.filter(
      (name) =>
        !["restore", "targets", "define", "replace", "mount", "instant", "due", "json"].includes(name),
    ).map((name) => `lib/${name}.bash`),
  ],
  "run-due.sh": ["guard", "messages", "state", "manifest", "due"].map((name) => `lib/${name}.bash`),
  "restore.sh": ["guard", "messages", "state", "manifest", "host", "images", "stream", "restore"].map(
    (name) => `lib/${name}.bash`,
  ),
};

// A run waits half a minute for a daemon that may be restarting.
it("a whole plan asks libvirt, and its failure is told", { timeout: 300_000 }, () => {
  expect(call("run.sh")).toMatchObject({ status: 1, asked: true, told: "onFailure failed\n" });
  expect(call("run-due.sh")).toMatchObject({ status: 1, asked: true, told: "onFailure failed\n" });
  expect(call("restore.sh")).toMatchObject({ status: 3, told: "" });
});

describe.each(Object.keys(CALLS) as Script[])("%s", (script) => {
  it.each(READ[script])("fails where %s was cut short", (file) => {
    const whole = lengthOf(file);
    const lastLine = readFileSync(join(plan, file), "utf8").trimEnd().lastIndexOf("\n");
    for (const length of [0, Math.floor(whole / 2), lastLine, lastLine + 1]) {
      whileCut(file, length, () => {
        const done = call(script);
        expect(done.status, `${length} of ${whole}\n${done.stderr}`).not.toBe(0);
        expect(done.asked, `${length} of ${whole}`).toBe(false);
        expect(done.told).not.toContain("onSuccess");
        // What says which hook there is, or tells it, may be what is cut.
        if (script === "restore.sh" || file === "plan.bash" || file === "lib/guard.bash") return;
        expect(done.stderr).toMatch(/[Cc]opy the whole plan here again/);
        expect(done.told, `${length} of ${whole}\n${done.stderr}`).toMatch(/^onFailure (failed|refused)\n/);
      });
    }
  });

  it("fails where it was cut short itself", () => {
    const [file] = CALLS[script];
    const text = readFileSync(join(plan, file), "utf8");
    const first = text.indexOf("\n") + 1;
    const second = text.indexOf("\n", first) + 1;
    for (let length = first + 5; length < text.trimEnd().length; length += 7) {
      whileCut(file, length, () => {
        const done = call(script);
        expect(done.status, `${length}\n${done.stderr}`).not.toBe(0);
        expect(done.asked).toBe(false);
        if (length < second || script === "restore.sh") return;
        expect(done.stderr).toMatch(/[Cc]opy the whole plan here again/);
        expect(done.told, done.stderr).toBe("onFailure failed\n");
      });
    }
  });
});

it("run-due.sh does not take a run.sh that was cut to nothing for one that ended well", () => {
  for (const length of [0, 20]) {
    whileCut("web-1/run.sh", length, () => {
      expect(call("run-due.sh")).toMatchObject({ status: 1, asked: false, told: "onFailure failed\n" });
    });
  }
});

it("a script that is replaced while it runs goes on as it was", () => {
  const due = join(plan, "run-due.sh");
  const text = readFileSync(due, "utf8");
  const slow = text.replace("  run_due", "  sleep 0.5\n  run_due");
  const copy = join(plan, "slow.sh");
  writeFileSync(copy, slow);
  const script = `bash "$1" --list --at 2026-12-07T01:00:00Z & sleep 0.2; printf 'exit 0\\n%s' "$(head -c 400 /dev/zero | tr '\\0' '#')" >"$1"; wait $!`;
  const done = spawnSync("bash", ["-c", script, "-", copy], { encoding: "utf8" });
  expect(done).toMatchObject({ status: 0, stderr: "" });
  expect(done.stdout.split("\n")).toHaveLength(3);
});
