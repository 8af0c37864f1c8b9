import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { plural } from "../diagnostics/amounts.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { fileTrouble, PlanDirectory } from "../emit/plan-directory.js";
import { redefineFiles } from "../emit/redefine-script.js";
import type { PlanFile } from "../emit/staging.js";
import { checkpointsOf, domainOf } from "../inventory/xml-files.js";
import type { Domain } from "../libvirt/domain.js";
import { type LostCheckpoint, lostCheckpoints } from "../repository/redefine.js";
import { readRepository, type StoredDomain } from "../repository/repository.js";
import { storedDomain } from "./domain-option.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { report } from "./report.js";

interface RedefineOptions {
  readonly domainXml: string;
  readonly domain?: string;
  readonly checkpoints?: string;
  readonly out: string;
  readonly format: InputOptions["format"];
}

/** `tidemark redefine`: writes documents and a script that define the checkpoints again that libvirt has lost. */
export function redefineCommand(root: string, options: RedefineOptions): ExitStatus {
  const { repository, diagnostics: reading } = readRepository(root);
  const diagnostics = [...reading];
  const domain = domainOf(options.domainXml, diagnostics);
  const existing = options.checkpoints === undefined ? [] : checkpointsOf(options.checkpoints, diagnostics);
  const stop = (): ExitStatus => {
    report(diagnostics, options.format);
    return 1;
  };
  if (domain === undefined || hasErrors(diagnostics)) return stop();

  const stored = repository.domains.find(({ uuid }) => uuid === domain.uuid);
  const { chosen, diagnostics: unclear } =
    options.domain === undefined && stored !== undefined
      ? { chosen: stored, diagnostics: [] }
      : storedDomain(repository.domains, options.domain ?? domain.name);
  diagnostics.push(...unclear);
  if (chosen === undefined) return stop();
  if (chosen.uuid !== domain.uuid) diagnostics.push(otherUuid(chosen, domain.uuid));
  const newest = chosen.points.findLast(({ manifest }) => manifest.checkpoint)?.manifest.point;
  const { lost, diagnostics: problems } = lostCheckpoints(chosen, domain, existing);
  diagnostics.push(...problems);
  if (newest === undefined || lost.length === 0) {
    diagnostics.push({
      code: "TM509",
      severity: "error",
      message: `no restore point of "${chosen.name}" has a checkpoint that libvirt has lost`,
      hint: "the next run takes a full, or reads changes since a checkpoint that exists",
    });
  }
  if (newest === undefined || hasErrors(diagnostics)) return stop();
  const trouble = writeNew(options.out, redefineFiles(domain, lost, newest));
  if (trouble !== undefined) diagnostics.push(trouble);
  report(diagnostics, options.format);
  if (trouble !== undefined) return 1;
  const script = join(options.out, "redefine.sh");
  process.stdout.write(
    options.format === "json"
      ? asJson(options.out, script, domain, lost)
      : `${options.out}: ${lost.length} ${plural(lost.length, "checkpoint")} of "${domain.name}", up to ${newest}\ncall on the host: ${script} --dry-run, then the same without --dry-run\n`,
  );
  return 0;
}

/** `schemas/redefinition.schema.json` */
function asJson(
  directory: string,
  script: string,
  { name, uuid }: Domain,
  lost: readonly LostCheckpoint[],
): string {
  const checkpoints = lost.map(({ checkpoint }) => checkpoint.name);
  return `${JSON.stringify({ formatVersion: "1.0", directory, script, domain: name, uuid, checkpoints }, null, 2)}\n`;
}

/** Writes a new folder as a whole, or not at all. */
function writeNew(out: string, files: readonly PlanFile[]): Diagnostic | undefined {
  const root = resolve(out);
  if (existsSync(root)) {
    return {
      code: "TM504",
      severity: "error",
      message: `${out} exists already`,
      hint: "choose a new folder with -o",
    };
  }
  let directory: PlanDirectory | undefined;
  try {
    directory = new PlanDirectory(root);
    for (const file of files) directory.add(file);
    directory.commit(() => []);
    return undefined;
  } catch (error) {
    directory?.discard();
    return fileTrouble(error, out);
  }
}

function otherUuid({ name, uuid }: StoredDomain, now: string): Diagnostic {
  return {
    code: "TM509",
    severity: "warning",
    message: `the restore points of "${name}" are of the domain ${uuid}, but this domain has the UUID ${now}`,
    hint: "the checkpoints can be defined, but a plan continues a chain only for the same UUID; define the domain with its old UUID",
  };
}
