import { existsSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { DateTime, IANAZone } from "luxon";
import { asset } from "../assets/assets.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { type FirstPolicy, renderFirstPolicy } from "../emit/first-policy.js";
import { makeFolders } from "../emit/make-folders.js";
import { fileTrouble } from "../emit/plan-directory.js";
import { type CapturedFile, capture } from "../inventory/capture.js";
import { directoryOf } from "../inventory/directory.js";
import type { Inventory } from "../inventory/inventory.js";
import { readFolder } from "../inventory/load.js";
import { type InventoryFile, readInventory } from "../inventory/read.js";
import { OverviewBuilder } from "../plan/overview.js";
import { type Prepared, planDomains, prepare } from "../planner/compile.js";
import { literalGlob } from "../policy/glob.js";
import { resolveHorizon } from "../policy/horizon.js";
import { parsePolicy } from "../policy/parse.js";
import { catalogOf, virshAt, writeInventory } from "./inventory.js";
import { printOverview } from "./print-plan.js";
import type { ExitStatus } from "./program.js";
import { Progress, withProgress } from "./progress.js";
import { report } from "./report.js";
import { fit, terminalWidth } from "./terminal.js";

interface InitOptions {
  readonly connect?: string;
  readonly xml?: string;
  readonly libvirt?: string;
  readonly qemu?: string;
  readonly out: string;
  readonly name?: string;
  readonly repository?: string;
  readonly timezone?: string;
  readonly time?: string;
  readonly keepDaily?: string;
  readonly keepWeekly?: string;
  readonly keepMonthly?: string;
  readonly yes?: boolean;
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
      message: `${policyFile} is there already`,
      hint: "name another folder with -o; to bring an inventory up to date, run tidemark inventory",
    });
  }
  const found = hasErrors(diagnostics)
    ? undefined
    : options.xml === undefined
      ? await fromLibvirt(options, diagnostics)
      : fromFolder(options.xml, options, diagnostics);
  const settings = found && (await settle(options, diagnostics));
  const facts = found && settings && withCatalog(found, settings.repository, options, diagnostics);
  const made = facts && settings && compose(facts, settings, options.out, diagnostics);
  report(diagnostics, "text");
  if (facts === undefined || made === undefined || hasErrors(diagnostics)) return 1;
  try {
    makeFolders(options.out);
    if (facts.files.length > 0) writeInventory(facts.folder, facts.files, () => false);
    writeFileSync(join(options.out, "policy.schema.json"), asset("schemas/policy.schema.json"));
    writeFileSync(policyFile, made.text, { flag: "wx" });
  } catch (error) {
    report([fileTrouble(error, options.out)], "text");
    return 1;
  }
  process.stdout.write(
    `${policyFile}, over the inventory in ${facts.folder}\n\n${fit(made.overview, terminalWidth())}\nRead it, change it, then: tidemark compile ${policyFile}\n`,
  );
  return 0;
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
  return files.map(({ path, text }) => ({ path, file: join(folder, path), bytes: Buffer.from(text) }));
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
  const manifests = catalogOf(repository, names, diagnostics);
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
      message: `${folder} has no host.json that says which versions the host has`,
      hint: "say them as virsh version does on the host: --libvirt 9.0.0 --qemu 7.2.22",
    });
    return undefined;
  }
  const host = `${JSON.stringify({ libvirt, qemu }, null, 2)}\n`;
  const inventory = join(options.out, "inventory");
  const domains = files.filter(({ path }) => /^[^/]+\.xml$/.test(path));
  return factsOf(
    [{ path: "host.json", file: join(inventory, "host.json"), bytes: Buffer.from(host) }, ...domains],
    inventory,
    [
      { path: "host.json", text: host },
      ...domains.map(({ path, bytes }) => ({
        path: `domains/${path}`,
        text: new TextDecoder().decode(bytes),
      })),
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
  const { inventory, diagnostics: found } = readInventory(files, folder);
  diagnostics.push(...found);
  if (inventory === undefined) return undefined;
  if (inventory.domains.length === 0) {
    diagnostics.push({
      code: "TM303",
      severity: "error",
      message: `there is no domain in ${folder}`,
      hint: "name the connection with -c, or a folder with one XML file a domain with --xml",
    });
    return undefined;
  }
  const withChannel = new Set(
    files.flatMap(({ file, bytes }) => (Buffer.from(bytes).includes(AGENT_CHANNEL) ? file : [])),
  );
  const withAgent = inventory.domains.flatMap(({ domain, location }) =>
    location !== undefined && withChannel.has(location.file) ? domain.name : [],
  );
  return { inventory, folder, files: written, sources: files, withAgent: new Set(withAgent) };
}

/** libvirt's formatdomain, "Channel": the name under which QEMU's guest agent is reached. */
const AGENT_CHANNEL = "org.qemu.guest_agent.0";

type Settings = Omit<FirstPolicy, "inventory" | "domains" | "withAgent">;

type Answers = Record<
  "name" | "repository" | "timezone" | "time" | "keepDaily" | "keepWeekly" | "keepMonthly",
  string
>;

interface Question {
  readonly key: keyof Answers;
  readonly ask: string;
  readonly preset: string;
  /** What an answer must be, where this one is not. */
  readonly refuse: (answer: string) => string | undefined;
}

const COUNT = {
  refuse: (answer: string) => (/^\d{1,5}$/.test(answer) ? undefined : "a number such as 7"),
} as const;

/** What a policy needs to be told, with what is taken where nobody is asked. */
function questions(): readonly Question[] {
  return [
    {
      key: "name",
      ask: "Name of the policy",
      preset: "nightly",
      refuse: (answer) =>
        /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/.test(answer)
          ? undefined
          : "letters, digits, _ . and -, no leading dot, 64 at most",
    },
    {
      key: "repository",
      ask: "Folder on the host for the backups",
      preset: "/var/backup/libvirt",
      refuse: (answer) => (isAbsolute(answer) ? undefined : "an absolute path"),
    },
    {
      key: "timezone",
      ask: "Time zone",
      preset: Intl.DateTimeFormat().resolvedOptions().timeZone,
      refuse: (answer) => (IANAZone.isValidZone(answer) ? undefined : "a name such as Europe/Berlin, or UTC"),
    },
    {
      key: "time",
      ask: "Time of the nightly run",
      preset: "02:00",
      refuse: (answer) =>
        /^([01]?\d|2[0-3]):[0-5]\d$/.test(answer) ? undefined : "hour and minute, such as 02:00",
    },
    { key: "keepDaily", ask: "Days to keep", preset: "7", ...COUNT },
    { key: "keepWeekly", ask: "Weeks to keep", preset: "4", ...COUNT },
    { key: "keepMonthly", ask: "Months to keep", preset: "6", ...COUNT },
  ];
}

/** From options, else by asking on a terminal, else as preset; undefined if an option is refused or nobody answers. */
async function settle(options: InitOptions, diagnostics: Diagnostic[]): Promise<Settings | undefined> {
  const answers: Partial<Answers> = {};
  const open = questions().filter(({ key, refuse }) => {
    const given = options[key];
    if (given === undefined) return true;
    answers[key] = given;
    const expected = refuse(given);
    if (expected !== undefined) {
      diagnostics.push({
        code: "TM108",
        severity: "error",
        message: `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is "${given}"`,
        hint: `it must be ${expected}`,
      });
    }
    return false;
  });
  if (hasErrors(diagnostics)) return undefined;
  const asks = process.stdin.isTTY === true && process.stderr.isTTY === true && options.yes !== true;
  const answered = asks ? await ask(open) : Object.fromEntries(open.map(({ key, preset }) => [key, preset]));
  if (answered === undefined) {
    process.stderr.write("\n");
    diagnostics.push({
      code: "TM504",
      severity: "error",
      message: "the questions were not answered, and nothing was written",
      hint: "--yes takes what is proposed",
    });
    return undefined;
  }
  const all = { ...answers, ...answered } as Answers;
  return {
    name: all.name,
    repository: all.repository,
    timezone: all.timezone,
    time: all.time,
    daily: Number(all.keepDaily),
    weekly: Number(all.keepWeekly),
    monthly: Number(all.keepMonthly),
    from: DateTime.now().setZone(all.timezone).plus({ days: 1 }).toFormat("yyyy-MM-dd"),
  };
}

/** Asks on stderr, so that stdout can be kept; undefined when the input ends or is interrupted. */
async function ask(open: readonly Question[]): Promise<Partial<Answers> | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // As lines, not one by one: what is typed ahead must not be lost.
  const lines = terminal[Symbol.asyncIterator]();
  const answers: Partial<Answers> = {};
  try {
    for (const { key, ask: question, preset, refuse } of open) {
      terminal.setPrompt(`${question} [${preset}]: `);
      for (;;) {
        terminal.prompt();
        const line = await lines.next();
        if (line.done === true) return undefined;
        const answer = line.value.trim() || preset;
        const expected = refuse(answer);
        if (expected === undefined) {
          answers[key] = answer;
          break;
        }
        process.stderr.write(`  it must be ${expected}\n`);
      }
    }
    return answers;
  } finally {
    terminal.close();
  }
}

