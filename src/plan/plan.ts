import type { Move } from "../inventory/inventory.js";
import type { Pin } from "../inventory/manifest.js";
import type { BackupServer } from "../libvirt/backup.js";
import type { OutsidePart } from "../libvirt/outside.js";
import type { Bandwidth } from "../policy/bandwidth.js";
import type {
  Compression,
  HookSettings,
  Horizon,
  ImageFormat,
  Level,
  MetricsSetting,
  OnStopped,
  Retention,
  SeclabelSetting,
  SecretSetting,
  StreamSetting,
  SystemdSetting,
} from "../policy/policy.js";
import type { Margin } from "../policy/quantity.js";

/** Everything that will happen over the horizon: `plan.json`, `schemas/plan.schema.json`. */
export interface Plan extends PlanHeader {
  /** Sorted by name. */
  readonly domains: readonly DomainPlan[];
}

/** What a plan says of all its domains together. */
export interface PlanHeader {
  readonly formatVersion: "2.0";
  readonly policy: { readonly name: string; readonly digest: string };
  /** Name of the host whose plan it is, where the policy names hosts. */
  readonly host?: string;
  readonly inventory: { readonly digest: string };
  readonly timezone: string;
  /** What the runs follow from, in the order of the policy. */
  readonly schedule: readonly PlannedEntry[];
  /** Blackouts of all entries, each in a line: `12-24..01-01`, `sat,sun 08:00-18:00`. Absent: none. */
  readonly except?: readonly string[];
  /** How many runs go on at a time on the host. Absent: the policy does not say. */
  readonly maxConcurrent?: number;
  /** Units of the host that run what is due; absent: the policy asks for none. */
  readonly systemd?: SystemdSetting;
  /** As the policy has it; nothing is deleted where it has no rule. */
  readonly retention: Retention;
  /** Restore points that no rule keeps are folded into the next that one keeps. */
  readonly consolidate?: true;
  /** Commands of the policy around each run. */
  readonly hooks?: HookSettings;
  /** Seconds that a command of `hooks` may take. */
  readonly hookTimeLimit: number;
  /** How a night in which runs failed is tried again. */
  readonly retry: PlannedRetry;
  /** What must be free in the repository besides what a run is expected to write. */
  readonly spaceMargin: Margin;
  /** Owner, group and modes of what runs write. */
  readonly permissions: PlannedPermissions;
  /** Each run leaves a file for Prometheus there. */
  readonly metrics?: MetricsSetting;
  /** Absolute path on the host. */
  readonly repository: string;
  readonly horizon: Horizon;
  /** Domains of the inventory that no entry of the policy names: nothing of them is backed up. Sorted. */
  readonly unplanned: readonly string[];
}

/** A domain's name as plans of several hosts tell it. */
export function domainLabel(name: string, host: string | undefined): string {
  return host === undefined ? name : `${host}/${name}`;
}

/** How often, and how many seconds after the last try, what failed is tried again. */
export interface PlannedRetry {
  /** 0: never. */
  readonly times: number;
  readonly seconds: number;
}

/** Who may read what runs write. */
export interface PlannedPermissions {
  /** Name or number; absent: the user that the run is. */
  readonly owner?: string;
  readonly group?: string;
  /** Modes in octal digits: `0640`, `0750`. */
  readonly files: string;
  readonly folders: string;
}

/** An entry of the schedule, and when it fires. */
export interface PlannedEntry {
  readonly level: Level;
  readonly at: readonly string[];
  /** The same for systemd (systemd.time(7)); cron joins days by "or", so that there may be more of them. */
  readonly onCalendar: readonly string[];
  readonly start?: string;
  readonly until?: string;
  /** Blackouts of this entry alone. */
  readonly except?: readonly string[];
}

/** The plan of one domain: its disks, runs and restore points. */
export type DomainPlan = AnyDomainPlan & (PushedDomain | PulledDomain);

/** Push mode: QEMU writes the images. */
export interface PushedDomain {
  readonly mode: "push";
  readonly server?: never;
  readonly stream?: never;
}

/** Pull mode: QEMU serves the disks to be read. */
export interface PulledDomain {
  readonly mode: "pull";
  /** Where QEMU serves the disks. */
  readonly server: BackupServer;
  /** Disks go through these commands; their images are only what is sent. */
  readonly stream?: StreamSetting;
}

