/** A text as one shell word: any name or path survives. */
export function quote(value: unknown): string {
  const text = String(value);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text in a comment's line, which it cannot end. */
export function comment(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}
