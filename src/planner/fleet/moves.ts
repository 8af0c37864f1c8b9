import type { DomainFacts, Inventory } from "../../inventory/inventory.js";
import type { Manifest } from "../../inventory/manifest.js";
import { ownersOf, type Policy } from "../../policy/policy.js";
import type { Site } from "./resolve.js";

/** The manifests of one domain in one inventory. */
interface HostManifests {
  readonly host: string;
  readonly manifests: readonly Manifest[];
}

/**
 * Finds for each domain of a fleet where its newest restore point was made. If the hosts share the repository, the
 * restore points of a domain that has moved come along: if the catalog of its new host does not have them yet, those of
 * the other hosts have.
 */
export function followMoves(policy: Policy, sites: readonly Site[]): readonly Site[] {
  if (policy.hosts === undefined) return sites;
  const owners = ownersOf(policy);
  const byDomain = new Map<string, HostManifests[]>();
  for (const { host = "", inventory } of sites) {
    for (const [uuid, manifests] of catalogsOf(inventory)) {
      const owned = manifests.filter((manifest) => owners.includes(manifest.policy));
      if (owned.length > 0) byDomain.set(uuid, [...(byDomain.get(uuid) ?? []), { host, manifests: owned }]);
    }
  }
  const shared = policy.sharedRepository !== false && !policy.repository.includes("{host}");
  return sites.map(({ host = "", inventory }) => {
    const { strays: _, ...kept } = inventory;
    const domains = inventory.domains.map((facts) =>
      follow(facts, host, byDomain.get(facts.domain.uuid) ?? [], shared),
    );
    return { host, inventory: { ...kept, domains } };
  });
}

function follow(
  facts: DomainFacts,
  host: string,
  all: readonly HostManifests[],
  shared: boolean,
): DomainFacts {
  const onThisHost = all.find((each) => each.host === host)?.manifests ?? [];
  const elsewhere = inOrder(all.filter((each) => each.host !== host));
  const known: readonly Made[] = onThisHost.map((manifest) => ({ manifest, host: manifest.host ?? host }));
  const newest = [...known, ...elsewhere].reduce<Made | undefined>(
    (last, each) => (last === undefined || each.manifest.slot > last.manifest.slot ? each : last),
    undefined,
  );
  // After a host was renamed, or if the repository came along, they are in the host's own catalog.
  const isHere = shared || onThisHost.some(({ point }) => point === newest?.manifest.point);
  const catalog = shared && onThisHost.length === 0 ? elsewhere.map(({ manifest }) => manifest) : [];
  return {
    ...facts,
    ...(catalog.length > 0 && { catalog: [...(facts.catalog ?? []), ...catalog] }),
    ...(newest !== undefined &&
      newest.host !== host && {
        moved: { from: newest.host, last: newest.manifest.slot, leftBehind: !isHere },
      }),
  };
}

interface Made {
  readonly manifest: Manifest;
  /** Where. */
  readonly host: string;
}

/** Each restore point once, oldest first. */
function inOrder(all: readonly HostManifests[]): readonly Made[] {
  const points = new Map<string, Made>();
  for (const { host, manifests } of all) {
    for (const manifest of manifests) points.set(manifest.point, { manifest, host: manifest.host ?? host });
  }
  return [...points.values()].sort(({ manifest: a }, { manifest: b }) =>
    a.slot === b.slot ? 0 : a.slot < b.slot ? -1 : 1,
  );
}

function catalogsOf({ domains, strays = [] }: Inventory): Map<string, readonly Manifest[]> {
  const catalogs = new Map<string, readonly Manifest[]>(
    domains.map(({ domain, catalog = [] }) => [domain.uuid, catalog]),
  );
  for (const manifest of strays)
    catalogs.set(manifest.uuid, [...(catalogs.get(manifest.uuid) ?? []), manifest]);
  return catalogs;
}
