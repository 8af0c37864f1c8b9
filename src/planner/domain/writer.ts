import { posix } from "node:path";
import { directoryOf } from "../../inventory/directory.js";
import type { Claim, Writer } from "../fleet/collisions.js";
import type { PreparedDomain } from "./prepared.js";

const SYMBOLIC = { point: "{point}", slot: "{slot}" };

/** What the runs of a domain write to, to be held against the other domains. */
export function writerOf({ domain, choices, places }: PreparedDomain, repository: string): Writer {
  const { name, uuid } = domain.facts.domain;
  const claims = choices
    .filter((choice) => choice.leftOut === undefined)
    .flatMap((choice): Claim[] => {
      const { target, origins } = choice.resolved;
      const image = {
        path: places.image(choice, SYMBOLIC).path,
        disk: target,
        pointer: origins.of("target"),
      };
      if (places.mode === "push") return [{ ...image, kind: "image" }];
      const scratch = places.scratch(choice, SYMBOLIC);
      return [
        { ...image, kind: "image" },
        { path: scratch.path, disk: target, pointer: origins.of("scratch"), kind: "scratch" },
      ];
    });
  return {
    name,
    uuid,
    folder: posix.join(repository, directoryOf(name)),
    claims,
    ...(places.server && { server: { at: places.server, pointer: domain.origins.of("server") } }),
  };
}
