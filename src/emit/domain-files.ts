import type { Checkpoint } from "../libvirt/checkpoint.js";
import { writeBackup, writeCheckpoint } from "../libvirt/write.js";
import { backupDocument, checkpointDocument } from "../plan/documents.js";
import { type DomainPath, filesOfDomain } from "../plan/files.js";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { renderDomainDeclarations, renderRestoreScript, renderRunScript } from "./run-script.js";
import { renderRuns } from "./runs-table.js";
import { type Counts, type PlanFile, type StagedDirectory, Staging } from "./staging.js";

/** The host whose domains are written. */
export interface HostOfDomains {
  /** The host's folder in the plan directory; "" if the policy names no hosts. */
  readonly folder: string;
  readonly header: PlanHeader;
  /** The answers that the host's plan.bash gives. */
  readonly usual: string;
}

/** Writes the files of a plan's domains. */
export interface DomainWriter {
  /**
   * Writes a domain; resolves when the next one can be given.
   * @param json the domain's text in `plan.json`
   * @throws errors of the file system, for this domain or an earlier one
   */
  write(host: HostOfDomains, domain: DomainPlan, json: string): Promise<void> | void;
  /** Resolves when everything is written. @throws as `write` */
  close(): Promise<Counts> | Counts;
  /** Stops without writing the rest, unless it is closed. */
  stop(): Promise<void> | void;
}

/** Writes in the same thread. */
export class DomainFiles implements DomainWriter {
  readonly #staging: Staging;

  constructor(directory: StagedDirectory) {
    this.#staging = new Staging(directory);
  }

  write(host: HostOfDomains, domain: DomainPlan): void {
    const folder = host.folder === "" ? "" : `${host.folder}/`;
    for (const { path, ...file } of domainFiles(host, domain))
      this.#staging.write({ path: folder + path, ...file });
  }

  close(): Counts {
    return this.#staging.counts;
  }

  stop(): void {}
}

/** All files that a plan has of a domain, each made when it is asked for. */
export function* domainFiles(
  host: Pick<HostOfDomains, "header" | "usual">,
  domain: DomainPlan,
): Generator<Required<PlanFile>> {
  for (const file of filesOfDomain(domain)) yield domainFile(host, domain, file);
}

function domainFile(
  { header, usual }: Pick<HostOfDomains, "header" | "usual">,
  domain: DomainPlan,
  file: DomainPath,
): Required<PlanFile> {
  const { path } = file;
  switch (file.holds) {
    case "declarations":
      return { path, text: renderDomainDeclarations(header, domain, usual), executable: false };
    case "runs":
      return { path, text: renderRuns(header, domain), executable: false };
    case "run":
      return { path, text: renderRunScript(header, domain), executable: true };
    case "restore":
      return { path, text: renderRestoreScript(header, domain), executable: true };
    case "backup":
      return { path, text: writeBackup(backupDocument(domain, file.run)), executable: false };
    case "checkpoint":
      return {
        path,
        text: writeCheckpoint(checkpointDocument(domain, file.run) as Checkpoint),
        executable: false,
      };
  }
}
