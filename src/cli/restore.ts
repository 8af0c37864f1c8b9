import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Choice } from "../compilation/choose.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { libraryText } from "../emit/library.js";
import { LIBRARY } from "../plan/files.js";
import { parseMoment } from "../policy/moment.js";
import { readRepository, type StoredDomain, type StoredPoint } from "../repository/repository.js";
import { onlyOrStored, storedDomain } from "./domain-option.js";
import type { ExitStatus } from "./exit-status.js";
import { report } from "./report.js";
import { fit, terminalWidth } from "./terminal.js";

interface RestoreOptions {
  readonly domain?: string;
  readonly at?: string;
  readonly list?: boolean;
  readonly format: "text" | "json";
  readonly to?: string;
  readonly disk?: readonly string[];
  readonly imageFormat?: string;
  readonly device?: readonly string[];
  readonly define?: string;
  readonly sameIdentity?: boolean;
  readonly replace?: boolean;
  readonly aside?: string;
  readonly yes?: boolean;
  readonly instant?: boolean;
  readonly cancel?: boolean;
  readonly mount?: string;
  readonly unmount?: string;
  readonly stopWithin?: string;
  readonly keep?: readonly string[];
  readonly connect?: string;
  readonly checkOnly?: boolean;
  readonly dryRun?: boolean;
}

/** `tidemark restore`: restores from a repository alone. */
export function restoreCommand(root: string, options: RestoreOptions): ExitStatus {
  const { repository, diagnostics } = readRepository(root);
  const fail = (...more: readonly Diagnostic[]): ExitStatus => {
    report([...diagnostics, ...more], options.format);
    return 1;
  };
  if (repository.domains.length === 0) return fail();
  if (options.list === true) {
    const only = options.domain === undefined ? undefined : storedDomain(repository.domains, options.domain);
    if (only !== undefined && only.chosen === undefined) return fail(...only.diagnostics);
    report(diagnostics, options.format);
    const listed = only?.chosen === undefined ? repository.domains : [only.chosen];
    process.stdout.write(
      options.format === "json" ? listingJson(listed) : fit(listing(listed), terminalWidth()),
    );
    return 0;
  }
  const { chosen: domain, diagnostics: unclear } = onlyOrStored(repository.domains, options.domain);
  if (domain === undefined) return fail(...unclear);
  const { chosen: point, diagnostics: missing } = choosePoint(domain, options.at);
  if (point === undefined) return fail(...missing);
  // By a time the damaged one may be meant; another is only restored where it is named.
  const isNamed = point.manifest.point === options.at;
  if (!isNamed && repository.damaged.some(({ folder }) => folder === domain.folder)) {
    return fail({
      code: "TM509",
      severity: "error",
      message: `which restore point of "${domain.name}" is the newest cannot be told, as a manifest is damaged`,
      hint: `name one that is whole with --at: ${domain.points.map(({ manifest }) => manifest.point).join(", ")}`,
    });
  }

  report(diagnostics, options.format);
  const { name, uuid, folder } = domain;
  const args = [
    ...(options.to === undefined ? [] : ["--to", options.to]),
    ...(options.disk ?? []).flatMap((target) => ["--disk", target]),
    ...(options.imageFormat === undefined ? [] : ["--format", options.imageFormat]),
    ...(options.device ?? []).flatMap((each) => ["--device", each]),
    ...(options.replace === true ? ["--replace"] : []),
    ...(options.aside === undefined ? [] : ["--aside", options.aside]),
    ...(options.yes === true ? ["--yes"] : []),
    ...(options.instant === true ? ["--instant"] : []),
    ...(options.cancel === true ? ["--cancel"] : []),
    ...(options.mount === undefined ? [] : ["--mount", options.mount]),
    ...(options.unmount === undefined ? [] : ["--unmount", options.unmount]),
    ...(options.stopWithin === undefined ? [] : ["--stop-within", options.stopWithin]),
    ...(options.sameIdentity === true ? ["--same-identity"] : []),
    ...(options.define === undefined ? [] : ["--define", options.define]),
    ...(options.keep ?? []).flatMap((element) => ["--keep", element]),
    ...(options.connect === undefined ? [] : ["--connect", options.connect]),
    ...(options.checkOnly === true ? ["--check-only"] : []),
    ...(options.dryRun === true ? ["--dry-run"] : []),
  ];
  const done = restorePoint([name, uuid, resolve(folder), point.manifest.point, ...args]);
  if (done.error !== undefined) {
    const message = `bash cannot be run: ${done.error.message}`;
    const hint = "docs/restore.md shows how to restore with qemu-img alone";
    report([{ code: "TM510", severity: "error", message, hint }], options.format);
    return 1;
  }
  return done.status === 0 ? 0 : 1;
}

