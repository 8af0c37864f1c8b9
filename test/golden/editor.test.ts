import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { ROOT, tidemarkIn } from "../support/tidemark.js";

/* The language server of VS Code's YAML extension, asked as an editor asks it, over the modeline that a policy begins with. */
const scratch = mkdtempSync(join(tmpdir(), "tidemark-editor-"));
const SERVER = join(
  dirname(createRequire(import.meta.url).resolve("yaml-language-server/package.json")),
  "bin/yaml-language-server",
);

let server: ChildProcess;
let connection: MessageConnection;
const problems = new Map<string, { message: string; range: { start: { line: number } } }[]>();
const waiting = new Map<string, () => void>();

beforeAll(async () => {
  server = spawn(process.execPath, [SERVER, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  if (server.stdout === null || server.stdin === null) throw new Error("the language server has no pipes");
  connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => {
    problems.set(uri, diagnostics);
    waiting.get(uri)?.();
  });
  connection.onRequest("workspace/configuration", ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) =>
      section === "yaml"
        ? { validate: true, hover: true, completion: true, schemaStore: { enable: false } }
        : {},
    ),
  );
  connection.onRequest("client/registerCapability", () => null);
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(scratch).href,
    capabilities: {
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
        hover: { contentFormat: ["markdown"] },
        publishDiagnostics: {},
      },
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
    },
  });
  await connection.sendNotification("initialized", {});
});
afterAll(() => {
  connection.dispose();
  server.kill();
  rmSync(scratch, { recursive: true, force: true });
});

/** Opens a text as a policy and waits for what the server has to say of it; `|` stands where the cursor is. */
async function open(name: string, marked: string) {
  const at = marked.indexOf("|");
  const text = at < 0 ? marked : marked.slice(0, at) + marked.slice(at + 1);
  const path = join(scratch, name);
  writeFileSync(path, text);
  const uri = pathToFileURL(path).href;
  const published = new Promise<void>((resolve) => waiting.set(uri, resolve));
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "yaml", version: 1, text },
  });
  await published;
  const before = text.slice(0, at < 0 ? 0 : at).split("\n");
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  return { uri, position, problems: problems.get(uri) ?? [] };
}

async function complete(name: string, marked: string): Promise<{ label: string; documentation?: unknown }[]> {
  const { uri, position } = await open(name, marked);
  const answer = await connection.sendRequest<{ items: { label: string; documentation?: unknown }[] }>(
    "textDocument/completion",
    { textDocument: { uri }, position },
  );
  return answer.items;
}

async function hover(name: string, marked: string): Promise<string> {
  const { uri, position } = await open(name, marked);
  const answer = await connection.sendRequest<{ contents: unknown } | null>("textDocument/hover", {
    textDocument: { uri },
    position,
  });
  return JSON.stringify(answer?.contents ?? "");
}

const MODELINE = "# yaml-language-server: $schema=./policy.schema.json\n";
const SCHEMA = JSON.parse(readFileSync(join(ROOT, "schemas/policy.schema.json"), "utf8"));

beforeAll(() => cpSync(join(ROOT, "schemas/policy.schema.json"), join(scratch, "policy.schema.json")));

const BASE = `${MODELINE}version: 1
name: nightly
repository: /srv/backup
schedule:
  - { level: full, at: "@daily" }
domains:
  web: {}
`;

describe("in an editor", () => {
  it.each(["nightly", "databases"])("the example %s has no squiggle, by its own modeline", async (name) => {
    const text = readFileSync(join(ROOT, "plans", name, "policy.yaml"), "utf8");
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/schemas\/policy\.schema\.json\n/);
    expect((await open(`${name}.yaml`, text.replace("../../schemas/", "./"))).problems).toEqual([]);
  });

  it("what init writes has none either, as it lies there", async () => {
    const done = tidemarkIn(scratch, [
      "init",
      "-y",
      "--xml",
      join(ROOT, "plans/nightly/inventory"),
      "-o",
      "made",
      "--timezone",
      "UTC",
    ]);
    expect([done.stderr, done.status]).toEqual(["", 0]);
    expect(
      (await open("made/policy.yaml", readFileSync(join(scratch, "made/policy.yaml"), "utf8"))).problems,
    ).toEqual([]);
  });

  it.each([
    ["a file that extends", "version: 1\nname: nightly\nextends: base.yaml\n"],
    ["a file that includes", "version: 1\ninclude: ['domains.d/*.yaml']\nname: nightly\n"],
    ["a fragment", "domains:\n  web: {}\n"],
  ])("%s has no squiggle, though it is no whole policy", async (title, text) => {
    expect((await open(`${title}.yaml`, MODELINE + text)).problems).toEqual([]);
  });

  it("what a whole policy lacks is marked", async () => {
    const { problems: found } = await open("lacking.yaml", BASE.replace("name: nightly\n", ""));
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('"name"')]);
  });

  it("slips are marked on their lines", async () => {
    const { problems: found } = await open(
      "slips.yaml",
      BASE.replace("name: nightly", "naem: nightly")
        .replace("level: full", "level: ful")
        .replace("/srv/backup", "7"),
    );
    expect(found.map(({ range }) => range.start.line).sort()).toEqual(expect.arrayContaining([2, 3, 5]));
    expect(found.map(({ message }) => message).join("\n")).toMatch(
      /naem[\s\S]*not allowed|not allowed[\s\S]*naem/,
    );
  });

  it("keys are proposed with what they mean", async () => {
    const items = await complete("keys.yaml", `${BASE}|`);
    const labels = items.map(({ label }) => label);
    for (const key of ["timezone", "retention", "consolidate", "maxConcurrent", "defaults"])
      expect(labels).toContain(key);
    expect(labels).not.toContain("name");
    const { documentation } = items.find(({ label }) => label === "timezone") ?? {};
    expect(JSON.stringify(documentation)).toContain("IANA time zone");
  });

  it.each([
    ["levels", BASE.replace("level: full", "level: |"), ["full", "differential", "incremental"]],
    ["keys of a domain", BASE.replace("web: {}", "web:\n    |"), ["mode", "disks", "freeze", "estimate"]],
    ["modes", BASE.replace("web: {}", "web:\n    mode: |"), ["push", "pull"]],
    ["rules", `${BASE}retention:\n  |`, ["keepLast", "keepDaily", "keepWithin"]],
  ])("%s are proposed where they belong", async (title, text, expected) => {
    expect((await complete(`${title}.yaml`, text)).map(({ label }) => label)).toEqual(
      expect.arrayContaining(expected),
    );
  });

  it.each(["timezone", "repository", "consolidate", "onMissingBase", "maxChainLength"])(
    "hovering over %s says what it is",
    async (key) => {
      const value = {
        timezone: "UTC",
        repository: "/srv",
        consolidate: true,
        onMissingBase: "full",
        maxChainLength: 3,
      }[key];
      const text = BASE.replace("repository: /srv/backup\n", "");
      const said = await hover(`hover ${key}.yaml`, `${text}${key.slice(0, 2)}|${key.slice(2)}: ${value}\n`);
      expect(said.replaceAll(/[\\`*_&;]|nbsp/g, "")).toContain(
        SCHEMA.properties[key].description.slice(0, 30).replaceAll(/[\\`*_&;]/g, ""),
      );
    },
  );
});
