import type { Location } from "../diagnostics/diagnostic.js";
import type { Bandwidth } from "./bandwidth.js";
import type { Blackout } from "./blackout.js";
import type { CronTimes } from "./cron.js";
import type { Moment } from "./moment.js";
import type { AbsolutePath, PathTemplate } from "./path.js";
import type { Permissions } from "./permissions.js";
import type { Margin, Share } from "./quantity.js";
import type { Span } from "./span.js";

/** What a run reads: everything, the changes since the last full, or the changes since the last run. */
export type Level = "full" | "differential" | "incremental";
/** Who writes the images: QEMU (push), or a client that reads from QEMU (pull). */
export type Mode = "push" | "pull";
/** Format of a backup image. */
export type ImageFormat = "qcow2" | "raw";

/** How the clusters of an image are compressed: a method that qcow2 has. */
export type Compression = "zstd";

/** What a run does when its domain does not run. */
export type OnStopped = "skip" | "fail" | "offline-copy";

/** A list that cannot be empty. */
export type Some<T> = readonly [T, ...T[]];

/**
 * A policy that has been checked against `schemas/policy.schema.json`, with its texts parsed and the defaults of the top level filled
 * in. Nothing outside of this folder parses a text of a policy again.
 */
export interface Policy {
  readonly version: 1;
  /** First part of every checkpoint name: `[A-Za-z0-9_-][A-Za-z0-9_.-]*`, at most 64 characters. */
  readonly name: string;
  /** IANA zone in which cron expressions and calendar retention are read. */
  readonly timezone: string;
  /** Folder of the inventory, relative to the policy's file. */
  readonly inventory: string;
  /** The hosts of the policy, by name. Absent: the policy is for the host of `inventory`. */
  readonly hosts?: Readonly<Record<string, HostSetting>>;
  /** Present: a playbook is emitted that copies the plans, runs what is due, and gathers inventories. */
  readonly ansible?: AnsibleSetting;
  /** Present: units of systemd are emitted that run what is due. */
  readonly systemd?: SystemdSetting;
  /** Absolute path of the repository on the host. If the policy names hosts, `{host}` stands for the name of each. */
  readonly repository: AbsolutePath;
  /** false: each host has its own repository at that path. */
  readonly sharedRepository?: boolean;
  readonly horizon?: HorizonSetting;
  /** Versions to compile for, if they differ from those of the inventory's host. */
  readonly versions?: { readonly libvirt?: string; readonly qemu?: string };
  readonly schedule: Some<ScheduleEntry>;
  /** Blackouts that apply to all entries of the schedule. */
  readonly except: readonly Blackout[];
  /** The longest delay of a run after its slot, at most a day. Each domain has its own delay. */
  readonly jitter?: Span;
  /** How many runs are at work at a time; the others wait. */
  readonly maxConcurrent?: number;
  readonly retention: Retention;
  /** A full is forced when a chain has this many restore points, the full included. */
  readonly maxChainLength?: number;
  /** A full is forced when the chain's full is older than this at a slot. */
  readonly maxChainAge?: Span;
  /** Restore points that no rule keeps are folded into the next one that is kept, instead of being kept because it needs them. */
  readonly consolidate: boolean;
  /** What a run does when its planned base was never completed. */
  readonly onMissingBase: "last-verified" | "full" | "fail";
  /** What a run does when the host is not what the plan assumed. */
  readonly onDrift: "fail" | "full";
  /** What a run does when the domain has a disk that the plan does not know. */
  readonly onNewDisk: "continue" | "refuse" | "full";
  /** What a run does when the domain does not run; the setting of a domain overrides it. */
  readonly onStopped: OnStopped;
  /** Longest time a job may take before it is aborted. */
  readonly timeLimit: Span;
  /** Space that must be free in the repository in addition to what a run is expected to write. */
  readonly spaceMargin: Margin;
  /** How often, and how long after a failure, failed runs are tried again. */
  readonly retry: RetrySetting;
  /** Owner, group and mode of what runs write. */
  readonly permissions: Permissions;
  /** Names of other policies whose checkpoints and restore points this policy continues, such as its own former name. */
  readonly adopt: readonly string[];
  readonly hooks?: HookSettings;
  /** Longest time that a command of `hooks` may take before it is killed. */
  readonly hookTimeLimit: Span;
  readonly metrics?: MetricsSetting;
  readonly defaults: DomainSettings;
  /** Keyed by domain name or glob, in the order written. */
  readonly domains: Readonly<Record<string, DomainEntry>>;
  /** The location of each value, by JSON pointer (`/domains/fedora/mode`, "" is the whole document). */
  readonly locations: ReadonlyMap<string, Location>;
}

/** A host of a fleet. */
export interface HostSetting {
  /** Folder of its inventory, relative to the policy's file. */
  readonly inventory: string;
  /** libvirt's connection, for `tidemark inventory`. */
  readonly uri?: string;
  /** The address for Ansible; the host's name if absent. */
  readonly address?: string;
}

export interface AnsibleSetting {
  /** Folder on each host that holds the plans. */
  readonly directory: AbsolutePath;
  /** Whether the tasks become root. */
  readonly become: boolean;
}

