import type { LIBRARY } from "../plan/files.js";
import { verbatim } from "../templates/template.js";

/** The text of a module of the shell machinery. */
export function libraryText(name: (typeof LIBRARY)[number]): string {
  return verbatim(`lib/${name}.bash`);
}
