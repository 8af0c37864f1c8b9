import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { Blackout } from "./blackout.js";
import { compose, type PolicyFiles } from "./compose.js";
import type { DiskSettings, DisksEntry, DomainEntry, DomainSettings, Policy } from "./policy.js";
import { checkSemantics } from "./semantics.js";
import { validate } from "./validate.js";
import { otherVersion } from "./version.js";
import { readYaml, type SourceTree } from "./yaml.js";

/** A policy as the schema admits it, before its defaults are filled in and its short forms made long. */
interface WrittenPolicy
  extends Omit<Partial<Policy>, "domains" | "schedule" | "except" | "adopt" | "retention"> {
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
  readonly domains: Readonly<Record<string, WrittenDomain | null>>;
}

type WrittenBlackout = { readonly [Part in keyof Blackout]: OneOrMore };

type WrittenDomain = DomainSettings & {
  readonly disks?: { readonly include?: OneOrMore; readonly exclude?: OneOrMore } & Readonly<
    Record<string, OneOrMore | DiskSettings>
  >;
};

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
  return { policy: complete(tree.value as WrittenPolicy, tree), diagnostics };
}

function complete(written: WrittenPolicy, tree: SourceTree): Policy {
  const { keep, ...rules } = written.retention ?? {};
  return {
    version: 1,
    name: written.name,
    timezone: written.timezone ?? "UTC",
    inventory: written.inventory ?? "./inventory",
    repository: written.repository.replace(/(?<=.)\/+$/, ""),
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
    defaults: written.defaults ?? {},
    domains: Object.fromEntries(
      Object.entries(written.domains).map(([pattern, entry]) => [pattern, domainEntry(entry ?? {})]),
    ),
    locations: tree.values,
  };
}

function blackouts(written: readonly WrittenBlackout[] = []): Blackout[] {
  return written.map(({ dates, weekdays, hours }) => ({
    ...(dates !== undefined && { dates: listed(dates) }),
    ...(weekdays !== undefined && { weekdays: listed(weekdays) }),
    ...(hours !== undefined && { hours: listed(hours) }),
  }));
}

function domainEntry({ disks, ...settings }: WrittenDomain): DomainEntry {
  return disks === undefined ? settings : { ...settings, disks: disksEntry(disks) };
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
