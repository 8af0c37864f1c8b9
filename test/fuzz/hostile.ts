import * as fc from "fast-check";

/** What runs `canary` (a program that the tests put on the PATH) where a text is taken for shell. */
export const SHELL = [
  "$(canary)",
  "`canary`",
  "';canary;'",
  '";canary;"',
  "&canary&",
  "|canary",
  "<(canary)",
  "a[$(canary)]",
  "x[`canary`]+1",
  "$((a[$(canary)]))",
  "$" + "{IFS}canary",
  "$" + "{x:=$(canary)}",
  "$" + "{x@P}",
  "!canary",
  "#",
  "-canary",
  "--help",
  "*",
  "?",
  "~",
  "\\",
  "\\$(canary)",
  "\\`canary\\`",
  "'",
  '"',
  "'\"'\"$(canary)",
  "%s%n",
  "{a,b}",
  "=(canary)",
  "EOF",
  "TEXT",
] as const;

/** What is special to JavaScript, XML, Markdown, EJS, JSON, sed and a terminal. */
export const SPECIAL = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "<%= it %>",
  "<!--",
  "-->",
  "]]>",
  "<script>",
  "&amp;",
  "&lt;!ENTITY",
  "|a|b|",
  "[x](y)",
  "..",
  "...",
  "%00",
  "%2F",
  "$&",
  "$1",
  "\\1",
  "\\n",
  "{domain}",
  "{{x}}",
  "\u00a0",
  "\u200b",
  "\u202e",
  "\u2066",
  "\u2028",
  "\u2029",
  "\u0301",
  "\ufeff",
  "İ",
  "ß",
  "ﬁ",
  "\u{1f9ff}",
  "e\u0301",
  " ",
  "  ",
] as const;

/** What no name may hold, and what must be refused rather than passed on. */
export const FORBIDDEN = [
  "\u0000",
  "\u0007",
  "\n",
  "\r",
  "\u001b[2J",
  "\u009b2J",
  "\ud800",
  "\ufffe",
  "/",
] as const;

const plain = fc.stringMatching(/^[a-z0-9]{1,4}$/);

/** A text of one line, as nasty as a name that libvirt takes can be. */
export const nasty: fc.Arbitrary<string> = fc
  .array(fc.oneof(plain, fc.constantFrom(...SHELL), fc.constantFrom(...SPECIAL)), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(""));

/** The same, and now and then what must be refused. */
export const nastier: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: nasty },
  {
    weight: 1,
    arbitrary: fc.tuple(nasty, fc.constantFrom(...FORBIDDEN), nasty).map((parts) => parts.join("")),
  },
);
