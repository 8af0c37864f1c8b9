import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { validator } from "../assets/assets.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { MAX_FILE, readBounded } from "../inventory/bounded.js";
import type { Manifest } from "../inventory/manifest.js";
import type { StoredDomain } from "./repository.js";
import type { Verification, VerifiedDomain } from "./verify.js";

/** What the newest verification of a restore point found. */
export interface VerifiedRecord {
  readonly point: string;
  /** When the verification began; an instant. */
  readonly at: string;
  /** Whether images were read to the end and checksums were compared. */
  readonly checksums: boolean;
  readonly restorable: boolean;
}

const STATE = ".tidemark";
const RECORD = "verified.json";

/** The record of verifications in a domain's folder, by restore point; empty if there is none that can be read. */
export function readVerified(folder: string): ReadonlyMap<string, VerifiedRecord> {
  try {
    const value: unknown = JSON.parse(readBounded(join(folder, STATE, RECORD), MAX_FILE).toString("utf8"));
    if (!validator("verified")(value)) return new Map();
    const { points } = value as { points: readonly VerifiedRecord[] };
    return new Map(points.map((record) => [record.point, record]));
  } catch {
    return new Map();
  }
}

/** Whether the record is about the images that the restore point has now: a fold writes them anew. */
export function isOfImages({ at }: VerifiedRecord, { finished, consolidated }: Manifest): boolean {
  return at >= (consolidated?.at ?? finished);
}

/**
 * Records a verification in `.tidemark/verified.json` of each domain's folder, where `tidemark status` reads it. What a comparison of
 * checksums found is not replaced by a quick look that finds nothing.
 * @param at when the verification began, an instant
 * @returns a warning (TM512) for each domain whose folder cannot be written to
 */
export function recordVerification(
  { domains, checksums }: Verification,
  stored: readonly StoredDomain[],
  at: string,
): Diagnostic[] {
  return domains.flatMap((domain): Diagnostic[] => {
    const manifests = stored.find(({ folder }) => folder === domain.folder)?.points ?? [];
    try {
      writeRecord(domain, recordsOf(domain, checksums, at), manifests[0]?.folder);
      return [];
    } catch (error) {
      const reason = error instanceof Linked ? error.message : fileReason(error);
      if (reason === undefined) throw error;
      return [
        {
          code: "TM512",
          severity: "warning",
          message: `that ${domain.name} was verified could not be recorded in ${join(domain.folder, STATE, RECORD)}: ${reason}`,
          hint: "run it as a user who may write there, or with --no-record; tidemark status tells when a restore point was last verified from this record",
        },
      ];
    }
  });
}

function recordsOf({ folder, points }: VerifiedDomain, checksums: boolean, at: string): VerifiedRecord[] {
  const former = readVerified(folder);
  return points.map(({ point, restorable, problems }) => {
    const found = { point, at, checksums, restorable: restorable && problems.length === 0 };
    const before = former.get(point);
    return checksums || !found.restorable || before?.checksums !== true ? found : before;
  });
}

class Linked extends Error {}

/** The file gets owner and mode of a manifest, so that whoever reads those can read it. */
function writeRecord(
  { folder }: VerifiedDomain,
  points: readonly VerifiedRecord[],
  pointFolder = folder,
): void {
  const state = join(folder, STATE);
  mkdirSync(state, { recursive: true });
  if (lstatSync(state).isSymbolicLink()) throw new Linked(`${state} is a link, and no run makes one there`);
  const part = join(state, `${RECORD}.part.${process.pid}`);
  const like = statSync(join(pointFolder, "manifest.json"));
  const rows = points.map((record) => `\n    ${JSON.stringify(record)}`).join(",");
  try {
    writeFileSync(part, `{\n  "formatVersion": "1.0",\n  "points": [${rows}\n  ]\n}\n`, {
      flag: "wx",
      mode: 0o600,
    });
    if (process.getuid?.() === 0) chownSync(part, like.uid, like.gid);
    chmodSync(part, like.mode & 0o777);
    renameSync(part, join(state, RECORD));
  } finally {
    rmSync(part, { force: true });
  }
}
