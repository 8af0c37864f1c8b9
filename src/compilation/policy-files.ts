import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, posix } from "node:path";
import { compareText } from "../diagnostics/diagnostic.js";
import { fileReason } from "../diagnostics/file-reason.js";
import { readUpTo } from "../inventory/bounded.js";
import { isOutside, projectOf } from "../inventory/project.js";
import { globMatcher, isGlob } from "../policy/glob.js";
import type { PolicyFiles } from "../policy/policy-files.js";
import { MAX_POLICY } from "../policy/yaml.js";

/** The files of this machine, for a policy's file. */
export function policyFilesFor(file: string): PolicyFiles {
  const project = projectOf(dirname(file));
  // What the command line names there is a pipe, or the standard input.
  const isDevice = /^\/(?:dev|proc)\//.test(file);
  return {
    read: (path) => {
      try {
        return readUpTo(path, MAX_POLICY);
      } catch (error) {
        return { problem: fileReason(error) ?? String(error) };
      }
    },
    list: (pattern) => {
      const [first = "", ...rest] = pattern.split("/");
      return pattern.startsWith("/") ? expand("/", rest) : expand("", [first, ...rest]);
    },
    isOutside: (path) => !(isDevice && path === file) && isOutside(project, path),
  };
}

/** What a glob's segments name below a folder ("" is the working folder), sorted; hidden names only where a segment says so. */
function expand(folder: string, segments: readonly string[]): readonly string[] {
  const [segment, ...rest] = segments;
  if (segment === undefined) return [folder];
  const at = (name: string) => (folder === "" ? name : posix.join(folder, name));
  if (!isGlob(segment)) {
    const path = at(segment);
    return existsSync(path) ? expand(path, rest) : [];
  }
  const matches = globMatcher(segment);
  return namesIn(folder === "" ? "." : folder)
    .filter((name) => matches(name) && (segment.startsWith(".") || !name.startsWith(".")))
    .sort(compareText)
    .flatMap((name) => expand(at(name), rest));
}

function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}
