import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { BrokenImage } from "../inventory/damage.js";
import { directoryOf } from "../inventory/directory.js";
import { loadInventory } from "../inventory/load.js";
import type { Manifest } from "../inventory/manifest.js";
import { brokenImages } from "../repository/catalog.js";
import { type Outcome, readOutcomes } from "../repository/outcomes.js";
import { readRepository } from "../repository/repository.js";
import { readVerified, type VerifiedRecord } from "../repository/verified.js";

/** What is there of a domain. */
export interface Present {
  /** Name of its folder in the repository. */
  readonly directory: string;
  readonly name: string;
  readonly uuid: string;
  /** Its restore points, oldest slot first. */
  readonly manifests: readonly Manifest[];
  /** Manifests that are damaged, as sentences. */
  readonly damaged: readonly string[];
  /** Images that are missing or cut short. */
  readonly broken: readonly BrokenImage[];
  /** A run is at work, or one was interrupted and has not been undone. */
  readonly unfinished: boolean;
  /** How its runs ended, oldest first; undefined where there is no record, as in a catalog. */
  readonly outcomes?: readonly Outcome[];
  /** By restore point. */
  readonly verified: ReadonlyMap<string, VerifiedRecord>;
}

/**
 * What a repository, or the folder of one domain in it, has of each domain.
 * @param mayBeEmpty its first run may still be to come, so that it need not even exist
 */
export function presentInRepository(
  root: string,
  mayBeEmpty: boolean,
): { present: readonly Present[]; diagnostics: readonly Diagnostic[] } {
  if (mayBeEmpty && !existsSync(root)) return { present: [], diagnostics: [] };
  const { repository, diagnostics } = readRepository(root, mayBeEmpty);
  const folders = new Set([
    ...repository.domains.map(({ folder }) => folder),
    ...repository.damaged.map(({ folder }) => folder),
  ]);
  const present = [...folders].sort().map((folder): Present => {
    const { name, uuid, points } = repository.domains.find((domain) => domain.folder === folder) ?? {
      name: basename(folder),
      uuid: "",
      points: [],
    };
    const outcomes = readOutcomes(folder);
    return {
      directory: basename(folder),
      name,
      uuid,
      manifests: points.map(({ manifest }) => manifest),
      damaged: repository.damaged
        .filter((each) => each.folder === folder)
        .map(({ point, fault }) => `${join(folder, point, "manifest.json")} ${fault}`),
      broken: points.flatMap(brokenImages),
      unfinished: existsSync(join(folder, ".tidemark/journal")),
      ...(outcomes !== undefined && { outcomes }),
      verified: readVerified(folder),
    };
  });
  // What is damaged or unfinished is part of the status; what else was found is reported.
  return { present, diagnostics: diagnostics.filter(({ code }) => code !== "TM207" && code !== "TM508") };
}

/** What the catalog of an inventory has of each domain. */
export function presentInCatalog(folder: string): {
  present: readonly Present[];
  diagnostics: readonly Diagnostic[];
} {
  const { inventory, diagnostics } = loadInventory(folder);
  const present = (inventory?.domains ?? []).flatMap(
    ({ domain: { name, uuid }, catalog, damaged = [], broken = [] }): Present[] =>
      catalog === undefined
        ? []
        : [
            {
              directory: directoryOf(name),
              name,
              uuid,
              manifests: catalog,
              damaged,
              broken,
              unfinished: false,
              verified: new Map(),
            },
          ],
  );
  return { present, diagnostics };
}
