import type {
  DiskSettings,
  DomainSettings,
  HookSettings,
  Level,
  OnStopped,
  Policy,
  Retention,
  ServerSetting,
  SystemdSetting,
} from "./policy.js";

/** A text or a list of texts. */
export type OneOrMore = string | readonly string[];

/** A policy as `schemas/policy.schema.json` allows it: with texts that are not parsed, with short forms, and without defaults. */
export interface WrittenPolicy {
  readonly version: 1;
  readonly name: string;
  readonly timezone?: string;
  readonly inventory?: string;
  readonly hosts?: string | WrittenHosts;
  readonly ansible?: { readonly directory?: string; readonly become?: boolean } | null;
  readonly systemd?: (Partial<Omit<SystemdSetting, "directory">> & { readonly directory?: string }) | null;
  readonly repository: string;
  readonly sharedRepository?: boolean;
  readonly horizon?: { readonly from?: string; readonly until?: string; readonly for?: string };
  readonly versions?: NonNullable<Policy["versions"]>;
  readonly schedule: readonly WrittenEntry[];
  readonly except?: readonly WrittenBlackout[];
  readonly jitter?: string;
  readonly maxConcurrent?: number;
  readonly retention?: WrittenRetention;
  readonly maxChainLength?: number;
  readonly maxChainAge?: string;
  readonly consolidate?: boolean;
  readonly onMissingBase?: Policy["onMissingBase"];
  readonly onDrift?: Policy["onDrift"];
  readonly onNewDisk?: Policy["onNewDisk"];
  readonly onStopped?: OnStopped;
  readonly timeLimit?: string;
  readonly spaceMargin?: string;
  readonly retry?: { readonly times?: number; readonly after?: string };
  readonly permissions?: { readonly owner?: string; readonly group?: string; readonly mode?: string };
  readonly adopt?: OneOrMore;
  readonly hooks?: HookSettings;
  readonly hookTimeLimit?: string;
  readonly metrics?: { readonly directory: string };
  readonly defaults?: WrittenSettings;
  readonly domains: Readonly<Record<string, WrittenDomain | null>>;
}

export interface WrittenEntry {
  readonly level: Level;
  readonly at: OneOrMore;
  readonly start?: string;
  readonly until?: string;
  readonly except?: readonly WrittenBlackout[];
}

export interface WrittenBlackout {
  readonly dates?: OneOrMore;
  readonly weekdays?: OneOrMore;
  readonly hours?: OneOrMore;
}

/** Counts are numbers, spans are texts. */
export type WrittenRetention = {
  readonly [Rule in keyof Retention]?: Rule extends "keep"
    ? OneOrMore
    : Rule extends `keepWithin${string}`
      ? string
      : Retention[Rule];
};

export type WrittenHosts = Readonly<
  Record<
    string,
    { readonly inventory?: string; readonly uri?: string; readonly address?: string } | null | undefined
  >
>;

/** A file's path, or that of a block device. */
export type WrittenPath = string | { readonly block: string };

export type WrittenServer =
  | { readonly transport: "unix"; readonly socket: string }
  | (Omit<Extract<ServerSetting, { transport: "tcp" }>, "tls"> & { readonly tls?: boolean });

export interface WrittenDiskSettings extends Omit<DiskSettings, "target" | "scratch" | "estimate"> {
  readonly target?: WrittenPath;
  readonly scratch?: WrittenPath;
  readonly estimate?: { readonly size?: string; readonly changedPerDay?: string; readonly speed?: string };
}

export interface WrittenSettings
  extends WrittenDiskSettings,
    Omit<DomainSettings, keyof DiskSettings | "server" | "freezePatience" | "bandwidth"> {
  readonly server?: WrittenServer;
  readonly freezePatience?: string;
  readonly bandwidth?: string | readonly WrittenBandwidthWindow[];
}

export interface WrittenBandwidthWindow {
  readonly weekdays?: OneOrMore;
  readonly hours?: OneOrMore;
  readonly limit: string;
}

export interface WrittenDomain extends WrittenSettings {
  readonly where?: WrittenSelector;
  /** `include` and `exclude` are lists of targets; any other key is a target with its settings. */
  readonly disks?: WrittenDisks;
}

export interface WrittenDisks {
  readonly include?: OneOrMore;
  readonly exclude?: OneOrMore;
  readonly [target: string]: OneOrMore | WrittenDiskSettings | undefined;
}

export interface WrittenSelector {
  readonly name?: OneOrMore;
  readonly host?: OneOrMore;
  readonly title?: OneOrMore;
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, OneOrMore>> | null>>;
}
