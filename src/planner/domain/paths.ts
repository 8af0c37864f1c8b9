import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { BackupServer } from "../../libvirt/backup.js";
import { type AbsolutePath, fillPath, type PathValues } from "../../policy/path.js";
import {
  type Compression,
  type ImageFormat,
  located,
  type Mode,
  type PathSetting,
  type Policy,
  type ServerSetting,
  type StreamSetting,
} from "../../policy/policy.js";
import { DEFAULT_SETTINGS } from "../../policy/settings.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import { ADVICE } from "./advice.js";
import { type BackedUpChoice, type DiskChoice, isBackedUp } from "./disks.js";

/** The file in which changes are gathered before they are sent; a stream that is received again gets the same name. */
const STREAMED: PathSetting = { type: "file", path: "{repository}/{domain}/{point}/{disk}.stream" };

/** Placeholders for what differs from run to run. They hold a NUL, which no name does; a domain may be called {point}. */
const LATER = { point: "\u0000point", slot: "\u0000slot" } as const;

/** What differs between the runs of one disk. */
export interface RunNames {
  readonly point: string;
  /** `20261201T010000Z` */
  readonly slot: string;
}

export interface ImagePath {
  readonly type: "file" | "block";
  readonly path: AbsolutePath;
}

/** The path of the image or scratch file of a run. */
type PathOfRun = (names: RunNames) => ImagePath;

/** A disk that is backed up, and where its images go. */
export interface DiskPaths {
  readonly choice: BackedUpChoice;
  /** Format of a full's image; one that holds changes is always qcow2. */
  readonly format: ImageFormat;
  readonly compress?: Compression;
  readonly image: PathOfRun;
}

/** A disk that is served to be read. */
export interface ServedDisk extends DiskPaths {
  readonly scratch: PathOfRun;
  readonly exportName: string;
  readonly exportBitmap: string;
}

/** Where a domain's images, scratch files and server are. */
export type DomainPaths =
  | { readonly mode: "push"; readonly disks: readonly DiskPaths[] }
  | {
      readonly mode: "pull";
      readonly server: BackupServer;
      readonly stream?: StreamSetting;
      readonly disks: readonly ServedDisk[];
    };

/** Whether images go through commands and are not here. */
export function isStreamed({ settings }: ResolvedDomain): boolean {
  return settings.mode === "pull" && settings.stream !== undefined;
}

/**
 * Settles mode, server, formats and paths of a domain; reports settings that the mode lacks, forbids or cannot serve.
 * @returns no `paths` if a domain in pull mode has no server, or if one of its disks has no scratch file
 */
export function settlePaths(
  policy: Policy,
  domain: ResolvedDomain,
  choices: readonly DiskChoice[],
): { paths?: DomainPaths; diagnostics: readonly Diagnostic[] } {
  const mode = domain.settings.mode ?? DEFAULT_SETTINGS.mode;
  const backedUp = choices.filter(isBackedUp);
  const paths = pathsOf(policy, domain, mode, backedUp);
  return {
    ...(paths && { paths }),
    diagnostics: [
      ...checkMode(policy, domain, mode),
      ...checkConsolidate(policy, domain, backedUp),
      ...backedUp.flatMap((disk) => checkDisk(policy, domain, disk, mode)),
    ],
  };
}

