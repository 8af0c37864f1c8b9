import { statSync } from "node:fs";
import { basename } from "node:path";
import type { CapturedFile } from "../inventory/capture.js";
import type { DamageFile } from "../inventory/damage.js";
import { imageOf, type Repository, type StoredPoint } from "./repository.js";

/**
 * The catalog of the captured domains: their manifests, and what of them is damaged. The dot file says that there is a catalog
 * also while it is empty.
 * @param domains segments of the domains captured, which are the names of their folders
 * @param hasImages false where only manifests were copied: what lies beside them cannot be told
 */
export function catalogOf(
  { domains: stored, damaged }: Repository,
  domains: readonly string[],
  hasImages = true,
): CapturedFile[] {
  const files: CapturedFile[] = [{ path: "catalog/.keep", text: "" }];
  const put = (segment: string, name: string, value: object) =>
    files.push({ path: `catalog/${segment}/${name}.json`, text: `${JSON.stringify(value, null, 2)}\n` });
  for (const segment of domains) {
    const points = stored
      .filter(({ folder }) => basename(folder) === segment)
      .flatMap((domain) => domain.points);
    for (const { manifest } of points) put(segment, manifest.point, manifest);
    const damage: DamageFile = {
      formatVersion: "1.0",
      manifests: damaged.flatMap(({ folder, point, fault }) =>
        basename(folder) === segment ? { point, fault } : [],
      ),
      images: hasImages ? points.flatMap(brokenImages) : [],
    };
    if (damage.manifests.length + damage.images.length > 0) put(segment, "damage", damage);
  }
  return files;
}

/** Images that are gone, or not as long as the manifest says: what can be seen without reading them. */
export function brokenImages(point: StoredPoint): DamageFile["images"] {
  const { manifest } = point;
  if (manifest.stream !== undefined) return [];
  return manifest.disks.flatMap((disk) => {
    const path = imageOf(point, disk);
    const facts = statSync(path, { throwIfNoEntry: false });
    const fault =
      facts === undefined
        ? "is missing"
        : facts.isFile() && facts.size !== disk.size
          ? `has ${facts.size} bytes, but its manifest says ${disk.size}`
          : undefined;
    return fault === undefined ? [] : { point: manifest.point, target: disk.target, fault };
  });
}