/** Runs the machinery of the emitted restore scripts, of which this command is one more. */
function restorePoint(args: readonly string[]): SpawnSyncReturns<Buffer> {
  const lib = mkdtempSync(join(tmpdir(), "tidemark-lib-"));
  // An interrupt reaches bash as well: it cleans up first, then this does.
  process.once("SIGINT", () => {});
  try {
    for (const name of LIBRARY) writeFileSync(join(lib, `${name}.bash`), libraryText(name));
    const script =
      'set -euo pipefail; source "$0/guard.bash" quiet; source "$0/restore.bash"; restore_point "$@"; leave 0';
    return spawnSync("bash", ["-c", script, lib, ...args], { stdio: "inherit" });
  } finally {
    rmSync(lib, { recursive: true, force: true });
  }
}

/** `schemas/listing.schema.json` */
function listingJson(domains: readonly StoredDomain[]): string {
  const listed = domains.map(({ name, uuid, folder, points }) => ({
    name,
    uuid,
    folder,
    points: points.map(({ manifest: { point, slot, level, deviation } }) => ({
      point,
      slot,
      level,
      ...(deviation !== undefined && { deviation }),
    })),
  }));
  return `${JSON.stringify({ formatVersion: "1.0", domains: listed }, null, 2)}\n`;
}

function listing(domains: readonly StoredDomain[]): string {
  const lines = domains.flatMap(({ name, points }) => [
    name,
    ...points.map(
      ({ manifest }) =>
        `  ${manifest.slot}  ${manifest.level.padEnd(12)}  ${manifest.point}${manifest.deviation === undefined ? "" : `  (${manifest.deviation})`}`,
    ),
  ]);
  return `${lines.join("\n")}\n`;
}

/** The newest restore point at or before a time; a day means its end. Times without an offset are UTC, as in names. */
function choosePoint({ name, points }: StoredDomain, at: string | undefined): Choice<StoredPoint> {
  const hint = `the restore points are: ${points.map(({ manifest }) => manifest.point).join(", ")}`;
  const none = (message: string): Choice<StoredPoint> => ({
    diagnostics: [{ code: "TM509", severity: "error", message, hint }],
  });
  const newestOf = (point: StoredPoint | undefined, message: string) =>
    point === undefined ? none(message) : { chosen: point, diagnostics: [] };
  if (at === undefined) return newestOf(points.at(-1), `"${name}" has no restore point`);
  const named = points.find(({ manifest }) => manifest.point === at);
  if (named !== undefined) return { chosen: named, diagnostics: [] };
  const limit = instantOf(at);
  if (limit === undefined) {
    return none(
      `"${at}" is neither a time (2026-12-07T03:00:00Z), nor a day (2026-12-07), nor a restore point of "${name}"`,
    );
  }
  return newestOf(
    points.findLast(({ manifest }) => Date.parse(manifest.slot) <= limit),
    `"${name}" has no restore point at or before ${at}`,
  );
}

/** Milliseconds; undefined if it is no time. */
function instantOf(text: string): number | undefined {
  const moment = parseMoment(text, "UTC");
  return moment === undefined || !/^\d{4}-\d\d-\d\d$/.test(text) ? moment?.time : moment.time + A_DAY - 1000;
}

const A_DAY = 86_400_000;