/** What the plan of a domain says in either mode. */
export interface AnyDomainPlan {
  readonly name: string;
  readonly uuid: string;
  /** Only where the plans of several hosts are put together. */
  readonly host?: string;
  /** The domain's folder in the plan directory and in the repository: its name as one safe path segment. */
  readonly directory: string;
  /** For a libvirt that may know no level for each disk: documents name none, which makes a full of all disks. */
  readonly withoutDiskLevels?: true;
  readonly description?: string;
  readonly freeze: "no" | "continue-on-failure" | "fail-on-failure";
  /** Seconds for which freezing is tried again while the guest's agent does not answer. */
  readonly freezePatience: number;
  /** What a run copies in a second at most, all disks together; absent: as much as it can. */
  readonly bandwidth?: Bandwidth;
  readonly onMissingBase: "last-verified" | "full" | "fail";
  readonly onDrift: "fail" | "full";
  /** What a run does when the domain has a disk that is not among `disks`. */
  readonly onNewDisk: "continue" | "refuse" | "full";
  readonly onStopped: OnStopped;
  /** Seconds a job may take. */
  readonly timeLimit: number;
  /** Policies whose checkpoints are this plan's own: the policy's name, then those it adopts. */
  readonly owners: readonly string[];
  /** Every disk of the domain, as the inventory has it: what a run assumes of the host. */
  readonly disks: readonly PlannedDisk[];
  /** Parts of the domain that no backup holds, beside its disks; absent: none. */
  readonly outside?: readonly OutsidePart[];
  /** The newest restore point found was made on another host; the first run's disks say which chains go on. */
  readonly moved?: Move;
  /** Restore points that the catalog held when the plan was compiled, oldest first. */
  readonly found: readonly FoundPoint[];
  readonly figures: Figures;
  /** In order of time. */
  readonly runs: readonly Run[];
  /** The restore points that exist when the horizon ends, oldest first. */
  readonly kept: readonly KeptPoint[];
}

/** A restore point that was there before the plan. */
export interface FoundPoint {
  readonly point: string;
  readonly slot: string;
  readonly localTime: string;
  readonly level: Level;
  /** Restore points that it builds on directly. */
  readonly needs: readonly string[];
  /** It was made outside of the schedule. */
  readonly onDemand?: true;
  /** It is kept whatever the rules say: for good, or until an instant. */
  readonly pin?: Pin;
}

/** What the plan costs. */
export interface Figures {
  /** The most images that restoring one disk reads, restore points of the catalog among them. */
  readonly imagesToRestore: number;
  /** The most checkpoints of this plan that a disk has at one time: bitmaps, which cost memory and write time. */
  readonly checkpointsPerDisk: number;
  /** Absent where nothing says how large any of the disks is. */
  readonly forecast?: Forecast;
}

/** Bytes, as estimated. */
export interface Forecast {
  /** By all runs. */
  readonly copied: number;
  readonly copiedByLargestRun: number;
  /** Seconds that the run that copies for the longest time is expected to copy; absent: something is not known, or there is no run. */
  readonly longestRun?: number;
  /** Pull mode: what the scratch files of one run hold at most; absent as `longestRun`. */
  readonly scratch?: Scratch;
  /** Of the domain's folder, before deletions, and folds with both images. */
  readonly repositoryPeak: number;
  readonly repositoryAtEnd: number;
  /** What is assumed of each disk that is backed up. If something is not known, the sums are what is needed at least. */
  readonly assumptions: readonly Assumption[];
}

/** Bytes that a guest overwrites while a run copies. */
export interface Scratch {
  /** If what changes in a day is spread over it evenly. */
  readonly evenly: number;
  /** If all that changes in a day changes while the run copies. */
  readonly atOnce: number;
}

/** What the forecast assumes of a disk; absent: nobody knows, and the forecast does not count it. */
export interface Assumption {
  readonly target: string;
  /** Of a full, before compression. */
  readonly size?: Assumed;
  readonly changedPerDay?: Assumed;
  /** In a second. */
  readonly speed: Assumed;
}

/** A number of bytes, and where it is from. */
export interface Assumed {
  readonly bytes: number;
  /**
   * The policy's `estimate`; images and runs of the catalog; a checkpoint that has recorded since; what the disk takes on its host; what
   * the guest sees, which a full cannot exceed; what tidemark takes where nothing else is known. `full`: each image is one.
   */
  readonly from: "policy" | "catalog" | "checkpoint" | "allocation" | "capacity" | "default" | "full";
}

/** A disk of a planned domain, backed up or not. */
export type PlannedDisk = PlannedDiskFacts & (LeftOutDisk | BackedUpDisk);

/** A disk as the inventory has it. */
export interface PlannedDiskFacts {
  readonly target: string;
  readonly type: string;
  readonly device: string;
  readonly format: string;
  readonly source?: string;
}

