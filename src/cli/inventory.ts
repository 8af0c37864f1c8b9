import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inventoriesOf, loadPolicy } from "../compilation/load.js";
import { plural } from "../diagnostics/amounts.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import { makeFolders } from "../emit/make-folders.js";
import { fileTrouble } from "../emit/plan-directory.js";
import { type CapturedFile, capture, type Virsh } from "../inventory/capture.js";
import { compressionHere } from "../inventory/compression.js";
import { lookAt } from "../inventory/look.js";
import { measureDisks } from "../inventory/measure.js";
import { globMatcher } from "../policy/glob.js";
import { catalogOf } from "../repository/catalog.js";
import { type Repository, readRepository } from "../repository/repository.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { Progress } from "./progress.js";
import { report } from "./report.js";
import { reportUsage } from "./usage.js";

interface InventoryOptions {
  readonly out: string;
  readonly connect?: string;
  readonly repository?: string;
  readonly policy?: string;
  readonly host?: readonly string[];
  readonly sizes?: boolean;
  readonly manifestsOnly?: boolean;
  readonly format: InputOptions["format"];
}

/** `tidemark inventory`: captures the state of libvirt and of the repository as files. */
export async function inventoryCommand(
  domains: readonly string[],
  { policy, host, ...options }: InventoryOptions,
): Promise<ExitStatus> {
  const { format } = options;
  if (policy === undefined && host !== undefined) {
    return reportUsage(
      "option '--host <name...>' needs a policy with hosts",
      "name the policy with --policy, or leave out --host",
      format,
    );
  }
  const { hosts, diagnostics } =
    policy === undefined
      ? { hosts: [{ folder: options.out }], diagnostics: [] }
      : hostsOf(policy, host ?? ["*"]);
  if (hosts.length === 0 || hasErrors(diagnostics)) {
    report(diagnostics, format);
    return 1;
  }
  // If one host does not answer, the inventories of the others are still written.
  const inventories: Captured[] = [];
  const diagnosticsOfAll: Diagnostic[] = [];
  for (const { host: name, uri, folder } of hosts) {
    const repository = options.repository?.replaceAll("{host}", name ?? "{host}");
    const ofHost = {
      ...options,
      out: folder,
      ...(uri !== undefined && { connect: uri }),
      ...(repository !== undefined && { repository }),
    };
    const { inventory, diagnostics: capturing } = await captureHost(domains, ofHost);
    const labelled =
      name === undefined
        ? capturing
        : capturing.map((each) => ({ ...each, message: `${name}: ${each.message}` }));
    if (inventory !== undefined)
      inventories.push({ ...(name !== undefined && { host: name }), ...inventory });
    // Programs get one document; people see each host as it is done.
    diagnosticsOfAll.push(...labelled);
    if (format === "json") continue;
    report(labelled, format);
    if (inventory !== undefined) process.stdout.write(line(inventory));
  }
  if (format === "json") {
    report(diagnosticsOfAll, format);
    if (inventories.length > 0) process.stdout.write(asJson(inventories));
  }
  return inventories.length === hosts.length ? 0 : 1;
}

/** The result of one capture. */
interface Captured {
  readonly host?: string;
  readonly directory: string;
  readonly domains: number;
  readonly files: Changes;
}