function pathsOf(
  policy: Policy,
  domain: ResolvedDomain,
  mode: Mode,
  backedUp: readonly BackedUpChoice[],
): DomainPaths | undefined {
  const { name, uuid } = domain.facts.domain;
  const fixed = { repository: policy.repository, policy: policy.name, domain: directoryOf(name), uuid };
  const pathOf = ({ type, path: template }: PathSetting, disk: BackedUpChoice): PathOfRun => {
    // What does not change from run to run is filled in once.
    const values = { ...fixed, disk: disk.resolved.target, format: formatOf(disk), ...LATER };
    const path = fillPath(template, values);
    return ({ point, slot }) => ({
      type,
      path: path.replaceAll(LATER.point, point).replaceAll(LATER.slot, slot) as AbsolutePath,
    });
  };
  const diskPaths = (choice: BackedUpChoice): DiskPaths =>
    isStreamed(domain)
      ? { choice, format: "raw", image: pathOf(STREAMED, choice) }
      : {
          choice,
          format: formatOf(choice),
          ...compressionOf(choice, mode),
          image: pathOf(targetOf(choice), choice),
        };
  if (mode === "push") return { mode, disks: backedUp.map(diskPaths) };
  const { server, stream } = domain.settings;
  const disks = backedUp.flatMap((choice): ServedDisk | [] => {
    const { target, settings } = choice.resolved;
    if (settings.scratch === undefined) return [];
    return {
      ...diskPaths(choice),
      scratch: pathOf(settings.scratch, choice),
      exportName: settings.exportName ?? target,
      exportBitmap: settings.exportBitmap ?? `backup-${target}`,
    };
  });
  if (server === undefined || disks.length < backedUp.length) return undefined;
  return { mode, server: serverOf(server, fixed), ...(stream && { stream }), disks };
}

function formatOf(disk: BackedUpChoice): ImageFormat {
  return disk.resolved.settings.format ?? DEFAULT_SETTINGS.format;
}

/** Why the images of a disk cannot be compressed, and what to do about it; undefined if they can be. */
function whyPlain(disk: BackedUpChoice, mode: Mode): { why: string; hint: string } | undefined {
  if (formatOf(disk) === "raw") {
    return { why: "its images are raw, and only qcow2 can be compressed", hint: "remove format: raw" };
  }
  if (mode === "push" && targetOf(disk).type === "block") {
    return {
      why: "in push mode an image is compressed into a file beside it, and its images are block devices",
      hint: "set mode: pull, which compresses what it copies",
    };
  }
  return undefined;
}

/** Of `defaults`, images that cannot be compressed are left as they are. */
function compressionOf(disk: BackedUpChoice, mode: Mode): { compress?: Compression } {
  const { compress = DEFAULT_SETTINGS.compress } = disk.resolved.settings;
  return compress === "no" || whyPlain(disk, mode) !== undefined ? {} : { compress };
}

function targetOf(disk: BackedUpChoice): PathSetting {
  return disk.resolved.settings.target ?? DEFAULT_SETTINGS.target;
}

function serverOf(setting: ServerSetting, fixed: PathValues): BackupServer {
  return setting.transport === "unix"
    ? { transport: "unix", socket: fillPath(setting.socket, fixed) }
    : { transport: "tcp", name: setting.host, port: setting.port, tls: setting.tls };
}

/** Folding writes a new file and renames it: there is none in a stream, nor beside a block device. */
function checkConsolidate(
  policy: Policy,
  domain: ResolvedDomain,
  disks: readonly BackedUpChoice[],
): Diagnostic[] {
  if (!policy.consolidate) return [];
  const name = domain.facts.domain.name;
  const refuse = (why: string, pointer: string): Diagnostic => ({
    code: "TM114",
    severity: "error",
    message: `the restore points of "${name}" cannot be folded (consolidate): ${why}`,
    hint: "put this domain into another policy without consolidate, and limit its chains with maxChainLength",
    ...located(policy, pointer),
  });
  if (isStreamed(domain)) return [refuse("they are streamed", domain.origins.of("stream"))];
  return disks
    .filter((disk) => disk.backup === "changes" && targetOf(disk).type === "block")
    .map((disk) =>
      refuse(
        `the images of disk "${disk.resolved.target}" are block devices`,
        disk.resolved.origins.of("target"),
      ),
    );
}

