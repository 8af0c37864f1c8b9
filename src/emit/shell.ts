/** A text as one shell word: any name or path survives, and shellcheck sees no expansion that might have been meant. */
export function quote(value: unknown): string {
  const text = String(value);
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text;
  return /['$`]/.test(text) ? `"${text.replace(/["$`\\]/g, "\\$&")}"` : `'${text}'`;
}

/** A text in a comment's line, which it cannot end. */
export function comment(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}