/** The hosts of a policy that match a pattern; each pattern must match one. */
function hostsOf(
  file: string,
  patterns: readonly string[],
): { hosts: readonly { host?: string; uri?: string; folder: string }[]; diagnostics: readonly Diagnostic[] } {
  const refuse = (message: string, hint: string) => ({
    hosts: [],
    diagnostics: [{ code: "TM301", severity: "error", message, hint } as const],
  });
  const { policy, diagnostics } = loadPolicy(file);
  if (policy === undefined) return { hosts: [], diagnostics };
  const settings = policy.hosts;
  if (settings === undefined) {
    return refuse(`${file} names no hosts`, "leave out --policy, and use -c and -o");
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
  { out, connect, sizes, repository: root, manifestsOnly }: Omit<InventoryOptions, "policy" | "host">,
): Promise<{ inventory?: Captured; diagnostics: readonly Diagnostic[] }> {
  const progress = new Progress("domains");
  const { capture: captured, diagnostics: asked } = await capture(virshAt(connect), {
    domains,
    ...(sizes !== undefined && { sizes }),
    look: lookAt,
    measure: measureDisks,
    compression: compressionHere,
    onProgress: (done, total) => progress.update(done, total),
  });
  progress.end();
  const diagnostics: Diagnostic[] = [...asked];
  const repository = root === undefined ? undefined : repositoryAt(root, out, diagnostics);
  const manifests =
    repository === undefined ? [] : catalogOf(repository, captured?.domains ?? [], manifestsOnly !== true);
  if (captured === undefined || hasErrors(diagnostics)) return { diagnostics };
  const isWhole = domains.length === 0;
  try {
    const files = writeInventory(out, [...captured.files, ...manifests], (path) =>
      isStale(path, captured.domains, isWhole, repository !== undefined),
    );
    return { inventory: { directory: out, domains: captured.domains.length, files }, diagnostics };
  } catch (error) {
    return { diagnostics: [...diagnostics, fileTrouble(error, out)] };
  }
}

/** `schemas/capture.schema.json` */
function asJson(inventories: readonly Captured[]): string {
  return `${JSON.stringify({ formatVersion: "1.0", inventories }, null, 2)}\n`;
}

function line({ directory, domains, files }: Captured): string {
  const counts = Object.entries(files).flatMap(([what, count]) => (count > 0 ? `${count} ${what}` : []));
  const changes = counts.length === 0 ? "no changes" : `files: ${counts.join(", ")}`;
  return `${directory}: ${domains} ${plural(domains, "domain")}; ${changes}\n`;
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

/**
 * The content of a repository; empty before its first run. Undefined if it seems empty but the inventory has restore
 * points: it may not be mounted, and the next plan must continue from these restore points.
 */
export function repositoryAt(
  root: string,
  inventory: string,
  diagnostics: Diagnostic[],
): Repository | undefined {
  const isThere = existsSync(root);
  const { repository, diagnostics: reading } = isThere
    ? readRepository(root, true)
    : { repository: { domains: [], damaged: [] }, diagnostics: [] };
  // Damage becomes a fact of the inventory, which the plan takes into account. It does not stop the capture of other domains.
  const softened = reading.map(
    (each): Diagnostic =>
      each.code === "TM207" || each.code === "TM212" ? { ...each, severity: "warning" } : each,
  );
  diagnostics.push(...softened);
  if (repository.domains.length + repository.damaged.length > 0 || hasErrors(softened)) return repository;
  const what = isThere
    ? `no folder of the repository ${root} contains restore points`
    : `there is no repository ${root}`;
  const warn = (message: string, hint: string) =>
    diagnostics.push({ code: "TM505", severity: "warning", message, hint });
  const catalog = join(inventory, "catalog");
  const known = manifestsIn(catalog);
  if (known > 0) {
    warn(
      `${what}; ${catalog} stays as it was, with ${known} ${plural(known, "restore point")}`,
      `mount the repository and capture again; if the restore points are gone for good, remove ${catalog} first`,
    );
    return undefined;
  }
  if (!isThere || readdirSync(root).length > 0) {
    warn(
      `${what}: nothing has been backed up yet`,
      "this is normal before the first run; otherwise name the policy's repository with its path on this machine",
    );
  }
  return repository;
}

function manifestsIn(catalog: string): number {
  if (!existsSync(catalog)) return 0;
  return readdirSync(catalog, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"))
    .length;
}

/** Whether a file is of an earlier capture and out of date. */
function isStale(path: string, domains: readonly string[], isWhole: boolean, hasCatalog: boolean): boolean {
  const [, kind, segment = ""] =
    /^(domains|sizes|checkpoints|catalog)\/([^/]+?)(?:\.xml$|\.json$|\/[^/]+\.(?:xml|json)$)/.exec(path) ??
    [];
  if (kind === undefined || (kind === "catalog" && !hasCatalog)) return false;
  return isWhole || domains.includes(segment);
}

/** Writes files that differ, each as a whole, and removes stale ones. Other files in the folder are left alone. */
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
  // Nothing is removed from a folder that was not an inventory before.
  const there = isNew ? [] : readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const path of there) {
    if (captured.has(path) || !isStale(path)) continue;
    rmSync(join(folder, path));
    removed += 1;
  }
  return { created, changed, removed };
}
