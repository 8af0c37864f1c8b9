import { posix } from "node:path";

/** An absolute path. The type excludes the empty text. */
export type AbsolutePath = `/${string}`;

/** A path with placeholders in `{}`: absolute, or below the repository. */
export type PathTemplate = AbsolutePath | `{repository}${string}`;

export function isAbsolutePath(text: string): text is AbsolutePath {
  return text.startsWith("/");
}

export function isPathTemplate(text: string): text is PathTemplate {
  return isAbsolutePath(text) || text.startsWith("{repository}");
}

/** The values of placeholders. */
export type PathValues = Readonly<Record<string, string>> & { readonly repository: AbsolutePath };

/** Fills in a template and normalizes the path. A placeholder without a value stays as it is. */
export function fillPath(template: PathTemplate, values: PathValues): AbsolutePath {
  const filled = template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
  // A template begins with `/` or with the repository, which is absolute.
  return posix.normalize(filled) as AbsolutePath;
}

/** A path of a policy for several hosts, with `{host}` filled in. */
export function pathOnHost(path: AbsolutePath, host: string): AbsolutePath {
  return path.replaceAll("{host}", host) as AbsolutePath;
}

/** A path without slashes at its end. */
export function trimmed(path: AbsolutePath): AbsolutePath {
  return path.replace(/(?<=.)\/+$/, "") as AbsolutePath;
}
