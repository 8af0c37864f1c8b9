import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { directoryOf } from "../../src/inventory/directory.js";
import { escapeXml } from "../../src/libvirt/write.js";
import { TIDEMARK } from "../support/tidemark.js";
import { nastier, nasty } from "./hostile.js";

/** How a domain is backed up. */
export const MODES = [
  "push",
  "pull over a socket",
  "pull over TCP",
  "stream",
  "consolidate",
  "offline",
] as const;

/** What a policy and a host are made of. */
export interface Names {
  readonly domain: string;
  readonly image: string;
  readonly repository: string;
  readonly description: string;
  /** Of a domain that is defined anew. */
  readonly defined: string;
}

export const names: fc.Arbitrary<Names> = fc.record({
  domain: nastier,
  image: nasty,
  repository: nasty,
  description: nastier,
  defined: nasty,
});

/** A domain, its policy and a host, of which only what the scripts ask of it is there. */
export interface World {
  /** Holds all of this; everything the scripts write must lie in `repository`, `vault`, `tmp` or `out`. */
  readonly folder: string;
  readonly repository: string;
  /** Of the domain. */
  readonly plan: string;
  readonly stored: string;
  readonly tidemark: (...args: readonly string[]) => SpawnSyncReturns<string>;
  /** Runs a script under bash with nothing on its PATH but what scripts need, and a canary. */
  readonly run: (script: string, ...args: readonly string[]) => SpawnSyncReturns<string>;
  /** What a script that ran did that it was not meant to, if anything. */
  readonly mischief: () => string | undefined;
  /** Commands that virsh was asked for. */
  readonly calls: () => readonly string[];
  readonly remove: () => void;
}

/** All that scripts may run; the machinery's first lines name them. Others are not there, so a word taken for one shows. */
const PROGRAMS =
  "awk bash cat chmod chown cp cut date df dirname env flock grep head id ln ls mkdir mkfifo mktemp mv nproc od paste realpath rm rmdir sed setpriv setsid sha256sum sleep sort stat sync tail tee timeout tr wc";
const SHIMS = fileURLToPath(new URL("bin/", import.meta.url));
/** In memory: the runs sync after each line of their journal, and here nothing has to survive a power cut. */
const scratch = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const UUID = "6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01";
/** What bash says of a text that it took for its own. */
const BASH_SAYS =
  /command not found|syntax error|unbound variable|bad substitution|bad array subscript|division by 0|invalid arithmetic|ambiguous redirect|not a valid identifier|printf: .*invalid|sed: -e|unknown option/;

export function programFile(name: string): string {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    if (existsSync(join(folder, name))) return join(folder, name);
  }
  throw new Error(`${name} is not there: run test/live/setup.sh`);
}

