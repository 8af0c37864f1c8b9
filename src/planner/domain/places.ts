import { posix } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { BackupServer } from "../../libvirt/backup.js";
import {
  type ImageFormat,
  type Level,
  type Mode,
  type PlaceSetting,
  type Policy,
  placed,
  type StreamSetting,
} from "../../policy/policy.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import { ADVICE } from "./advice.js";
import type { DiskChoice } from "./disks.js";

const DEFAULT_TARGET = "{repository}/{domain}/{point}/{disk}.{format}";
/** What is sent lies here for a moment, and once received again under the same name beside its predecessor. */
const STREAMED = "{repository}/{domain}/{point}/{disk}.stream";

/** Stand for what differs from run to run: a domain may be called {point}, and no name holds these. */
const LATER = { point: "\u0000point", slot: "\u0000slot" } as const;

/** What differs between the runs of one disk. */
export interface RunNames {
  readonly point: string;
  /** `20261201T010000Z` */
  readonly slot: string;
}

/** Where a domain's images, scratch files and server are. */
export interface Places {
  readonly mode: Mode;
  readonly server?: BackupServer;
  readonly stream?: StreamSetting;
  readonly format: (disk: DiskChoice, level: Level) => ImageFormat;
  readonly image: (disk: DiskChoice, names: RunNames) => Place;
  /** Pull mode only. */
  readonly scratch: (disk: DiskChoice, names: RunNames) => Place;
}

export interface Place {
  readonly type: "file" | "block";
  readonly path: string;
}

/** Settles mode, server, formats and paths of a domain; reports settings that the mode lacks, forbids or cannot serve. */
export function settlePlaces(
  policy: Policy,
  domain: ResolvedDomain,
  choices: readonly DiskChoice[],
): { places: Places; diagnostics: readonly Diagnostic[] } {
  const { name, uuid } = domain.facts.domain;
  const directory = directoryOf(name);
  const mode = domain.settings.mode ?? "push";
  const backedUp = choices.filter((choice) => choice.leftOut === undefined);
  const fill = (template: string, values: Readonly<Record<string, string>>): string =>
    template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
  const fixed = { repository: policy.repository, policy: policy.name, domain: directory, uuid };
  const place = (setting: PlaceSetting, disk: DiskChoice): ((names: RunNames) => Place) => {
    const type = typeof setting === "string" ? "file" : "block";
    const template = typeof setting === "string" ? setting : setting.block;
    const path = posix.normalize(
      fill(template, { ...fixed, disk: disk.resolved.target, format: formatOf(disk), ...LATER }),
    );
    return ({ point, slot }) => ({
      type,
      path: path.replaceAll(LATER.point, point).replaceAll(LATER.slot, slot),
    });
  };
  const stream = mode === "pull" ? domain.settings.stream : undefined;
  // What does not change from run to run is filled in once.
  const images = new Map(choices.map((disk) => [disk, place(stream ? STREAMED : targetOf(disk), disk)]));
  const scratches = new Map(choices.map((disk) => [disk, place(scratchTemplate(disk), disk)]));
  const nowhere = (): Place => ({ type: "file", path: "" });

  const server = mode === "pull" ? serverOf(domain, (text) => fill(text, fixed)) : undefined;
  return {
    places: {
      mode,
      ...(server && { server }),
      ...(stream && { stream }),
      format: (disk, level) => (stream === undefined ? formatOf(disk) : level === "full" ? "raw" : "qcow2"),
      image: (disk, names) => (images.get(disk) ?? nowhere)(names),
      scratch: (disk, names) => (scratches.get(disk) ?? nowhere)(names),
    },
    diagnostics: [
      ...checkMode(policy, domain, mode),
      ...checkConsolidate(policy, domain, backedUp, stream !== undefined),
      ...backedUp.flatMap((disk) => checkDisk(policy, domain, disk, mode)),
    ],
  };
}

function formatOf(disk: DiskChoice): ImageFormat {
  return disk.resolved.settings.format ?? "qcow2";
}

