// `npm run build`, after tsc: embeds templates and schemas, then makes of the modules what is published.
//
//   dist/bin/         the command, in parts that are loaded when they are needed
//   dist/tidemark.mjs the command as a single file that needs nothing but Node
//   dist/library/     the library; what package.json names as dependencies stays an import
//   dist/tidemark.1 and dist/completion/, as packagers install them
import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { embedAssets } from "./assets.mjs";

process.chdir(fileURLToPath(new URL("../", import.meta.url)));

await embedAssets();

// Minified, V8 reads the command in half the time.
const parts = await bundle("dist/cli/main.js", {
  dir: "dist/bin",
  entryFileNames: "tidemark.js",
  chunkFileNames: "[name].js",
  minify: true,
});
const single = await bundle("dist/cli/main.js", {
  file: "dist/tidemark.mjs",
  codeSplitting: false,
  minify: true,
});
await bundle("dist/index.js", { file: "dist/library/index.js" }, dependencies());

writeFileSync("dist/bin/NOTICES.txt", notices(parts));
appendFileSync("dist/tidemark.mjs", `/*!\n${notices(single)}*/\n`);
for (const program of ["dist/bin/tidemark.js", "dist/tidemark.mjs"]) chmodSync(program, 0o755);

mkdirSync("dist/completion");
for (const [shell, file] of Object.entries({
  bash: "tidemark.bash",
  zsh: "_tidemark",
  fish: "tidemark.fish",
})) {
  writeFileSync(`dist/completion/${file}`, tidemark("completion", shell));
}
writeFileSync("dist/tidemark.1", tidemark("man"));

async function bundle(input, output, external = []) {
  const { output: chunks } = await build({
    input,
    external,
    platform: "node",
    output: { format: "esm", ...output },
    logLevel: "warn",
  });
  return chunks;
}

function dependencies() {
  return Object.keys(JSON.parse(readFileSync("package.json", "utf8")).dependencies);
}

function tidemark(...args) {
  return execFileSync(process.execPath, ["dist/bin/tidemark.js", ...args], { encoding: "utf8" });
}

/** The licences of the bundled packages, which must be part of every copy. */
function notices(chunks) {
  const modules = chunks.flatMap((chunk) => Object.keys(chunk.modules ?? {}));
  const packages = modules.map((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]);
  // The compiled schemas contain a function of ajv, which was bundled with them before.
  const names = [...new Set([...packages, "ajv"])].filter((name) => name !== undefined).sort();
  const texts = names.map((name) => {
    const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
    const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined ? `Licence: ${license}` : readFileSync(`node_modules/${name}/${file}`, "utf8");
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return `tidemark is under the Apache License 2.0. It holds code of these packages:\n\n${texts.join("\n\n")}`;
}
