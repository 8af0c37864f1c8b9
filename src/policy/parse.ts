import { posix } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { compareText, hasErrors } from "../diagnostics/diagnostic.js";
import type { Blackout } from "./blackout.js";
import { compose, type PolicyFiles } from "./compose.js";
import type {
  AnsibleSetting,
  DiskSettings,
  DisksEntry,
  DomainEntry,
  DomainSettings,
  HostSetting,
  Policy,
  Selector,
  SystemdSetting,
} from "./policy.js";
import { checkSemantics, HOST_NAME_HINT, isHostName } from "./semantics.js";
import { validate } from "./validate.js";
import { otherVersion } from "./version.js";
import { readYaml, type SourceTree } from "./yaml.js";

/** A policy as the schema admits it, before its defaults are filled in and its short forms made long. */
interface WrittenPolicy
  extends Omit<
    Partial<Policy>,
    "domains" | "schedule" | "except" | "adopt" | "retention" | "hosts" | "ansible" | "systemd"
  > {
  readonly name: string;
  readonly repository: string;
  readonly schedule: readonly {
    readonly level: Policy["schedule"][number]["level"];
    readonly at: OneOrMore;
    readonly start?: string;
    readonly until?: string;
    readonly except?: readonly WrittenBlackout[];
  }[];
  readonly except?: readonly WrittenBlackout[];
  readonly retention?: Omit<Policy["retention"], "keep"> & { readonly keep?: OneOrMore };
  readonly adopt?: OneOrMore;
  readonly hosts?: string | WrittenHosts;
  readonly ansible?: Partial<AnsibleSetting> | null;
  readonly systemd?: Partial<SystemdSetting> | null;
  readonly domains: Readonly<Record<string, WrittenDomain | null>>;
}

type WrittenBlackout = { readonly [Part in keyof Blackout]: OneOrMore };

type WrittenHosts = Readonly<Record<string, Partial<HostSetting> | null>>;

type WrittenDomain = DomainSettings & {
  readonly where?: WrittenSelector;
  readonly disks?: { readonly include?: OneOrMore; readonly exclude?: OneOrMore } & Readonly<
    Record<string, OneOrMore | DiskSettings>
  >;
};

interface WrittenSelector {
  readonly name?: OneOrMore;
  readonly host?: OneOrMore;
  readonly title?: OneOrMore;
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, OneOrMore>> | null>>;
}

type OneOrMore = string | readonly string[];

/** For a policy that is only a text. */
const NO_FILES: PolicyFiles = { read: () => ({ problem: "no files are read here" }), list: () => [] };

/**
 * Reads a policy's YAML. Everything wrong with it is reported at once; the policy is absent if any of it is an error.
 * @param file as it is to be shown in diagnostics
 * @param files what it extends and includes comes from there
 */
export function parsePolicy(
  input: string | Uint8Array,
  file: string,
  files: PolicyFiles = NO_FILES,
): { policy?: Policy; diagnostics: Diagnostic[] } {
  const { tree: own, diagnostics: unreadable } = readYaml(input, file);
  if (own === undefined) return { diagnostics: [...unreadable] };
  const future = otherVersion(own);
  if (future !== undefined) return { diagnostics: [future] };
  const { tree, diagnostics: composing } = compose(own, file, files);
  if (tree === undefined) return { diagnostics: [...composing] };
  const diagnostics = [...validate(tree), ...checkSemantics(tree)];
  if (hasErrors(diagnostics)) return { diagnostics };
  const written = tree.value as WrittenPolicy;
  const hosts = typeof written.hosts === "string" ? foundHosts(written.hosts, file, files) : written.hosts;
  if (hosts !== undefined) diagnostics.push(...checkFound(hosts, written.hosts, tree));
  return hasErrors(diagnostics) ? { diagnostics } : { policy: complete(written, hosts, tree), diagnostics };
}

/** The hosts whose inventories a glob names. */
function foundHosts(pattern: string, file: string, files: PolicyFiles): WrittenHosts {
  const folder = posix.dirname(file);
  const full = posix.join(posix.isAbsolute(pattern) ? "" : folder, pattern, "host.json");
  return Object.fromEntries(
    files.list(full).map((found) => {
      const inventory = posix.dirname(found);
      return [
        posix.basename(inventory),
        { inventory: posix.isAbsolute(inventory) ? inventory : posix.relative(folder, inventory) },
      ];
    }),
  );
}

