import { posix } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import { type Policy, placed } from "../../policy/policy.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import type { Places } from "./places.js";

/** Bytes of a name (NAME_MAX), and of a path without the zero at its end (PATH_MAX), on Linux. */
const MAX_NAME = 255;
const MAX_PATH = 4095;

/** What runs put behind the name of an image, as long as it is not whole. */
const UNFINISHED = ".folded.part";

/** Paths of a domain's runs that no file system of Linux takes (TM321): names that are put together may become too long. */
export function checkLengths(
  policy: Policy,
  { facts: { domain }, origins }: ResolvedDomain,
  places: Places,
): Diagnostic[] {
  const slot = "20260101T000000Z";
  const names = { point: `${policy.name}-${slot}`, slot };
  const directory = directoryOf(domain.name);
  const folder = posix.join(policy.repository, directory);
  const paths = [
    { path: `${folder}/.tidemark/pruned/${names.point}/manifest.json`, pointer: "/repository" },
    ...(policy.metrics === undefined
      ? []
      : [
          {
            path: `${policy.metrics.directory}/tidemark-${policy.name}@${directory}.prom`,
            pointer: "/metrics/directory",
          },
        ]),
    ...places.disks.map(({ choice: { resolved }, image }) => ({
      path: `${image(names).path}${UNFINISHED}`,
      pointer: resolved.origins.of("target"),
    })),
    ...(places.mode === "push"
      ? []
      : places.disks.map(({ choice: { resolved }, scratch }) => ({
          path: scratch(names).path,
          pointer: resolved.origins.of("scratch"),
        }))),
  ];
  return paths.flatMap(({ path, pointer }): Diagnostic[] => {
    const trouble = tooLong(path);
    if (trouble === undefined) return [];
    return [
      {
        code: "TM321",
        severity: "error",
        message: `a path of "${domain.name}" is too long: ${trouble}`,
        hint: "shorten the names that the path is made of: the folder, the policy, or the domain",
        ...placed(policy, policy.locations.has(pointer) ? pointer : origins.entry),
      },
    ];
  });
}

function tooLong(path: string): string | undefined {
  const name = path.split("/").find((segment) => Buffer.byteLength(segment) > MAX_NAME);
  if (name !== undefined) {
    return `the name ${shortened(name)} has ${Buffer.byteLength(name)} bytes, and ${MAX_NAME} fit`;
  }
  const bytes = Buffer.byteLength(path);
  return bytes > MAX_PATH ? `${shortened(path)} has ${bytes} bytes, and ${MAX_PATH} fit` : undefined;
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= 60
    ? text
    : `${characters.slice(0, 40).join("")}…${characters.slice(-17).join("")}`;
}
