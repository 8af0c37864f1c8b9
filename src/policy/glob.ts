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
  const tokens = [...pattern.matchAll(/\[(!?)([^\]]+)\]|[\s\S]/gu)].map(([token, not, set]): Token => {
    if (set !== undefined) return setOf(set, not === "!");
    if (token === "*") return "*";
    return token === "?" ? () => true : (character) => character === token;
  });
  return (name) => name === pattern || matches(tokens, [...name]);
}

type Token = "*" | ((character: string) => boolean);

/** An invalid set, such as `[z-a]`, matches nothing, so only a name that equals the pattern matches. */
function setOf(set: string, not: boolean): Token {
  try {
    const expression = new RegExp(`^[${not ? "^" : ""}${set.replaceAll(/[\\^[]/g, "\\$&")}]$`, "su");
    return (character) => expression.test(character);
  } catch {
    return () => false;
  }
}

/**
 * Returns to the last `*` only, which is enough, because an earlier `*` cannot match more. So the time is at most proportional to the
 * product of both lengths; a regular expression may take exponential time.
 */
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let star: { readonly token: number; at: number } | undefined;
  for (let at = 0; at < name.length; ) {
    const wanted = tokens[token];
    if (wanted === "*") {
      star = { token, at };
      token += 1;
    } else if (wanted?.(name[at] ?? "")) {
      token += 1;
      at += 1;
    } else if (star !== undefined) {
      star.at += 1;
      at = star.at;
      token = star.token + 1;
    } else return false;
  }
  return tokens.slice(token).every((left) => left === "*");
}

/** A pattern that matches this name and no other. */
export function literalGlob(name: string): string {
  return name.replaceAll(/[*?[]/g, "[$&]");
}

/** How exact a pattern is: a plain name beats every glob, and of two globs the one with more literal characters wins. */
export function exactness(pattern: string): number {
  return isGlob(pattern) ? pattern.replaceAll(/\[[^\]]*\]|[*?]/g, "").length : Number.POSITIVE_INFINITY;
}
