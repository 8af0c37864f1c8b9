// Replaces the modules in dist/assets/ by modules with the same exports, in which every template and schema of the
// package is embedded: templates as functions, schemas as ajv's standalone code. Nothing is read or compiled at start.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import ejs from "ejs";
import { build } from "rolldown";

const root = new URL("../", import.meta.url);
const target = fileURLToPath(new URL("dist/assets/assets.js", root));
const version = fileURLToPath(new URL("dist/assets/version.js", root));

/** Replaces the modules that tsc wrote, and compiles with the options that they export. */
export async function embedAssets() {
  const { AJV_OPTIONS, EJS_OPTIONS, VALIDATED } = await import(target);
  writeFileSync(
    version,
    `export const VERSION = ${JSON.stringify(JSON.parse(textOf("package.json")).version)};\n`,
  );
  const paths = [...filesBelow("schemas"), ...filesBelow("templates")];
  const templates = paths.filter((path) => path.endsWith(".ejs"));
  const verbatim = paths.filter((path) => !path.endsWith(".ejs"));
  const modules = new Map(VALIDATED.map((name) => [`schema:${name}`, checkOf(name, AJV_OPTIONS)]));
  modules.set(
    "assets",
    `const texts = { ${verbatim.map((path) => `${JSON.stringify(path)}: ${JSON.stringify(textOf(path))}`).join(",\n")} };
const renderers = { ${templates.map((path) => `${JSON.stringify(path)}: ${functionOf(path, EJS_OPTIONS)}`).join(",\n")} };
const checks = { ${VALIDATED.map((name) => `${name}: () => require("schema:${name}")`).join(", ")} };
const known = (table, key) => {
  if (!Object.hasOwn(table, key)) throw new Error(\`not embedded: \${key}\`);
  return table[key];
};
export const asset = (path) => known(texts, path);
export const renderer = (name, safe) => {
  const render = known(renderers, \`templates/\${name}.ejs\`);
  return (view) => render(view, safe);
};
export const validator = (name) => known(checks, name)();`,
  );
  await build({
    input: "assets",
    platform: "node",
    plugins: [
      {
        name: "embedded",
        resolveId: (id) => (modules.has(id) ? `\0${id}` : null),
        load: (id) => modules.get(id.slice(1)) ?? null,
      },
    ],
    output: { file: target, format: "esm" },
    logLevel: "warn",
  });
}

function textOf(path) {
  return readFileSync(new URL(path, root), "utf8");
}

function filesBelow(folder) {
  return readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(fileURLToPath(root).length))
    .sort();
}

/** The source of a template's function. */
function functionOf(path, options) {
  const template = new ejs.Template(textOf(path), options);
  template.compile();
  return `function (${options.localsName}, escapeFn) {\n"use strict";\n${template.source}}`;
}

/** A module that exports the function that checks a value with a schema; it runs when it is first required. */
function checkOf(name, options) {
  const ajv = new Ajv2020({ ...options, code: { source: true } });
  return standalone.default(ajv, ajv.compile(JSON.parse(textOf(`schemas/${name}.schema.json`))));
}
