import type { Location } from "../diagnostics/diagnostic.js";
import type { Blackout } from "./blackout.js";
import type { CronTimes } from "./cron.js";
import type { Moment } from "./moment.js";
import type { AbsolutePath, PathTemplate } from "./path.js";
import type { Permissions } from "./permissions.js";
import type { Margin, Share } from "./quantity.js";
import type { Span } from "./span.js";

/** What a run reads: all, what changed since the last full, or since the last run. */
export type Level = "full" | "differential" | "incremental";
/** Who writes the images: QEMU (push), or a client that reads from it (pull). */
export type Mode = "push" | "pull";
/** Format of a backup image. */
export type ImageFormat = "qcow2" | "raw";

/** What a run does when its domain does not run. */
export type OnStopped = "skip" | "fail" | "offline-copy";

/** A list that cannot be empty. */
export type Some<T> = readonly [T, ...T[]];

/**
 * A policy as its author meant it: checked against `schemas/policy.schema.json`, its texts parsed, and the top level's defaults
 * filled in. Nothing outside of this folder parses any of it again.
 */
export interface Policy {
  readonly version: 1;
  /** First part of every checkpoint name: `[A-Za-z0-9_-][A-Za-z0-9_.-]*`, at most 64 characters. */
  readonly name: string;
  /** IANA zone in which cron expressions and calendar retention are read. */
  readonly timezone: string;
  /** Folder of the inventory, relative to the policy's file. */
  readonly inventory: string;
  /** The hosts that one policy covers, by name; absent: the one whose inventory that is. */
  readonly hosts?: Readonly<Record<string, HostSetting>>;
  /** A playbook is emitted that copies the plans, runs what is due and gathers facts back. */
  readonly ansible?: AnsibleSetting;
  /** Units are emitted that run what is due when its time has come. */
  readonly systemd?: SystemdSetting;
  /** Absolute path of the repository on the host; with hosts `{host}` stands for each one's name. */
  readonly repository: AbsolutePath;
  /** false: each host has a repository of its own at that path. */
  readonly sharedRepository?: boolean;
  readonly horizon?: HorizonSetting;
  /** Versions to compile for, where they are not those of the inventory's host. */
  readonly versions?: { readonly libvirt?: string; readonly qemu?: string };
  readonly schedule: Some<ScheduleEntry>;
  /** Blackouts of all entries of the schedule. */
  readonly except: readonly Blackout[];
  /** Runs of a domain start up to this much after their slot, each domain by its own share; at most a day. */
  readonly jitter?: Span;
  /** How many runs go on at a time; the others wait for their turn. */
  readonly maxConcurrent?: number;
  readonly retention: Retention;
  /** A full is forced when a chain has this many restore points, the full included. */
  readonly maxChainLength?: number;
  /** A full is forced when the chain's full is older than this at a slot. */
  readonly maxChainAge?: Span;
  /** Restore points that no rule keeps are folded into the next that one keeps, instead of being kept for it. */
  readonly consolidate: boolean;
  /** What a run does when its planned base was never completed. */
  readonly onMissingBase: "last-verified" | "full" | "fail";
  /** What a run does when the host is not what the plan assumed. */
  readonly onDrift: "fail" | "full";
  /** What a run does when the domain does not run; a domain's own setting wins. */
  readonly onStopped: OnStopped;
  /** Longest time a job may take before it is aborted. */
  readonly timeLimit: Span;
  /** What must be free in the repository besides what a run is expected to write. */
  readonly spaceMargin: Margin;
  /** How a night with failed runs is tried again. */
  readonly retry: RetrySetting;
  /** Owner, group and mode of what runs write. */
  readonly permissions: Permissions;
  /** Names of other policies whose checkpoints and restore points this one carries on (a renamed policy). */
  readonly adopt: readonly string[];
  readonly hooks?: HookSettings;
  /** Longest time that a command of `hooks` may take before it is killed. */
  readonly hookTimeLimit: Span;
  readonly metrics?: MetricsSetting;
  readonly defaults: DomainSettings;
  /** Keyed by domain name or glob, in the order written. */
  readonly domains: Readonly<Record<string, DomainEntry>>;
  /** Where each value stands, keyed by JSON pointer (`/domains/fedora/mode`, "" is the whole document). */
  readonly locations: ReadonlyMap<string, Location>;
}

