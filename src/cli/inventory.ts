import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import { makeFolders } from "../emit/make-folders.js";
import { fileTrouble } from "../emit/plan-directory.js";
import { type CapturedFile, capture, type Virsh } from "../inventory/capture.js";
import { directoryOf } from "../inventory/directory.js";
import { globMatcher } from "../policy/glob.js";
import { readRepository } from "../repository/repository.js";
import { type InputOptions, inventoriesOf, loadPolicy } from "./load.js";
import type { ExitStatus } from "./program.js";
import { Progress } from "./progress.js";
import { report } from "./report.js";

interface InventoryOptions {
  readonly out: string;
  readonly connect?: string;
  readonly repository?: string;
  readonly policy?: string;
  readonly host?: readonly string[];
  readonly sizes?: boolean;
  readonly format: InputOptions["format"];
}

/** `tidemark inventory`: what libvirt and the repository say now, as files. */
export async function inventoryCommand(
  domains: readonly string[],
  { policy, host, ...options }: InventoryOptions,
): Promise<ExitStatus> {
  if (policy === undefined && host === undefined) return captureHost(domains, options);
  const { hosts, diagnostics } = hostsOf(policy, host ?? ["*"]);
  if (hosts.length === 0 || hasErrors(diagnostics)) {
    report(diagnostics, options.format);
    return 1;
  }
  // One host that does not answer leaves the others' facts no less true.
  let status: ExitStatus = 0;
  for (const { host: name, uri, folder } of hosts) {
    const repository = options.repository?.replaceAll("{host}", name);
    const own = {
      ...options,
      out: folder,
      ...(uri !== undefined && { connect: uri }),
      ...(repository !== undefined && { repository }),
    };
    if ((await captureHost(domains, own)) !== 0) status = 1;
  }
  return status;
}

/** The hosts of a policy that one of the patterns names; each must name one. */
function hostsOf(
  file: string | undefined,
  patterns: readonly string[],
): { hosts: readonly { host: string; uri?: string; folder: string }[]; diagnostics: readonly Diagnostic[] } {
  const refuse = (message: string, hint: string) => ({
    hosts: [],
    diagnostics: [{ code: "TM301", severity: "error", message, hint } as const],
  });
  if (file === undefined) return refuse("--host is of a policy", "name the policy with --policy");
  const { policy, diagnostics } = loadPolicy(file);
  if (policy === undefined) return { hosts: [], diagnostics };
  const settings = policy.hosts;
  if (settings === undefined) {
    return refuse(`${file} names no hosts`, "leave out --policy, and give -c and -o");
  }
  const names = Object.keys(settings);
  const missing = patterns.find((pattern) => !names.some(globMatcher(pattern)));
  if (missing !== undefined) {
    return refuse(`${file} has no host "${missing}"`, meantOrKnown(missing, names));
  }
  const matchers = patterns.map(globMatcher);
  return {
    hosts: inventoriesOf(policy, file).flatMap(({ host = "", folder }) => {
      const uri = settings[host]?.uri;
      return matchers.some((matches) => matches(host))
        ? { host, folder, ...(uri !== undefined && { uri }) }
        : [];
    }),
    diagnostics,
  };
}

async function captureHost(
  domains: readonly string[],
  options: Omit<InventoryOptions, "policy" | "host">,
): Promise<ExitStatus> {
  const progress = new Progress("domains");
  const { capture: captured, diagnostics: asked } = await capture(virshAt(options.connect), {
    domains,
    ...(options.sizes !== undefined && { sizes: options.sizes }),
    onProgress: (done, total) => progress.update(done, total),
  });
  progress.end();
  const diagnostics: Diagnostic[] = [...asked];
  const manifests =
    options.repository === undefined
      ? []
      : catalogOf(options.repository, captured?.domains ?? [], diagnostics);
  if (options.repository !== undefined && manifests.every(({ text }) => text === ""))
    diagnostics.push(...refuseToForget(options.repository, options.out, captured?.domains ?? []));
  if (captured === undefined || hasErrors(diagnostics)) {
    report(diagnostics, options.format);
    return 1;
  }
  const isWhole = domains.length === 0;
  try {
    const done = writeInventory(options.out, [...captured.files, ...manifests], (path) =>
      isStale(path, captured.domains, isWhole, options.repository !== undefined),
    );
    report(diagnostics, options.format);
    process.stdout.write(told(options, captured.domains.length, done));
    return 0;
  } catch (error) {
    report([...diagnostics, fileTrouble(error, options.out)], options.format);
    return 1;
  }
}