export function makeWorld(mode: (typeof MODES)[number], made: Names): World {
  const folder = mkdtempSync(join(scratch, "tidemark-scripts-"));
  const at = (...parts: readonly string[]) => join(folder, ...parts);
  for (const each of ["bin", "fake", "vault", "tmp", "out", "images", "cwd", "inventory"])
    mkdirSync(at(each));
  for (const each of PROGRAMS.split(" ")) symlinkSync(programFile(each), at("bin", each));
  for (const each of readdirSync(SHIMS)) symlinkSync(join(SHIMS, each), at("bin", each));

  // A leading or trailing blank or dot would be another folder's name on other systems, not here.
  const repository = at(`repo ${made.repository}`);
  const image = at("images", `${made.image}.img`);
  spawnSync("qemu-img", ["create", "-q", "-f", "qcow2", image, "64K"]);
  writeFileSync(at("images", "raw"), Buffer.alloc(65536));
  const disk = (target: string, format: string, path: string) => `    <disk type='file' device='disk'>
      <driver name='qemu' type='${format}'/>
      <source file='${escapeXml(path)}' index='${target === "vda" ? 1 : 2}'/>
      <target dev='${target}' bus='virtio'/>
    </disk>
`;
  const xml = `<domain type='qemu'>
  <name>${escapeXml(made.domain)}</name>
  <uuid>${UUID}</uuid>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices>
${disk("vda", "qcow2", image)}${mode === "consolidate" ? "" : disk("vdb", "raw", at("images", "raw"))}  </devices>
</domain>
`;
  writeFileSync(at("fake", "domain.xml"), xml);
  writeFileSync(at("fake", "name"), `${made.domain}\n`);
  writeFileSync(at("fake", "state"), mode === "offline" ? "shut off\n" : "running\n");
  writeFileSync(at("fake", "checkpoints"), "");
  // What stands in for QEMU while the domain runs: a process with the domain's UUID among its words, and libvirt's file of its number.
  const qemu =
    mode === "offline"
      ? undefined
      : spawn("bash", ["-c", "read", UUID], { stdio: ["pipe", "ignore", "ignore"] });
  mkdirSync(at("fake", "libvirt", "qemu", "run"), { recursive: true });
  // libvirt has no domain of another name.
  if (qemu !== undefined && !/[/\0]/.test(made.domain))
    writeFileSync(at("fake", "libvirt", "qemu", "run", `${made.domain}.pid`), `${qemu.pid}\n`);
  writeFileSync(at("inventory", "vm.xml"), xml);
  writeFileSync(at("inventory", "host.json"), '{"libvirt":"9.0.0","qemu":"7.2.22"}');
  writeFileSync(at("policy.yaml"), JSON.stringify(policyOf(mode, made, repository, folder)));

  const env = {
    PATH: at("bin"),
    HOME: at("tmp"),
    TMPDIR: at("tmp"),
    XDG_RUNTIME_DIR: at("fake"),
    STATE_DIRECTORY: at("tmp", "marks"),
    LANG: "de_DE.UTF-8",
    FAKE: at("fake"),
    VAULT: at("vault"),
    QEMU_IMG: programFile("qemu-img"),
    TIDEMARK_LOCK_WAIT: "1",
  };
  const outputs: string[] = [];
  const call = (program: string, args: readonly string[]) => {
    const done = spawnSync(program, args, {
      cwd: at("cwd"),
      encoding: "utf8",
      env,
      timeout: 60_000,
      input: "",
    });
    if (done.error !== undefined) throw done.error;
    outputs.push(`${done.stdout}${done.stderr}`);
    return done;
  };
  const segment = directoryOf(made.domain);
  const outside = () => [
    ...tree(folder, ["tmp", "out", "vault", "fake", "plan", "redefine", relative(folder, repository)]),
  ];
  let before: string[] | undefined;
  return {
    folder,
    repository,
    plan: at("plan", segment),
    stored: join(repository, segment),
    tidemark: (...args) => call(process.execPath, [TIDEMARK, ...args]),
    run: (script, ...args) => {
      before ??= outside();
      return call(at("bin", "bash"), [script, ...args]);
    },
    mischief: () => {
      if (existsSync(at("fake", "canary")))
        return `the canary was run (${readFileSync(at("fake", "canary"), "utf8").trim()})`;
      if (existsSync(at("fake", "unknown")))
        return `virsh was asked for ${readFileSync(at("fake", "unknown"), "utf8").trim()}`;
      const said = outputs.map((text) => BASH_SAYS.exec(text)).find((match) => match !== null);
      if (said) return `bash said "${said[0]}" in:\n${said.input}`;
      if (before !== undefined && outside().join("\n") !== before.join("\n")) {
        return `files came or went: ${
          outside()
            .filter((path) => !before?.includes(path))
            .join(", ") || "some went"
        }`;
      }
      return undefined;
    },
    calls: () =>
      existsSync(at("fake", "calls")) ? readFileSync(at("fake", "calls"), "utf8").trimEnd().split("\n") : [],
    remove: () => {
      qemu?.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function policyOf(mode: (typeof MODES)[number], made: Names, repository: string, folder: string): object {
  const pull = mode === "pull over a socket" || mode === "pull over TCP" || mode === "stream";
  // The path of a socket must be short.
  const server =
    mode === "pull over TCP"
      ? { transport: "tcp", host: "127.0.0.1", port: 10809 }
      : { transport: "unix", socket: `${folder}/tmp/s` };
  const stream = {
    send: 'mkdir -p "$VAULT/$TIDEMARK_NAME" && cat >"$VAULT/$TIDEMARK_NAME/it"',
    receive: 'cat "$VAULT/$TIDEMARK_NAME/it"',
    delete: 'rm -rf "$VAULT/$TIDEMARK_NAME"',
  };
  const told =
    'printf "%s\\n" "$TIDEMARK_DOMAIN" "$TIDEMARK_REPOSITORY" "$TIDEMARK_STATUS" "$TIDEMARK_BYTES" >"$VAULT/ended"';
  const hooks = {
    before: 'echo "$TIDEMARK_POINT" >"$VAULT/begun"',
    onSuccess: told,
    onFailure: told,
    after: ":",
  };
  return {
    version: 1,
    name: "nightly",
    repository,
    horizon: { from: "2026-12-06", for: "4d" },
    schedule:
      mode === "consolidate"
        ? [{ level: "incremental", at: "0 2 * * *" }]
        : [
            { level: "full", at: "0 2 * * sun,wed" },
            { level: "incremental", at: "0 2 * * *" },
          ],
    retention: { keepLast: 2 },
    hooks,
    metrics: { directory: `${folder}/vault` },
    ...(mode === "consolidate" && { consolidate: true }),
    onStopped: "offline-copy",
    defaults: {
      mode: pull ? "pull" : "push",
      ...(pull && { server, scratch: `${folder}/tmp` }),
      ...(mode === "stream" && { stream }),
    },
    domains: { [made.domain.replace(/[*?[\]\\]/g, "?")]: { description: made.description } },
  };
}

/** Every path below a folder with its size, but for what lies in some of its folders. */
function* tree(root: string, except: readonly string[], folder = root): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const here = relative(root, path);
    if (except.includes(here)) continue;
    const stat = lstatSync(path);
    yield `${here} ${stat.isDirectory() ? "folder" : stat.size}`;
    if (stat.isDirectory()) yield* tree(root, except, path);
  }
}
