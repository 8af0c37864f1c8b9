const GLOB = /[*?[]/;

export function isGlob(pattern: string): boolean {
  return GLOB.test(pattern);
}

/**
 * A test for names against a shell-like pattern: `*` any run of characters, `?` one, `[a-c]` and `[!a-c]` sets.
 * A name that equals the pattern matches too, so that a name with a `*` in it can be written as it is.
 */
export function globMatcher(pattern: string): (name: string) => boolean {
  if (!isGlob(pattern)) return (name) => name === pattern;
  const source = pattern.replace(
    /\[(!?)([^\]]+)\]|[\s\S]/gu,
    (token, not: string, set: string | undefined) => {
      if (set !== undefined) return `[${not ? "^" : ""}${set.replaceAll(/[\\^[]/g, "\\$&")}]`;
      if (token === "*") return ".*";
      if (token === "?") return ".";
      return token.replace(/[.*+?^${}()|[\]\\/]/, "\\$&");
    },
  );
  const expression = compileSet(source);
  return (name) => name === pattern || (expression?.test(name) ?? false);
}

/** undefined for a set that is no set, such as `[z-a]`; then only the literal name matches. */
function compileSet(source: string): RegExp | undefined {
  try {
    return new RegExp(`^${source}$`, "su");
  } catch {
    return undefined;
  }
}

/** A pattern that matches this name and no other. */
export function literalGlob(name: string): string {
  return name.replaceAll(/[*?[]/g, "[$&]");
}

/** How exact a pattern is: a plain name beats every glob, and of two globs the one with more literal characters wins. */
export function exactness(pattern: string): number {
  return isGlob(pattern) ? pattern.replaceAll(/\[[^\]]*\]|[*?]/g, "").length : Number.POSITIVE_INFINITY;
}