/** The policy's text, once it has been compiled. */
function compose(
  facts: Facts,
  settings: Settings,
  out: string,
  diagnostics: Diagnostic[],
): { text: string; overview: string } | undefined {
  const inventory = relative(resolve(out), resolve(facts.folder)) || ".";
  const first = { ...settings, inventory: inventory.startsWith(".") ? inventory : `./${inventory}` };
  const file = join(out, "policy.yaml");
  // What the rules say of each disk decides what has to be written of it.
  const bare = Object.fromEntries(
    facts.inventory.domains.map(({ domain }) => [literalGlob(domain.name), {}]),
  );
  const draft = prepareText(
    renderFirstPolicy({ ...first, domains: [], withAgent: new Set() }).replace(
      /^domains:[\s\S]*$/m,
      () => `domains: ${JSON.stringify(bare)}\n`,
    ),
    file,
    facts.inventory,
    [],
  );
  if (draft === undefined) throw new Error("the draft of a first policy does not parse");
  const text = renderFirstPolicy({ ...first, domains: draft.domains, withAgent: facts.withAgent });
  const prepared = prepareText(text, file, facts.inventory, diagnostics);
  if (prepared === undefined) return undefined;
  const overview = new OverviewBuilder(prepared.header);
  for (const { plan, diagnostics: found } of withProgress(planDomains(prepared), prepared.domains.length)) {
    diagnostics.push(...found);
    overview.add(plan);
  }
  return { text, overview: printOverview(prepared.header, overview.build()) };
}

function prepareText(
  text: string,
  file: string,
  inventory: Inventory,
  diagnostics: Diagnostic[],
): Prepared | undefined {
  const { policy, diagnostics: parsing } = parsePolicy(text, file);
  diagnostics.push(...parsing);
  if (policy === undefined) return undefined;
  const { horizon, diagnostics: time } = resolveHorizon(policy, {});
  diagnostics.push(...time);
  if (horizon === undefined) return undefined;
  const { prepared, diagnostics: found } = prepare(policy, inventory, horizon);
  diagnostics.push(...found);
  return prepared;
}