function checkMode(policy: Policy, domain: ResolvedDomain, mode: Mode): Diagnostic[] {
  const name = domain.facts.domain.name;
  if (mode === "pull" && domain.settings.server === undefined) {
    return [
      {
        code: "TM115",
        severity: "error",
        message: `pull mode needs a server, but domain "${name}" has none`,
        hint: 'add server: { transport: unix, socket: "/run/tidemark/{domain}.sock" } to the domain or to defaults',
        ...located(policy, domain.origins.of("mode")),
      },
    ];
  }
  const limit = domain.origins.of("bandwidth");
  if (isStreamed(domain) && domain.settings.bandwidth !== undefined && !limit.startsWith("/defaults/")) {
    return [
      {
        code: "TM114",
        severity: "error",
        message: `domain "${name}" is streamed, and a run does not limit what it pipes`,
        hint: "remove bandwidth, and let the command of stream limit it",
        ...located(policy, limit),
      },
    ];
  }
  return (["server", "stream"] as const).flatMap((setting): Diagnostic[] => {
    const pointer = domain.origins.of(setting);
    if (mode === "pull" || domain.settings[setting] === undefined || pointer.startsWith("/defaults/"))
      return [];
    return [
      {
        code: "TM114",
        severity: "error",
        message: `domain "${name}" is in push mode, which has no ${setting}`,
        hint: `remove ${setting}, or set mode: pull`,
        ...located(policy, pointer),
      },
    ];
  });
}

function checkDisk(policy: Policy, domain: ResolvedDomain, disk: BackedUpChoice, mode: Mode): Diagnostic[] {
  const { settings, origins, target } = disk.resolved;
  const who = `disk "${target}" of "${domain.facts.domain.name}"`;
  const diagnostics: Diagnostic[] = [];
  if (mode === "pull" && settings.scratch === undefined) {
    diagnostics.push({
      code: "TM115",
      severity: "error",
      message: `pull mode needs a scratch path, but ${who} has none`,
      hint: "add scratch: /a/folder/with/space to the domain or to defaults",
      ...located(policy, domain.origins.of("mode")),
    });
  }
  for (const setting of ["scratch", "exportName", "exportBitmap", "scratchSecret"] as const) {
    if (mode === "push" && settings[setting] !== undefined && !origins.of(setting).startsWith("/defaults/")) {
      diagnostics.push({
        code: "TM114",
        severity: "error",
        message: `${setting} belongs to pull mode, but ${who} is backed up in push mode`,
        hint: `remove ${setting}, or set mode: pull`,
        ...located(policy, origins.of(setting)),
      });
    }
  }
  const asksForCompression = settings.compress !== undefined && settings.compress !== "no";
  const isOwn = !origins.of("compress").startsWith("/defaults/");
  if (isStreamed(domain)) {
    if (asksForCompression && isOwn) {
      diagnostics.push({
        code: "TM114",
        severity: "error",
        message: `${who} is streamed, so it has no image that could be compressed`,
        hint: "remove compress, and let the command of stream compress",
        ...located(policy, origins.of("compress")),
      });
    }
    for (const setting of ["target", "format"] as const) {
      if (settings[setting] === undefined) continue;
      diagnostics.push({
        code: "TM114",
        severity: "error",
        message: `${who} is streamed, so it has no image and no ${setting}`,
        hint: `remove ${setting}, or remove stream`,
        ...located(policy, origins.of(setting)),
      });
    }
    return diagnostics;
  }
  if (formatOf(disk) === "raw" && disk.backup === "changes") {
    diagnostics.push({
      code: "TM405",
      severity: "error",
      message: `${who} has incrementals in raw images, which do not record which blocks have changed`,
      hint: ADVICE.TM405,
      ...located(policy, origins.of("format")),
    });
  }
  const plain = whyPlain(disk, mode);
  if (asksForCompression && isOwn && plain !== undefined) {
    diagnostics.push({
      code: "TM114",
      severity: "error",
      message: `${who} cannot be compressed: ${plain.why}`,
      hint: `${plain.hint}, or set compress: "no" for this disk`,
      ...located(policy, origins.of("compress")),
    });
  }
  const { path } = targetOf(disk);
  if (!/\{(?:point|slot)\}/.test(path)) {
    diagnostics.push({
      code: "TM306",
      severity: "error",
      message: `every run of ${who} would write to ${path} and overwrite the restore point before`,
      hint: "put {point} or {slot} into the target's path",
      ...located(policy, origins.of("target")),
    });
  }
  return diagnostics;
}
