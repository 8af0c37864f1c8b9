import { asset, type Escape, renderer } from "../assets/assets.js";

/**
 * The template `templates/<name>.ejs` as a function of its view, which is called `it`. `<%= %>` goes through `safe`;
 * nothing reads the clock or the environment.
 */
export function template<View extends object>(name: string, safe: Escape): (view: View) => string {
  return renderer(name, safe);
}

/** A file under `templates/` that is emitted unchanged. */
export function verbatim(name: string): string {
  return asset(`templates/${name}`);
}
