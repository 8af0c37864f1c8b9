import type { Bandwidth } from "./bandwidth.js";
import { DEFAULTS } from "./defaults.js";
import { listed, parsed, some } from "./parsed.js";
import { isPathTemplate, type PathTemplate } from "./path.js";
import type {
  DiskSettings,
  DisksEntry,
  DomainEntry,
  DomainSettings,
  EstimateSetting,
  PathSetting,
  Selector,
  ServerSetting,
} from "./policy.js";
import { parseBandwidth, parseBytes, parseShare, parseSpeed } from "./quantity.js";
import { parseWait } from "./span.js";
import type {
  OneOrMore,
  WrittenDiskSettings,
  WrittenDisks,
  WrittenDomain,
  WrittenPath,
  WrittenSelector,
  WrittenServer,
  WrittenSettings,
} from "./written.js";

/** Settings of a domain and its disks that neither its entries nor the policy's `defaults` set. */
export const DEFAULT_SETTINGS = {
  mode: DEFAULTS.mode,
  format: DEFAULTS.format,
  compress: DEFAULTS.compress,
  target: pathSetting(DEFAULTS.target),
  freezePatience: parsed(parseWait, DEFAULTS.freezePatience),
  bandwidth: parsed(parseBandwidth, DEFAULTS.bandwidth),
  speed: parsed(parseSpeed, DEFAULTS.speed),
} as const;

/** An entry under `domains`, in the order in which it is written. */
export function domainEntry({ disks, where, ...settings }: WrittenDomain): DomainEntry {
  return {
    ...domainSettings(settings),
    ...(where && { where: selector(where) }),
    ...(disks && { disks: disksEntry(disks) }),
  };
}

export function domainSettings({
  target,
  scratch,
  estimate,
  server,
  freezePatience,
  bandwidth,
  ...plain
}: WrittenSettings): DomainSettings {
  return {
    ...plain,
    ...parsedParts({ target, scratch, estimate }),
    ...(server && { server: serverSetting(server) }),
    ...(freezePatience !== undefined && { freezePatience: parsed(parseWait, freezePatience) }),
    ...(bandwidth !== undefined && { bandwidth: bandwidthSetting(bandwidth) }),
  };
}

/** What a domain's runs copy in a second at most; Infinity where nothing limits them, at no time. */
export function bandwidthOf({ bandwidth = DEFAULT_SETTINGS.bandwidth }: DomainSettings): Bandwidth {
  return typeof bandwidth === "number" || bandwidth.some(({ limit }) => limit !== undefined)
    ? bandwidth
    : Number.POSITIVE_INFINITY;
}

function bandwidthSetting(written: NonNullable<WrittenSettings["bandwidth"]>): Bandwidth {
  if (typeof written === "string") return parsed(parseBandwidth, written);
  return written.map(({ weekdays, hours, limit }) => {
    const bytes = parsed(parseBandwidth, limit);
    return {
      ...(weekdays !== undefined && { weekdays: listed(weekdays) }),
      ...(hours !== undefined && { hours: listed(hours) }),
      ...(Number.isFinite(bytes) && { limit: bytes }),
    };
  });
}

function diskSettings({ target, scratch, estimate, ...plain }: WrittenDiskSettings): DiskSettings {
  return { ...plain, ...parsedParts({ target, scratch, estimate }) };
}

/** The settings of a disk whose texts must be parsed. */
function parsedParts({
  target,
  scratch,
  estimate,
}: {
  readonly [Part in "target" | "scratch" | "estimate"]: WrittenDiskSettings[Part] | undefined;
}): Pick<DiskSettings, "target" | "scratch" | "estimate"> {
  return {
    ...(target !== undefined && { target: pathSetting(target) }),
    ...(scratch !== undefined && { scratch: scratchPath(scratch) }),
    ...(estimate && { estimate: estimateSetting(estimate) }),
  };
}

function template(path: string): PathTemplate {
  return parsed((text) => (isPathTemplate(text) ? text : undefined), path);
}

function pathSetting(written: WrittenPath): PathSetting {
  return typeof written === "string"
    ? { type: "file", path: template(written) }
    : { type: "block", path: template(written.block) };
}

/** A path of a file without `{disk}` names a folder. */
function scratchPath(written: WrittenPath): PathSetting {
  const isFolder = typeof written === "string" && !written.includes("{disk}");
  return pathSetting(isFolder ? `${written}/{domain}-{disk}.qcow2` : written);
}

function serverSetting(written: WrittenServer): ServerSetting {
  return written.transport === "unix"
    ? { transport: "unix", socket: template(written.socket) }
    : { transport: "tcp", host: written.host, port: written.port, tls: written.tls ?? false };
}

function estimateSetting({
  size,
  changedPerDay,
  speed,
}: NonNullable<WrittenDiskSettings["estimate"]>): EstimateSetting {
  return {
    ...(size !== undefined && { size: parsed(parseBytes, size) }),
    ...(changedPerDay !== undefined && { changedPerDay: parsed(parseShare, changedPerDay) }),
    ...(speed !== undefined && { speed: parsed(parseSpeed, speed) }),
  };
}

function selector({ metadata, ...names }: WrittenSelector): Selector {
  const lists = (texts: Readonly<Record<string, OneOrMore>>) =>
    Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, some(listed(value))]));
  return {
    ...lists({ ...names }),
    ...(metadata && {
      metadata: Object.fromEntries(
        Object.entries(metadata).map(([namespace, tags]) => [namespace, lists(tags ?? {})]),
      ),
    }),
  };
}

function disksEntry({ include, exclude, ...settings }: WrittenDisks): DisksEntry {
  return {
    ...(include !== undefined && { include: listed(include) }),
    ...(exclude !== undefined && { exclude: listed(exclude) }),
    settings: Object.fromEntries(
      Object.entries(settings).map(([target, each]) => [target, diskSettings(each as WrittenDiskSettings)]),
    ),
  };
}
