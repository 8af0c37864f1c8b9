import { writeBackup, writeCheckpoint } from "../libvirt/write.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../plan/documents.js";
import { domainBash, restorablePoints, restoreFile, runFiles } from "../plan/files.js";
import type { DomainPlan, PlanHeader, Run } from "../plan/plan.js";
import { renderRestoreScript } from "./restore-script.js";
import { renderDomainDeclarations, renderRunScript } from "./run-script.js";
import { type Counts, type Place, type PlanFile, Staging } from "./staging.js";

/** Writes the files that a plan has of its domains. */
export interface DomainWriter {
  /**
   * Comes back when there is room for the next.
   * @param folder of the host in the plan directory; "" where hosts have no names
   * @param json the domain as `plan.json` has it
   * @throws the file system's own errors, of this domain or of one before
   */
  write(folder: string, header: PlanHeader, domain: DomainPlan, json: string): Promise<void> | void;
  /** Comes back when all is written. @throws as `write` */
  close(): Promise<Counts> | Counts;
  /** Gives up, if it is not closed. */
  stop(): Promise<void> | void;
}

/** Does it at once. */
export class DomainFiles implements DomainWriter {
  readonly #staging: Staging;

  constructor(place: Place) {
    this.#staging = new Staging(place);
  }

  write(folder: string, header: PlanHeader, domain: DomainPlan): void {
    for (const file of domainFiles(header, domain))
      this.#staging.write(folder === "" ? file : { ...file, path: `${folder}/${file.path}` });
  }

  close(): Counts {
    return this.#staging.counts;
  }

  stop(): void {}
}

function* domainFiles(header: PlanHeader, domain: DomainPlan): Generator<PlanFile> {
  yield { path: domainBash(domain), text: renderDomainDeclarations(header, domain) };
  for (const run of domain.runs) yield* runDocuments(header, domain, run);
  for (const point of restorablePoints(domain)) {
    yield {
      path: restoreFile(domain, point),
      text: renderRestoreScript(header, domain, point),
      executable: true,
    };
  }
}

function* runDocuments(header: PlanHeader, domain: DomainPlan, run: Run): Generator<PlanFile> {
  const files = runFiles(domain, run);
  yield { path: files.backup, text: writeBackup(backupDocument(domain, run)) };
  const checkpoint = checkpointDocument(domain, run);
  if (files.checkpoint !== undefined && checkpoint !== undefined) {
    yield { path: files.checkpoint, text: writeCheckpoint(checkpoint) };
  }
  if (files.fallback !== undefined) {
    yield { path: files.fallback, text: writeBackup(fallbackDocument(domain, run)) };
  }
  yield { path: files.script, text: renderRunScript(header, domain, run), executable: true };
}