/** How a host's own systemd runs its plan. */
export interface SystemdSetting {
  /** The host's plan directory on the host. */
  readonly directory: AbsolutePath;
  /** libvirt connection on the host; absent: virsh's default. With that of a user (`isSession`), the units are the user's. */
  readonly connect?: string;
  /** Whether runs that were missed while the host was down are run once it is up. */
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
  /** The first instant at which the entry may fire. */
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
  /** A span of time that ends at the newest restore point. */
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

/** Where QEMU listens in pull mode. */
export type ServerSetting =
  | { readonly transport: "unix"; readonly socket: PathTemplate }
  | { readonly transport: "tcp"; readonly host: string; readonly port: number; readonly tls: boolean };

/** Shell commands that disks are piped through instead of being written to images. `TIDEMARK_…` variables describe the disk. */
export interface StreamSetting {
  /** Reads the disk, or the image of its changes, from stdin. */
  readonly send: string;
  /** Prints the data that `send` got. */
  readonly receive: string;
  /** Deletes the data; must succeed if it is deleted already. */
  readonly delete?: string;
}

/** Shell commands before and after each run. `TIDEMARK_…` variables describe the run. */
export interface HookSettings {
  /** If it fails, the run does not begin. */
  readonly before?: string;
  /** Called when a run has ended for which `before` was called. */
  readonly after?: string;
  readonly onSuccess?: string;
  /** Called for a run that failed, was refused, or found the domain busy. */
  readonly onFailure?: string;
}

/** Where runs write files for the textfile collector of Prometheus' node_exporter. */
export interface MetricsSetting {
  /** Folder on the host. */
  readonly directory: AbsolutePath;
}

/** How often, and how long after the last try, failed runs are tried again. */
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

/** The label of one security model: libvirt sets this label, or none. */
export type SeclabelSetting =
  | { readonly model: string; readonly relabel: false }
  | { readonly model: string; readonly label: string };

/** A secret as libvirt knows it (`virsh secret-list`). */
export type SecretSetting = { readonly usage: string } | { readonly uuid: string };

/** Estimates for the forecast and for `maxConcurrent`. A value that is absent is measured in the catalog. */
export interface EstimateSetting {
  /** Size of a full, in bytes. */
  readonly size?: number;
  /** A share of the size, or an amount. */
  readonly changedPerDay?: Share;
  /** Bytes a second. */
  readonly speed?: number;
}

/** Settings of one disk, of a domain's disks, or of all disks. */
export interface DiskSettings {
  /** Format of the images written. */
  readonly format?: ImageFormat;
  /** How the images are compressed; `no` overrides a wider setting. */
  readonly compress?: Compression | "no";
  readonly target?: PathSetting;
  /** For pull mode. The path has `{disk}`, also if the policy names a folder. */
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

/** Settings of one domain, or of all domains. */
export interface DomainSettings extends DiskSettings {
  readonly mode?: Mode;
  readonly server?: ServerSetting;
  readonly stream?: StreamSetting;
  readonly description?: string;
  readonly freeze?: boolean;
  /** What a run does when the guest cannot be frozen. */
  readonly onFreezeFailure?: "fail" | "continue";
  /** How long freezing is tried while the guest's agent does not answer, as while the guest boots. */
  readonly freezePatience?: Span;
  /** How much a run copies in a second at most; Infinity overrides a wider setting. */
  readonly bandwidth?: Bandwidth;
  /** What a run does when this domain does not run. */
  readonly onStopped?: OnStopped;
}

/** One entry under `domains`: which domains it is for, and the settings of these and their disks. */
export interface DomainEntry extends DomainSettings {
  readonly where?: Selector;
  /** `include`, `exclude`: target names or globs. Any other key: a target name or glob with its settings. */
  readonly disks?: DisksEntry;
}

/** Conditions for a domain, all of which must hold. In a list of names or globs, one must match. */
export interface Selector {
  /** Selects the domains instead of the entry's key, which then is only a label. */
  readonly name?: Some<string>;
  readonly host?: Some<string>;
  /** The domain's `<title>`. */
  readonly title?: Some<string>;
  /** By the namespace of an element in `<metadata>`: its tags and their values. Without tags, the element must exist. */
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, Some<string>>>>>;
}

/** One entry under `disks`: which targets it is for, and their settings. */
export interface DisksEntry {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly settings: Readonly<Record<string, DiskSettings>>;
}

/** Whether a server at this address can be reached only from its own host. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/.test(host);
}

/**
 * Whether a connection is to the libvirt of the user who opens it (qemu_driver.c:qemuConnectURIProbe, qemuConnectOpen: the path of the
 * URI is `/session`), and not to that of the host.
 */
export function isSession(uri: string | undefined): boolean {
  return uri !== undefined && /^qemu(\+unix)?:\/\/\/session(\?|$)/.test(uri);
}

/** Policies whose checkpoints and restore points belong to this policy: itself, then those that it adopts. */
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

/** The result of `locate` as a property of a diagnostic. */
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
