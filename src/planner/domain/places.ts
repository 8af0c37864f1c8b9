import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { BackupServer } from "../../libvirt/backup.js";
import { type AbsolutePath, fillPath, type PathValues } from "../../policy/path.js";
import {
  type ImageFormat,
  type Mode,
  type PlaceSetting,
  type Policy,
  placed,
  type ServerSetting,
  type StreamSetting,
} from "../../policy/policy.js";
import { DEFAULT_SETTINGS } from "../../policy/settings.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import { ADVICE } from "./advice.js";
import { type BackedUpChoice, type DiskChoice, isBackedUp } from "./disks.js";

/** What is sent lies here for a moment, and once received again under the same name beside its predecessor. */
const STREAMED: PlaceSetting = { type: "file", path: "{repository}/{domain}/{point}/{disk}.stream" };

/** Stand for what differs from run to run: a domain may be called {point}, and no name holds these. */
const LATER = { point: "\u0000point", slot: "\u0000slot" } as const;

/** What differs between the runs of one disk. */
export interface RunNames {
  readonly point: string;
  /** `20261201T010000Z` */
  readonly slot: string;
}

export interface Place {
  readonly type: "file" | "block";
  readonly path: AbsolutePath;
}

/** The place of one run's image or scratch. */
type PlaceOf = (names: RunNames) => Place;

/** A disk that is backed up, and where its images go. */
export interface PlacedDisk {
  readonly choice: BackedUpChoice;
  /** Format of a full's image; one that holds changes is always qcow2. */
  readonly format: ImageFormat;
  readonly image: PlaceOf;
}

/** A disk that is served to be read. */
export interface ServedDisk extends PlacedDisk {
  readonly scratch: PlaceOf;
  readonly exportName: string;
  readonly exportBitmap: string;
}

/** Where a domain's images, scratch files and server are. */
export type Places =
  | { readonly mode: "push"; readonly disks: readonly PlacedDisk[] }
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
 * @returns no places where a domain in pull mode has no server, or one of its disks no scratch
 */
export function settlePlaces(
  policy: Policy,
  domain: ResolvedDomain,
  choices: readonly DiskChoice[],
): { places?: Places; diagnostics: readonly Diagnostic[] } {
  const mode = domain.settings.mode ?? DEFAULT_SETTINGS.mode;
  const backedUp = choices.filter(isBackedUp);
  const places = placesOf(policy, domain, mode, backedUp);
  return {
    ...(places && { places }),
    diagnostics: [
      ...checkMode(policy, domain, mode),
      ...checkConsolidate(policy, domain, backedUp),
      ...backedUp.flatMap((disk) => checkDisk(policy, domain, disk, mode)),
    ],
  };
}

function placesOf(
  policy: Policy,
  domain: ResolvedDomain,
  mode: Mode,
  backedUp: readonly BackedUpChoice[],
): Places | undefined {
  const { name, uuid } = domain.facts.domain;
  const fixed = { repository: policy.repository, policy: policy.name, domain: directoryOf(name), uuid };
  const place = ({ type, path: template }: PlaceSetting, disk: BackedUpChoice): PlaceOf => {
    // What does not change from run to run is filled in once.
    const values = { ...fixed, disk: disk.resolved.target, format: formatOf(disk), ...LATER };
    const path = fillPath(template, values);
    return ({ point, slot }) => ({
      type,
      path: path.replaceAll(LATER.point, point).replaceAll(LATER.slot, slot) as AbsolutePath,
    });
  };
  const placed = (choice: BackedUpChoice): PlacedDisk =>
    isStreamed(domain)
      ? { choice, format: "raw", image: place(STREAMED, choice) }
      : { choice, format: formatOf(choice), image: place(targetOf(choice), choice) };
  if (mode === "push") return { mode, disks: backedUp.map(placed) };
  const { server, stream } = domain.settings;
  const disks = backedUp.flatMap((choice): ServedDisk | [] => {
    const { target, settings } = choice.resolved;
    if (settings.scratch === undefined) return [];
    return {
      ...placed(choice),
      scratch: place(settings.scratch, choice),
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

function targetOf(disk: BackedUpChoice): PlaceSetting {
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
    ...placed(policy, pointer),
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
        ...placed(policy, domain.origins.of("mode")),
      },
    ];
  }
  return (["server", "stream"] as const).flatMap((setting): Diagnostic[] => {
    const own = domain.origins.of(setting);
    if (mode === "pull" || domain.settings[setting] === undefined || own.startsWith("/defaults/")) return [];
    return [
      {
        code: "TM114",
        severity: "error",
        message: `domain "${name}" is in push mode, which has no ${setting}`,
        hint: `remove ${setting}, or set mode: pull`,
        ...placed(policy, own),
      },
    ];
  });
}

function checkDisk(policy: Policy, domain: ResolvedDomain, disk: BackedUpChoice, mode: Mode): Diagnostic[] {
  const { settings, origins, target } = disk.resolved;
  const who = `disk "${target}" of "${domain.facts.domain.name}"`;
  const found: Diagnostic[] = [];
  if (mode === "pull" && settings.scratch === undefined) {
    found.push({
      code: "TM115",
      severity: "error",
      message: `pull mode needs a scratch path, but ${who} has none`,
      hint: "add scratch: /a/folder/with/space to the domain or to defaults",
      ...placed(policy, domain.origins.of("mode")),
    });
  }
  for (const setting of ["scratch", "exportName", "exportBitmap", "scratchSecret"] as const) {
    if (mode === "push" && settings[setting] !== undefined && !origins.of(setting).startsWith("/defaults/")) {
      found.push({
        code: "TM114",
        severity: "error",
        message: `${setting} belongs to pull mode, but ${who} is backed up in push mode`,
        hint: `remove ${setting}, or set mode: pull`,
        ...placed(policy, origins.of(setting)),
      });
    }
  }
  if (isStreamed(domain)) {
    for (const setting of ["target", "format"] as const) {
      if (settings[setting] === undefined) continue;
      found.push({
        code: "TM114",
        severity: "error",
        message: `${who} is streamed, so it has no image and no ${setting}`,
        hint: `remove ${setting}, or remove stream`,
        ...placed(policy, origins.of(setting)),
      });
    }
    return found;
  }
  if (formatOf(disk) === "raw" && disk.backup === "changes") {
    found.push({
      code: "TM405",
      severity: "error",
      message: `${who} has incrementals in raw images, which do not record which blocks have changed`,
      hint: ADVICE.TM405,
      ...placed(policy, origins.of("format")),
    });
  }
  const { path } = targetOf(disk);
  if (!/\{(?:point|slot)\}/.test(path)) {
    found.push({
      code: "TM306",
      severity: "error",
      message: `every run of ${who} would write to ${path} and overwrite the restore point before`,
      hint: "put {point} or {slot} into the target's path",
      ...placed(policy, origins.of("target")),
    });
  }
  return found;
}
