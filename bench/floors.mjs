import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { inProcess } from "./measure.mjs";

/** Files in memory at one time; the loops read them in such portions, outside of the measured time. */
const PORTION = 2000;

/** The same bytes written to the same folders by a bare loop. */
export function writeBare(plan, bare) {
  rmSync(bare, { recursive: true, force: true });
  const made = new Set();
  return inPortions(plan, (files) => {
    for (const { path, bytes, mode } of files) {
      const target = `${bare}/${path}`;
      const folder = dirname(target);
      if (!made.has(folder)) {
        mkdirSync(folder, { recursive: true });
        made.add(folder);
      }
      writeFileSync(target, bytes, { mode });
    }
  });
}

/** The same files read by a bare loop. */
export function readBare(plan) {
  const paths = filesOf(plan);
  return inProcess(() => {
    for (const path of paths) readFileSync(`${plan}/${path}`);
  });
}

/** The same JSON read by JSON.parse alone. */
export function parseBare(files) {
  return inProcess(() => {
    for (const file of files) JSON.parse(readFileSync(file, "utf8"));
  });
}

/** The same XML read and scanned by the parser alone, as tidemark sets it. */
export function scanBare(folder) {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    parseTagValue: false,
    processEntities: false,
  });
  const paths = filesOf(folder).filter((path) => path.endsWith(".xml"));
  return inProcess(() => {
    for (const path of paths) parser.parse(readFileSync(`${folder}/${path}`, "utf8"));
  });
}

export function filesOf(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function inPortions(root, work) {
  const paths = filesOf(root);
  let [seconds, cpu] = [0, 0];
  for (let at = 0; at < paths.length; at += PORTION) {
    const files = paths.slice(at, at + PORTION).map((path) => ({
      path,
      bytes: readFileSync(`${root}/${path}`),
      mode: statSync(`${root}/${path}`).mode & 0o777,
    }));
    const took = inProcess(() => work(files));
    seconds += took.seconds;
    cpu += took.cpu;
  }
  return { seconds, cpu };
}
