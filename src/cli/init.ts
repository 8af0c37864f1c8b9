import { existsSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { asset } from "../assets/assets.js";
import { loadText } from "../compilation/load.js";
import { disksOf, plansOf } from "../compilation/plans.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { renderFirstPolicy } from "../emit/first-policy.js";
import { makeFolders } from "../emit/make-folders.js";
import { fileTrouble } from "../emit/plan-directory.js";
import { type CapturedFile, capture } from "../inventory/capture.js";
import { directoryOf } from "../inventory/directory.js";
import type { Inventory } from "../inventory/inventory.js";
import type { InventoryFile } from "../inventory/inventory-file.js";
import { readFolder } from "../inventory/load.js";
import { readInventory } from "../inventory/read.js";
import { type Overview, OverviewBuilder } from "../plan/overview.js";
import type { PlanHeader } from "../plan/plan.js";
import { literalGlob } from "../policy/glob.js";
import { catalogOf } from "../repository/catalog.js";
import type { ExitStatus } from "./exit-status.js";
import { type Answers, type Settings, settle } from "./init-questions.js";
import type { InputOptions } from "./input-options.js";
import { repositoryAt, virshAt, writeInventory } from "./inventory.js";
import { printOverview } from "./print-plan.js";
import { Progress, withProgress } from "./progress.js";
import { report } from "./report.js";
import { fit, terminalWidth } from "./terminal.js";

interface InitOptions extends Partial<Answers> {
  readonly connect?: string;
  readonly xml?: string;
  readonly libvirt?: string;
  readonly qemu?: string;
  readonly out: string;
  readonly yes?: boolean;
  readonly format: InputOptions["format"];
}

/** The facts, and the files that have to be written for them. */
interface Facts {
  readonly inventory: Inventory;
  /** Where it is, or will be. */
  readonly folder: string;
  readonly files: readonly CapturedFile[];
  readonly sources: readonly InventoryFile[];
  /** Names of domains with the guest agent's channel. */
  readonly withAgent: ReadonlySet<string>;
}

/** `tidemark init`: an inventory and a first policy that covers all of it. */
export async function initCommand(options: InitOptions): Promise<ExitStatus> {
  const diagnostics: Diagnostic[] = [];
  const policyFile = join(options.out, "policy.yaml");
  if (existsSync(policyFile)) {
    diagnostics.push({
      code: "TM504",
      severity: "error",
      message: `${policyFile} exists already`,
      hint: "name another folder with -o; to update an inventory, call tidemark inventory",
    });
  }
  const captured = hasErrors(diagnostics)
    ? undefined
    : options.xml === undefined
      ? await fromLibvirt(options, diagnostics)
      : fromFolder(options.xml, options, diagnostics);
  const settings = captured && (await settle(options, diagnostics));
  const facts = captured && settings && withCatalog(captured, settings.repository, options, diagnostics);
  const made = facts && settings && compose(facts, settings, options.out, diagnostics);
  report(diagnostics, options.format);
  if (facts === undefined || made === undefined || hasErrors(diagnostics)) return 1;
  try {
    makeFolders(options.out);
    if (facts.files.length > 0) writeInventory(facts.folder, facts.files, () => false);
    writeFileSync(join(options.out, "policy.schema.json"), asset("schemas/policy.schema.json"));
    writeFileSync(policyFile, made.text, { flag: "wx" });
  } catch (error) {
    report([fileTrouble(error, options.out)], options.format);
    return 1;
  }
  process.stdout.write(
    options.format === "json"
      ? asJson(policyFile, facts.folder, made)
      : `${policyFile}, with the inventory in ${facts.folder}\n\n${fit(printOverview(made.header, made.overview), terminalWidth())}\nRead and change the policy, then call: tidemark compile ${policyFile}\n`,
  );
  return 0;
}

/** `schemas/first-policy.schema.json` */
function asJson(policy: string, inventory: string, { header, overview }: Made): string {
  const { domains, disks, unprotected } = overview;
  const summary = {
    name: header.policy.name,
    policy,
    inventory,
    domains: domains.length,
    disks,
    unprotected,
  };
  return `${JSON.stringify({ formatVersion: "1.0", ...summary }, null, 2)}\n`;
}

async function fromLibvirt(options: InitOptions, diagnostics: Diagnostic[]): Promise<Facts | undefined> {
  const folder = join(options.out, "inventory");
  const progress = new Progress("domains");
  const { capture: captured, diagnostics: asked } = await capture(virshAt(options.connect), {
    onProgress: (done, total) => progress.update(done, total),
  });
  progress.end();
  diagnostics.push(...asked);
  if (captured === undefined || hasErrors(diagnostics)) return undefined;
  return factsOf(asSources(captured.files, folder), folder, captured.files, diagnostics);
}

function asSources(files: readonly CapturedFile[], folder: string): InventoryFile[] {
  return files.map(({ path, text }) => ({ path, file: join(folder, path), bytes: () => Buffer.from(text) }));
}

/** A repository that is here already is carried on. */
function withCatalog(
  facts: Facts,
  repository: string,
  { connect = "", xml }: InitOptions,
  diagnostics: Diagnostic[],
): Facts | undefined {
  // Of a connection to another host, the repository is there.
  const isLocal = connect === "" || /^\w+:\/\/\//.test(connect);
  if (xml !== undefined || !isLocal || !existsSync(repository)) return facts;
  const names = facts.inventory.domains.map(({ domain }) => directoryOf(domain.name));
  const stored = repositoryAt(repository, facts.folder, diagnostics);
  const manifests = stored === undefined ? [] : catalogOf(stored, names);
  return factsOf(
    [...facts.sources, ...asSources(manifests, facts.folder)],
    facts.folder,
    [...facts.files, ...manifests],
    diagnostics,
  );
}

/** An inventory is used where it is; of a bare folder of domain XML, one is made. */
function fromFolder(folder: string, options: InitOptions, diagnostics: Diagnostic[]): Facts | undefined {
  const { files, diagnostics: unreadable } = readFolder(resolve(folder), folder);
  diagnostics.push(...unreadable);
  if (hasErrors(diagnostics)) return undefined;
  if (files.some(({ path }) => path === "host.json")) return factsOf(files, folder, [], diagnostics);
  const { libvirt, qemu } = options;
  if (libvirt === undefined || qemu === undefined) {
    diagnostics.push({
      code: "TM205",
      severity: "error",
      message: `${folder} has no host.json, so the host's versions are unknown`,
      hint: "give the versions that virsh version prints on the host: --libvirt 9.0.0 --qemu 7.2.22",
    });
    return undefined;
  }
  const host = `${JSON.stringify({ libvirt, qemu }, null, 2)}\n`;
  const inventory = join(options.out, "inventory");
  const domains = files.filter(({ path }) => /^[^/]+\.xml$/.test(path));
  return factsOf(
    [{ path: "host.json", file: join(inventory, "host.json"), bytes: () => Buffer.from(host) }, ...domains],
    inventory,
    [
      { path: "host.json", text: host },
      ...domains.flatMap((file) => {
        const bytes = file.bytes(diagnostics);
        return bytes === undefined
          ? []
          : { path: `domains/${file.path}`, text: new TextDecoder().decode(bytes) };
      }),
    ],
    diagnostics,
  );
}

function factsOf(
  files: readonly InventoryFile[],
  folder: string,
  written: readonly CapturedFile[],
  diagnostics: Diagnostic[],
): Facts | undefined {
  const { inventory, diagnostics: reading } = readInventory(files, folder);
  diagnostics.push(...reading);
  if (inventory === undefined) return undefined;
  if (inventory.domains.length === 0) {
    diagnostics.push({
      code: "TM303",
      severity: "error",
      message: `there is no domain in ${folder}`,
      hint: "name the connection with -c, or with --xml a folder that has an XML file for each domain",
    });
    return undefined;
  }
  const withChannel = new Set(
    files.flatMap((each) => {
      const bytes = each.bytes(diagnostics);
      return bytes !== undefined && Buffer.from(bytes).includes(AGENT_CHANNEL) ? each.file : [];
    }),
  );
  const withAgent = inventory.domains.flatMap(({ domain, location }) =>
    location !== undefined && withChannel.has(location.file) ? domain.name : [],
  );
  return { inventory, folder, files: written, sources: files, withAgent: new Set(withAgent) };
}

/** libvirt's formatdomain, "Channel": the name under which QEMU's guest agent is reached. */
const AGENT_CHANNEL = "org.qemu.guest_agent.0";

/** A policy's text, and what it compiles to. */
interface Made {
  readonly text: string;
  readonly header: PlanHeader;
  readonly overview: Overview;
}

/** The policy's text, once it has been compiled. */
function compose(facts: Facts, settings: Settings, out: string, diagnostics: Diagnostic[]): Made | undefined {
  const inventory = relative(resolve(out), resolve(facts.folder)) || ".";
  const first = { ...settings, inventory: inventory.startsWith(".") ? inventory : `./${inventory}` };
  const file = join(out, "policy.yaml");
  // What the rules say of each disk decides what has to be written of it.
  const bare = Object.fromEntries(
    facts.inventory.domains.map(({ domain }) => [literalGlob(domain.name), {}]),
  );
  const { fleet: draft } = loadText(
    renderFirstPolicy({ ...first, domains: [], withAgent: new Set() }).replace(
      /^domains:[\s\S]*$/m,
      () => `domains: ${JSON.stringify(bare)}\n`,
    ),
    file,
    facts.inventory,
  );
  if (draft === undefined) throw new Error("the draft of a first policy does not parse");
  const domains = disksOf(draft);
  const text = renderFirstPolicy({ ...first, domains, withAgent: facts.withAgent });
  const { fleet, diagnostics: compiling } = loadText(text, file, facts.inventory);
  diagnostics.push(...compiling);
  if (fleet === undefined) return undefined;
  const { header, hosts } = plansOf(fleet);
  const overview = new OverviewBuilder(header);
  for (const host of hosts) {
    for (const { plan, diagnostics: planning } of withProgress(host.domains(), host.count)) {
      diagnostics.push(...planning);
      overview.add(plan);
    }
  }
  return { text, header, overview: overview.build() };
}