/** A host of a fleet. */
export interface HostSetting {
  /** Folder of its inventory, relative to the policy's file. */
  readonly inventory: string;
  /** libvirt's connection, for `tidemark inventory`. */
  readonly uri?: string;
  /** Where Ansible reaches it; its name if absent. */
  readonly address?: string;
}

export interface AnsibleSetting {
  /** On each host; the plans lie below it. */
  readonly directory: AbsolutePath;
  /** Whether the tasks become root. */
  readonly become: boolean;
}

/** How a host's own systemd runs its plan. */
export interface SystemdSetting {
  /** The host's plan directory on the host. */
  readonly directory: AbsolutePath;
  /** libvirt connection on the host; absent: virsh's own. */
  readonly connect?: string;
  /** Whether what was missed while the host was down is run when it is up again. */
  readonly persistent: boolean;
  /** A unit that is started when a run failed or was refused. */
  readonly onFailure?: string;
}

/** `until` is exclusive. Either it or `for` says where the horizon ends, and what is absent comes from the command line. */
export type HorizonSetting = { readonly from?: Moment } & (
  | { readonly until: Moment; readonly for?: never }
  | { readonly for: Span; readonly until?: never }
  | { readonly until?: never; readonly for?: never }
);

/** `[from, until)`, instants as `YYYY-MM-DDTHH:MM:SSZ`. */
export interface Horizon {
  readonly from: string;
  readonly until: string;
}

/** When runs of one level are due. */
export interface ScheduleEntry {
  readonly level: Level;
  readonly at: Some<CronTimes>;
  /** It fires from here on. */
  readonly start?: Moment;
  /** End, exclusive. */
  readonly until?: Moment;
  readonly except: readonly Blackout[];
}

/** restic's rules; see `src/planner/domain/retain.ts`. A count of -1 keeps all. */
export interface Retention {
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  /** Back from the newest restore point. */
  readonly keepWithin?: Span;
  readonly keepWithinHourly?: Span;
  readonly keepWithinDaily?: Span;
  readonly keepWithinWeekly?: Span;
  readonly keepWithinMonthly?: Span;
  readonly keepWithinYearly?: Span;
  /** Dates in the policy's zone or whole restore point names that are never deleted. */
  readonly keep?: readonly string[];
  /** Newest full restore points to keep, as pgBackRest's repo-retention-full. */
  readonly keepFull?: number;
  /** Newest differential (or fuller) restore points to keep, as pgBackRest's repo-retention-diff. */
  readonly keepDifferential?: number;
}

/** Where QEMU is to serve in pull mode. */
export type ServerSetting =
  | { readonly transport: "unix"; readonly socket: PathTemplate }
  | { readonly transport: "tcp"; readonly host: string; readonly port: number; readonly tls: boolean };

/** Shell commands that disks go through instead of into images; which disk it is, they learn from `TIDEMARK_…` variables. */
export interface StreamSetting {
  /** Reads the disk, or the image of its changes, from stdin. */
  readonly send: string;
  /** Prints what `send` was given. */
  readonly receive: string;
  /** Removes it; must not fail where it is gone already. */
  readonly delete?: string;
}

/** Shell commands around each run; what it is about, they learn from `TIDEMARK_…` variables. */
export interface HookSettings {
  /** If it fails, the run does not begin. */
  readonly before?: string;
  /** When a run has ended that came as far as `before`. */
  readonly after?: string;
  readonly onSuccess?: string;
  /** Also where the host refused the run, or another one had the domain. */
  readonly onFailure?: string;
}

/** Where runs leave files for the textfile collector of Prometheus' node_exporter. */
export interface MetricsSetting {
  /** On the host. */
  readonly directory: AbsolutePath;
}

/** How often, and how long after the last try, what failed is tried again. */
export interface RetrySetting {
  /** 0: never. */
  readonly times: number;
  readonly after: Span;
}

