import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tidemarkIn } from "../support/tidemark.js";
import { HANG_MS } from "./budget.js";

/*
 * Files that are too large, too deep, or have no end: the program refuses them, in time and within its memory, wherever they lie.
 */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-giants-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const POLICY =
  "version: 1\nname: n\nrepository: /r\nschedule: [{ level: full, at: '0 2 * * *' }]\ndomains: { '*': }\n";
const GIANTS: readonly (readonly [name: string, text: () => string | Buffer])[] = [
  ["100 MB of XML", () => `<domain>${"<a b='c'/>".repeat(10_000_000)}</domain>`],
  ["as much XML as is read", () => `<domain>${"<a b='c'/>".repeat((4 << 20) / 10 - 10)}</domain>`],
  ["one text as large as is read", () => `<domain><name>${"x".repeat((4 << 20) - 100)}</name></domain>`],
  [
    "references as many as are read",
    () => `<domain><name>${"&amp;".repeat((4 << 20) / 5 - 20)}</name></domain>`,
  ],
  ["deep XML", () => "<a>".repeat(1_000_000)],
  ["an entity bomb", () => `<!DOCTYPE a [${bomb()}]><domain><name>&e9;</name></domain>`],
  ["deep JSON", () => "[".repeat(2_000_000)],
  ["deep YAML", () => "- ".repeat(500_000)],
  [
    "YAML deep by its indentation",
    () => Array.from({ length: 1400 }, (_, level) => `${" ".repeat(level)}a:`).join("\n"),
  ],
  ["empty lines, as many as are read", () => "\n".repeat(1_000_000)],
  ["wrong on each line", () => '- "\\q"\n'.repeat(150_000)],
  ["100 MB of zeros", () => Buffer.alloc(100_000_000)],
];

function bomb(): string {
  const entity = (level: number) => `<!ENTITY e${level} "${`&e${level - 1};`.repeat(10)}">`;
  return `<!ENTITY e0 "aaaaaaaaaa">${Array.from({ length: 9 }, (_, level) => entity(level + 1)).join("")}`;
}

/** Where a file is read, and the command that reads it there. */
const PLACES: readonly (readonly [name: string, file: string, args: readonly string[]])[] = [
  ["a policy", "policy.yaml", ["validate", "policy.yaml"]],
  ["a domain's XML", "inventory/vm.xml", ["compile", "--dry-run", "policy.yaml", "--from", "2026-12-01"]],
  ["facts of a host", "inventory/host.json", ["compile", "--dry-run", "policy.yaml", "--from", "2026-12-01"]],
  ["a plan", "plan.json", ["timeline", "plan.json"]],
  ["two plans", "plan.json", ["diff", "plan.json", "plan.json"]],
  ["a document", "document.xml", ["normalize", "document.xml"]],
  ["a manifest", "repository/vm/n-20261201T020000Z/manifest.json", ["verify", "repository"]],
];

describe.each(PLACES)("%s", (_, file, args) => {
  const cwd = mkdtempSync(join(scratch, "place-"));
  writeFileSync(join(cwd, "policy.yaml"), POLICY);
  const path = join(cwd, file);
  mkdirSync(join(path, ".."), { recursive: true });

  it.each(GIANTS)("that is %s is refused", (_name, text) => {
    writeFileSync(path, text());
    refuses(cwd, args);
  });

  it("that has no end is refused", () => {
    rmSync(path);
    symlinkSync("/dev/zero", path);
    refuses(cwd, args);
    rmSync(path);
  });
});

/** Twice what a case may take is time enough on a busy machine: what hangs, hangs for ever. */
function refuses(cwd: string, args: readonly string[]): void {
  const { status, signal, stdout, stderr } = tidemarkIn(cwd, args, {}, 2 * HANG_MS);
  const said = `${stdout}${stderr}`;
  expect({ status, signal }, said.slice(0, 500)).toEqual({ status: 1, signal: null });
  expect(said).toMatch(/\bTM\d{3}\b/);
  expect(said).not.toMatch(/\n\s+at .*:\d+:\d+|heap|FATAL/);
  expect(said.length).toBeLessThan(4096);
}