function targetOf(disk: DiskChoice): PlaceSetting {
  return disk.resolved.settings.target ?? DEFAULT_TARGET;
}

/** A scratch setting without `{disk}` names a folder. */
function scratchTemplate(disk: DiskChoice): PlaceSetting {
  const setting = disk.resolved.settings.scratch ?? "";
  return typeof setting === "string" && !setting.includes("{disk}")
    ? `${setting}/{domain}-{disk}.qcow2`
    : setting;
}

function serverOf(domain: ResolvedDomain, fill: (text: string) => string): BackupServer | undefined {
  const setting = domain.settings.server;
  if (setting === undefined) return undefined;
  return setting.transport === "unix"
    ? { transport: "unix", socket: posix.normalize(fill(setting.socket)) }
    : { transport: "tcp", name: setting.host, port: setting.port, tls: setting.tls ?? false };
}

/** Folding writes a new file and renames it: there is none in a stream, nor beside a block device. */
function checkConsolidate(
  policy: Policy,
  domain: ResolvedDomain,
  disks: readonly DiskChoice[],
  streamed: boolean,
): Diagnostic[] {
  if (!policy.consolidate) return [];
  const name = domain.facts.domain.name;
  const refuse = (why: string, pointer: string): Diagnostic => ({
    code: "TM114",
    severity: "error",
    message: `consolidate cannot fold the restore points of "${name}": ${why}`,
    hint: "put this domain into a policy of its own, without consolidate; maxChainLength bounds its chains",
    ...placed(policy, pointer),
  });
  if (streamed) return [refuse("they are streamed", domain.origins.of("stream"))];
  return disks
    .filter((disk) => disk.noCheckpoint === undefined && typeof targetOf(disk) !== "string")
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
        message: `pull mode needs a server, and domain "${name}" has none`,
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

function checkDisk(policy: Policy, domain: ResolvedDomain, disk: DiskChoice, mode: Mode): Diagnostic[] {
  const { settings, origins, target } = disk.resolved;
  const who = `disk "${target}" of "${domain.facts.domain.name}"`;
  const found: Diagnostic[] = [];
  if (mode === "pull" && settings.scratch === undefined) {
    found.push({
      code: "TM115",
      severity: "error",
      message: `pull mode needs a scratch place, and ${who} has none`,
      hint: "add scratch: /a/folder/with/space to the domain or to defaults",
      ...placed(policy, domain.origins.of("mode")),
    });
  }
  for (const setting of ["scratch", "exportName", "exportBitmap", "scratchSecret"] as const) {
    if (mode === "push" && settings[setting] !== undefined && !origins.of(setting).startsWith("/defaults/")) {
      found.push({
        code: "TM114",
        severity: "error",
        message: `${setting} is for pull mode, and ${who} is backed up in push mode`,
        hint: `remove ${setting}, or set mode: pull`,
        ...placed(policy, origins.of(setting)),
      });
    }
  }
  if (mode === "pull" && domain.settings.stream !== undefined) {
    for (const setting of ["target", "format"] as const) {
      if (settings[setting] === undefined) continue;
      found.push({
        code: "TM114",
        severity: "error",
        message: `${who} is streamed, and has no image whose ${setting} could be chosen`,
        hint: `remove ${setting}, or remove stream`,
        ...placed(policy, origins.of(setting)),
      });
    }
    return found;
  }
  if (formatOf(disk) === "raw" && disk.noCheckpoint === undefined) {
    found.push({
      code: "TM405",
      severity: "error",
      message: `${who} would get incrementals in raw images, which do not tell changed blocks from holes`,
      hint: ADVICE.TM405,
      ...placed(policy, origins.of("format")),
    });
  }
  const template = targetOf(disk);
  const text = typeof template === "string" ? template : template.block;
  if (!/\{(?:point|slot)\}/.test(text)) {
    found.push({
      code: "TM306",
      severity: "error",
      message: `every run of ${who} would write to ${text}, over the restore point before`,
      hint: "put {point} or {slot} into the target's path",
      ...placed(policy, origins.of("target")),
    });
  }
  return found;
}