function checkFound(hosts: WrittenHosts, written: unknown, tree: SourceTree): Diagnostic[] {
  const location = tree.values.get("/hosts");
  const refuse = (code: "TM108" | "TM120", message: string, hint: string): Diagnostic => ({
    code,
    severity: "error",
    message,
    hint,
    ...(location && { location }),
  });
  const names = Object.keys(hosts);
  if (names.length === 0) {
    const hint = "an inventory is a folder with host.json; tidemark inventory -o inventory/HOST writes it";
    return [refuse("TM120", `there is no inventory ${written}`, hint)];
  }
  return names
    .filter((name) => !isHostName(name))
    .map((name) => refuse("TM108", `"${name}" is not allowed as the name of a host`, HOST_NAME_HINT));
}

/** Where Ansible copies the plans, the current one is where its link says. */
function systemdSetting({ name, ansible, systemd }: WrittenPolicy): SystemdSetting {
  const home = ansible?.directory ?? `/var/lib/tidemark/${name}`;
  const directory = ansible === undefined ? home : `${home}/current`;
  return { directory, persistent: true, ...systemd };
}

function complete(written: WrittenPolicy, hosts: WrittenHosts | undefined, tree: SourceTree): Policy {
  const { keep, ...rules } = written.retention ?? {};
  return {
    version: 1,
    name: written.name,
    timezone: written.timezone ?? "UTC",
    inventory: written.inventory ?? "./inventory",
    ...(hosts && { hosts: hostSettings(hosts, written.inventory ?? "./inventory") }),
    ...(written.ansible !== undefined && {
      ansible: { directory: `/var/lib/tidemark/${written.name}`, become: true, ...written.ansible },
    }),
    ...(written.systemd !== undefined && { systemd: systemdSetting(written) }),
    repository: trimmed(written.repository),
    ...(written.sharedRepository !== undefined && { sharedRepository: written.sharedRepository }),
    ...(written.horizon && { horizon: written.horizon }),
    ...(written.versions && { versions: written.versions }),
    schedule: written.schedule.map(({ at, except, ...entry }) => ({
      ...entry,
      at: listed(at),
      except: blackouts(except),
    })),
    except: blackouts(written.except),
    ...(written.jitter !== undefined && { jitter: written.jitter }),
    ...(written.maxConcurrent !== undefined && { maxConcurrent: written.maxConcurrent }),
    retention: { ...rules, ...(keep !== undefined && { keep: listed(keep) }) },
    ...(written.maxChainLength !== undefined && { maxChainLength: written.maxChainLength }),
    ...(written.maxChainAge !== undefined && { maxChainAge: written.maxChainAge }),
    consolidate: written.consolidate ?? false,
    onMissingBase: written.onMissingBase ?? "last-verified",
    onDrift: written.onDrift ?? "fail",
    onStopped: written.onStopped ?? "skip",
    timeLimit: written.timeLimit ?? "6h",
    adopt: listed(written.adopt ?? []),
    ...(written.hooks && { hooks: written.hooks }),
    ...(written.metrics && { metrics: { directory: trimmed(written.metrics.directory) } }),
    defaults: written.defaults ?? {},
    domains: Object.fromEntries(
      Object.entries(written.domains).map(([pattern, entry]) => [pattern, domainEntry(entry ?? {})]),
    ),
    locations: tree.values,
  };
}

/** A path without slashes at its end. */
function trimmed(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}

function blackouts(written: readonly WrittenBlackout[] = []): Blackout[] {
  return written.map(({ dates, weekdays, hours }) => ({
    ...(dates !== undefined && { dates: listed(dates) }),
    ...(weekdays !== undefined && { weekdays: listed(weekdays) }),
    ...(hours !== undefined && { hours: listed(hours) }),
  }));
}

function hostSettings(written: WrittenHosts, folder: string): Readonly<Record<string, HostSetting>> {
  return Object.fromEntries(
    Object.entries(written)
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, host]) => [name, { inventory: `${folder}/${name}`, ...host }]),
  );
}

function domainEntry({ disks, where, ...settings }: WrittenDomain): DomainEntry {
  return {
    ...settings,
    ...(where && { where: selector(where) }),
    ...(disks && { disks: disksEntry(disks) }),
  };
}

function selector({ metadata, ...written }: WrittenSelector): Selector {
  const lists = (texts: Readonly<Record<string, OneOrMore>>) =>
    Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, listed(value)]));
  return {
    ...lists(written as Readonly<Record<string, OneOrMore>>),
    ...(metadata && {
      metadata: Object.fromEntries(
        Object.entries(metadata).map(([namespace, tags]) => [namespace, lists(tags ?? {})]),
      ),
    }),
  };
}

function disksEntry({ include, exclude, ...settings }: NonNullable<WrittenDomain["disks"]>): DisksEntry {
  return {
    ...(include !== undefined && { include: listed(include) }),
    ...(exclude !== undefined && { exclude: listed(exclude) }),
    settings: settings as Readonly<Record<string, DiskSettings>>,
  };
}

function listed(value: OneOrMore): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
