/** Quotes a text as one shell word, so that any name or path survives, and shellcheck suspects no expansion. */
export function quote(value: unknown): string {
  const text = String(value);
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text;
  return /['$`]/.test(text) ? `"${text.replace(/["$`\\]/g, "\\$&")}"` : `'${text}'`;
}

/** A text for a comment, which cannot end the comment's line. */
export function comment(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}