/** A disk that no backup holds. */
export interface LeftOutDisk {
  /** Why the disk is in no backup of this plan; absent: it is in all of them. */
  readonly leftOut: string;
  readonly noCheckpoint?: never;
  readonly compress?: never;
  readonly seclabels?: never;
  readonly scratchSecret?: never;
}

/** A disk that every backup holds. */
export interface BackedUpDisk {
  readonly leftOut?: never;
  /** Why no checkpoint covers the disk, so that each of its backups is a full; absent: each checkpoint does. */
  readonly noCheckpoint?: string;
  /** How its images are compressed; absent: they are not. */
  readonly compress?: Compression;
  /** Security labels of its images (push) or scratch files (pull). */
  readonly seclabels?: readonly SeclabelSetting[];
  /** Pull mode: libvirt's secret that its scratch is encrypted with. */
  readonly scratchSecret?: SecretSetting;
}

/** One domain at one slot: one backup job, at most one new checkpoint. */
export interface Run {
  /** The instant, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly slot: string;
  /** The same instant as the policy's zone reads it, `2026-12-01T02:00:00+01:00`. */
  readonly localTime: string;
  /** When it is to start, an instant: with a jitter this is after the slot. Absent: at the slot. */
  readonly start?: string;
  /** Bytes it is expected to copy. */
  readonly copies?: number;
  /** `full` when every disk is; else the level the schedule asked for. */
  readonly level: Level;
  readonly scheduled: Level;
  /** Restore point's name, and the checkpoint's where there is one. */
  readonly point: string;
  /** Whether the run makes a checkpoint. */
  readonly checkpoint: boolean;
  /** The disks backed up, in libvirt's order. */
  readonly disks: readonly RunDisk[];
  readonly steps: readonly Step[];
}

/** One disk in one run. */
export type RunDisk = FullDisk | ChangesDisk;

/** What is said of a disk in a run, whatever its level. */
export interface AnyRunDisk {
  readonly target: string;
  /** Why this level and base. */
  readonly reason: string;
  /** Absolute path of the image the run leaves. */
  readonly image: string;
  /** `block`: the image is written to a device that exists already. */
  readonly imageType: "file" | "block";
}

/** A disk that is backed up whole. */
export interface FullDisk extends AnyRunDisk {
  readonly level: "full";
  readonly base: null;
  readonly format: ImageFormat;
  /** Whether the run's checkpoint covers the disk. */
  readonly bitmap: boolean;
  /** Pull mode only. */
  readonly pull?: DiskExport & { readonly exportBitmap?: never };
}

/** A disk of which only that is backed up which has changed. */
export interface ChangesDisk extends AnyRunDisk {
  readonly level: "differential" | "incremental";
  /** Checkpoint that changes are read since, which is also the restore point the image builds on. */
  readonly base: string;
  readonly format: "qcow2";
  readonly bitmap: true;
  /** Pull mode only. */
  readonly pull?: DiskExport & { readonly exportBitmap: string };
}

/** How a disk is served in pull mode. */
export interface DiskExport {
  readonly scratch: string;
  readonly scratchType: "file" | "block";
  readonly exportName: string;
}

/**
 * One action of a run. What must hold before each, how it is known to be done and what undoes it is
 * the same for every run and stands in `src/plan/step.ts`.
 */
export type Step =
  | { readonly do: "check-host" }
  | { readonly do: "create-images" }
  | { readonly do: "freeze" }
  | { readonly do: "begin" }
  | { readonly do: "thaw" }
  | { readonly do: "wait" }
  | { readonly do: "copy" }
  /** Push mode: QEMU's job writes whole clusters, which are compressed after it. */
  | { readonly do: "compress" }
  | { readonly do: "verify" }
  | { readonly do: "write-manifest" }
  | {
      /** Delete every own checkpoint older than this run's that is not in `keep`; `delete` names those expected. */
      readonly do: "retire-checkpoints";
      readonly delete: readonly string[];
      readonly keep: readonly string[];
    }
  | {
      /** Let a restore point build on what the last of `of` builds on, or on nothing; same guard as a prune. */
      readonly do: "consolidate";
      readonly into: string;
      /** Restore points that only it builds on, newest first. */
      readonly of: readonly string[];
      readonly becauseOf: readonly string[];
    }
  | {
      /** Delete restore points, newest first; skipped while one of `becauseOf` is missing from the repository. */
      readonly do: "prune";
      readonly points: readonly string[];
      readonly becauseOf: readonly string[];
    };

/** A restore point that is there when the plan ends. */
export interface KeptPoint {
  readonly point: string;
  readonly slot: string;
  readonly level: Level;
  /** Rules that keep it (`daily 2026-12-01`), or `needed by <point>`. */
  readonly reasons: readonly string[];
}
