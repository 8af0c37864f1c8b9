import { posix } from "node:path";

/** A path from the root on; an empty one cannot be written. */
export type AbsolutePath = `/${string}`;

/** A path with placeholders in `{}`: absolute, or below the repository. */
export type PathTemplate = AbsolutePath | `{repository}${string}`;

export function isAbsolutePath(text: string): text is AbsolutePath {
  return text.startsWith("/");
}

export function isPathTemplate(text: string): text is PathTemplate {
  return isAbsolutePath(text) || text.startsWith("{repository}");
}

/** What a path's placeholders stand for. */
export type PathValues = Readonly<Record<string, string>> & { readonly repository: AbsolutePath };

/** The path that a template stands for, without `..` and the like; a placeholder that has no value stays as it is. */
export function fillPath(template: PathTemplate, values: PathValues): AbsolutePath {
  const filled = template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
  // It begins as the template does, or as the repository.
  return posix.normalize(filled) as AbsolutePath;
}

/** A path of a fleet as it is on one of its hosts. */
export function pathOnHost(path: AbsolutePath, host: string): AbsolutePath {
  return path.replaceAll("{host}", host) as AbsolutePath;
}

/** A path without slashes at its end. */
export function trimmed(path: AbsolutePath): AbsolutePath {
  return path.replace(/(?<=.)\/+$/, "") as AbsolutePath;
}