/** Where an image or a scratch file is written: a file, or a block device that exists already. */
export interface PathSetting {
  readonly type: "file" | "block";
  readonly path: PathTemplate;
}

/** One label a security model: libvirt sets none, or this one. */
export type SeclabelSetting =
  | { readonly model: string; readonly relabel: false }
  | { readonly model: string; readonly label: string };

/** A secret as libvirt knows it (`virsh secret-list`). */
export type SecretSetting = { readonly usage: string } | { readonly uuid: string };

/** What cannot be known before: for the forecast, and for `maxConcurrent`. What is left out is measured in the catalog. */
export interface EstimateSetting {
  /** Bytes of a full. */
  readonly size?: number;
  /** Of the size. */
  readonly changedPerDay?: Share;
  /** Bytes a second. */
  readonly speed?: number;
}

/** What can be said of one disk, of a domain's disks, and of all. */
export interface DiskSettings {
  /** Format of the images written. */
  readonly format?: ImageFormat;
  readonly target?: PathSetting;
  /** Pull mode; a path with `{disk}`, also where the author wrote a folder. */
  readonly scratch?: PathSetting;
  readonly exportName?: string;
  readonly exportBitmap?: string;
  /** Security labels of the image (push) or scratch (pull). */
  readonly seclabels?: readonly SeclabelSetting[];
  /** Pull mode: the scratch is encrypted with this secret of libvirt. */
  readonly scratchSecret?: SecretSetting;
  /** false: no checkpoint on this disk, so a full each time. */
  readonly checkpoint?: boolean;
  readonly estimate?: EstimateSetting;
}

/** What can be said of one domain and of all. */
export interface DomainSettings extends DiskSettings {
  readonly mode?: Mode;
  readonly server?: ServerSetting;
  readonly stream?: StreamSetting;
  readonly description?: string;
  readonly freeze?: boolean;
  /** What a run does when the guest cannot be frozen. */
  readonly onFreezeFailure?: "fail" | "continue";
  /** How long freezing is tried again while the guest's agent does not answer, as in a guest that boots. */
  readonly freezePatience?: Span;
  /** What a run does when this domain does not run. */
  readonly onStopped?: OnStopped;
}

/** One entry under `domains`: for which, and what holds for them and their disks. */
export interface DomainEntry extends DomainSettings {
  readonly where?: Selector;
  /** `include`, `exclude`: target names or globs. Any other key: a target name or glob with its settings. */
  readonly disks?: DisksEntry;
}

/** What else must hold of a domain, all of it; lists are of names or globs, of which one must match. */
export interface Selector {
  /** Selects the domains instead of the entry's key, which then is only a label. */
  readonly name?: Some<string>;
  readonly host?: Some<string>;
  /** The domain's `<title>`. */
  readonly title?: Some<string>;
  /** Namespace of an element in `<metadata>` → its tags and what they must be; no tags: the element is there. */
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, Some<string>>>>>;
}

/** One entry under `disks`: for which targets, and what holds for them. */
export interface DisksEntry {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly settings: Readonly<Record<string, DiskSettings>>;
}

/** Whether a server that listens there can be reached from its own host only. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/.test(host);
}

/** Policies whose checkpoints and restore points are this one's own: itself, then those it adopts. */
export function ownersOf({ name, adopt }: Policy): readonly string[] {
  return [name, ...adopt];
}

/** The location of a value, or of its nearest ancestor that has one. */
export function locate(policy: Policy, pointer: string): Location | undefined {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const location = policy.locations.get(at);
    if (location !== undefined || at === "") return location;
  }
}

/** `locate` in the form a diagnostic takes. */
export function located(policy: Policy, pointer: string): { readonly location?: Location } {
  const location = locate(policy, pointer);
  return location === undefined ? {} : { location };
}

/** One segment of a JSON pointer (RFC 6901). */
export function pointerSegment(key: string | number): string {
  return `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The key that a segment of a JSON pointer stands for. */
export function unescapeSegment(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}