/** As JSON `schemas/capture.schema.json`. */
function told(
  { out, format }: Pick<InventoryOptions, "out" | "format">,
  domains: number,
  files: Changes,
): string {
  if (format === "json") {
    return `${JSON.stringify({ formatVersion: "1.0", directory: out, domains, files }, null, 2)}\n`;
  }
  const said = Object.entries(files).flatMap(([what, count]) => (count > 0 ? `${count} ${what}` : []));
  const changes = said.length === 0 ? "no changes" : `files: ${said.join(", ")}`;
  return `${out}: ${domains} ${domains === 1 ? "domain" : "domains"}; ${changes}\n`;
}

/** Numbers of files. */
interface Changes {
  readonly created: number;
  readonly changed: number;
  readonly removed: number;
}

export function virshAt(uri: string | undefined): Virsh {
  const connect = uri === undefined ? [] : ["--connect", uri];
  return (args) =>
    new Promise((done) => {
      execFile(
        "virsh",
        [...connect, ...args],
        { maxBuffer: 64 << 20, env: { ...process.env, LC_ALL: "C" } },
        (error, stdout, stderr) => {
          const status = error === null ? 0 : typeof error.code === "number" ? error.code : null;
          done({ status, stdout, stderr });
        },
      );
    });
}

/** The manifests of the captured domains. The dot file says that there is a catalog also while it is empty. */
export function catalogOf(
  root: string,
  domains: readonly string[],
  diagnostics: Diagnostic[],
): CapturedFile[] {
  const keep = { path: "catalog/.keep", text: "" };
  if (!existsSync(root)) {
    diagnostics.push({
      code: "TM505",
      severity: "warning",
      message: `there is no repository ${root}: nothing has been backed up yet`,
      hint: "this is normal before the first run; else name the policy's repository, as it is seen from here",
    });
    return [keep];
  }
  const { repository, diagnostics: found } = readRepository(root, true);
  diagnostics.push(...found);
  const wanted = new Set(domains);
  const manifests = repository.domains.flatMap(({ name, points }) =>
    wanted.has(directoryOf(name))
      ? points.map(({ manifest }) => ({
          path: `catalog/${directoryOf(name)}/${manifest.point}.json`,
          text: `${JSON.stringify(manifest, null, 2)}\n`,
        }))
      : [],
  );
  return [keep, ...manifests];
}

/** A repository that is not mounted looks like one in which nothing is left; retention would never look at what it holds again. */
export function refuseToForget(root: string, folder: string, domains: readonly string[]): Diagnostic[] {
  const known = domains.flatMap((domain) => {
    const catalog = join(folder, "catalog", domain);
    return existsSync(catalog) ? readdirSync(catalog).filter((name) => name.endsWith(".json")) : [];
  });
  return known.length === 0
    ? []
    : [
        {
          code: "TM505",
          severity: "error",
          message: `the repository ${root} has no restore point, and the inventory ${folder} knows of ${known.length}`,
          hint: "is it mounted? If they are gone for good, remove the inventory's folder catalog first",
        },
      ];
}

/** Whether a file that was not captured again was once captured, and is no longer true. */
function isStale(path: string, domains: readonly string[], isWhole: boolean, hasCatalog: boolean): boolean {
  const [, kind, segment = ""] =
    /^(domains|checkpoints|catalog)\/([^/]+?)(?:\.xml$|\/[^/]+\.(?:xml|json)$)/.exec(path) ?? [];
  if (kind === undefined || (kind === "catalog" && !hasCatalog)) return false;
  return isWhole || domains.includes(segment);
}

/** Writes what differs, each file whole; removes what is stale. What else lies in the folder is left alone. */
export function writeInventory(
  folder: string,
  files: readonly CapturedFile[],
  isStale: (path: string) => boolean,
): Changes {
  let [created, changed, removed] = [0, 0, 0];
  const isNew = !existsSync(join(folder, "host.json"));
  for (const { path, text } of files) {
    const target = join(folder, path);
    const old = existsSync(target) ? readFileSync(target, "utf8") : undefined;
    if (old === text) continue;
    if (old === undefined) created += 1;
    else changed += 1;
    makeFolders(dirname(target));
    writeFileSync(`${target}.part`, text);
    renameSync(`${target}.part`, target);
  }
  const captured = new Set(files.map(({ path }) => path));
  // Nothing is removed from a folder that was no inventory before.
  const there = isNew ? [] : readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const path of there) {
    if (captured.has(path) || !isStale(path)) continue;
    rmSync(join(folder, path));
    removed += 1;
  }
  return { created, changed, removed };
}
