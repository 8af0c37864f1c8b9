import { posix } from "node:path";
import { directoryOf } from "../../inventory/directory.js";
import type { Claim, Writer } from "../fleet/collisions.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import type { DiskPaths, DomainPaths, ImagePath } from "./paths.js";

const SYMBOLIC = { point: "{point}", slot: "{slot}" };

/** What the runs of a domain write to, to be held against the other domains. */
export function writerOf(domain: ResolvedDomain, paths: DomainPaths, repository: string): Writer {
  const { name, uuid } = domain.facts.domain;
  const claim = (kind: Claim["kind"], { choice }: DiskPaths, { path }: ImagePath): Claim => {
    const { target, origins } = choice.resolved;
    return { path, disk: target, pointer: origins.of(kind === "image" ? "target" : kind), kind };
  };
  const claims =
    paths.mode === "push"
      ? paths.disks.map((disk) => claim("image", disk, disk.image(SYMBOLIC)))
      : paths.disks.flatMap((disk) => [
          claim("image", disk, disk.image(SYMBOLIC)),
          claim("scratch", disk, disk.scratch(SYMBOLIC)),
        ]);
  return {
    name,
    uuid,
    folder: posix.join(repository, directoryOf(name)),
    pointer: domain.origins.entry,
    claims,
    ...(paths.mode === "pull" && { server: { at: paths.server, pointer: domain.origins.of("server") } }),
  };
}
