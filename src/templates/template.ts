import { readFileSync } from "node:fs";
import ejs from "ejs";

/** Turns a value into text that is safe where the template puts it. */
export type Escape = (value: unknown) => string;

const root = new URL("../../templates/", import.meta.url);

/**
 * The template `templates/<name>.ejs` as a function of its view, which it knows as `it`.
 * `<%= %>` goes through `safe`; nothing reads the clock or the environment.
 */
export function template<View extends object>(name: string, safe: Escape): (view: View) => string {
  const text = readFileSync(new URL(`${name}.ejs`, root), "utf8");
  const render = ejs.compile(text, {
    escape: safe,
    _with: false,
    localsName: "it",
    strict: true,
    compileDebug: false,
  });
  return (view) => render(view);
}

/** A file under `templates/` that is emitted as it stands. */
export function verbatim(name: string): string {
  return readFileSync(new URL(name, root), "utf8");
}
