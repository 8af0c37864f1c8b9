import { posix } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import { located, type Policy } from "../../policy/policy.js";
import type { ResolvedDomain } from "../fleet/resolve.js";
import type { DomainPaths } from "./paths.js";

/** Bytes of a name (NAME_MAX), and of a path without the zero at its end (PATH_MAX), on Linux. */
const MAX_NAME = 255;
const MAX_PATH = 4095;

/** The suffix of an image that is not complete yet. */
const UNFINISHED = ".folded.part";

/** Paths of a domain's runs that are longer than Linux allows (TM321), because they are put together from several names. */
export function checkLengths(
  policy: Policy,
  { facts: { domain }, origins }: ResolvedDomain,
  paths: DomainPaths,
): Diagnostic[] {
  const slot = "20260101T000000Z";
  const names = { point: `${policy.name}-${slot}`, slot };
  const directory = directoryOf(domain.name);
  const folder = posix.join(policy.repository, directory);
  const written = [
    { path: `${folder}/.tidemark/pruned/${names.point}/manifest.json`, pointer: "/repository" },
    ...(policy.metrics === undefined
      ? []
      : [
          {
            path: `${policy.metrics.directory}/tidemark-${policy.name}@${directory}.prom`,
            pointer: "/metrics/directory",
          },
        ]),
    ...paths.disks.map(({ choice: { resolved }, image }) => ({
      path: `${image(names).path}${UNFINISHED}`,
      pointer: resolved.origins.of("target"),
    })),
    ...(paths.mode === "push"
      ? []
      : paths.disks.map(({ choice: { resolved }, scratch }) => ({
          path: scratch(names).path,
          pointer: resolved.origins.of("scratch"),
        }))),
  ];
  return written.flatMap(({ path, pointer }): Diagnostic[] => {
    const trouble = tooLong(path);
    if (trouble === undefined) return [];
    return [
      {
        code: "TM321",
        severity: "error",
        message: `a path of "${domain.name}" is too long: ${trouble}`,
        hint: "shorten the names that the path is made of: the folder, the policy, or the domain",
        ...located(policy, policy.locations.has(pointer) ? pointer : origins.entry),
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
